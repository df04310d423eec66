"""Replaces one function of the emulator by another.

ministack is pinned; were a name to disappear, the emulator still runs, and says so.
"""

import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger("matinee.emulator")


def wrap(owner: Any, name: str, wrapper: Callable[[Any], Any]) -> bool:  # noqa: ANN401 - untyped modules
    """Replace a function of a module by `wrapper(function)`; False when it is not there."""
    function = getattr(owner, name, None)
    if not callable(function):
        logger.warning("%s is gone from the emulator: it is not patched", name)
        return False
    setattr(owner, name, wrapper(function))
    return True
