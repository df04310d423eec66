"""The entry points of the functions, one file each."""

import matinee.start  # noqa: F401 - before all else
