"""Asynchronous use cases for a function that handles one request at a time."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from catalog.domain.deadline import Deadline, Monotonic


@dataclass(frozen=True, slots=True)
class DeadlineRunner:
    """Runs coroutines one after the other, each within `seconds` from its start.

    One event loop serves all requests of an instance, so that connections to TMDB stay open.
    """

    seconds: float
    runner: asyncio.Runner
    monotonic: Monotonic = time.monotonic

    def __call__[T](self, start: Callable[[Deadline], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a coroutine that is started with its deadline."""
        return self.runner.run(start(Deadline.after(self.seconds, self.monotonic)))
