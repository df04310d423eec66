"""The functions, one a file."""

import matinee.start  # noqa: F401 - before all else
