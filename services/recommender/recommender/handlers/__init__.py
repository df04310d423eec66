"""The Lambda functions: they translate, and nothing else."""

import matinee.start  # noqa: F401 - before all else
