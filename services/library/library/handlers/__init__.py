"""The functions of this service, one module each."""

import matinee.start  # noqa: F401 - before all else
