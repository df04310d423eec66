"""The handlers: one module for each function, from its trigger's event to a use case."""

import matinee.start  # noqa: F401 - before all else
