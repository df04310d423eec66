"""Retries: exponential backoff with full jitter, and optimistic concurrency on top of it.

Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import SystemRandom


class WriteConflict(Exception):
    """What a writer has read has changed, or another writer holds it. Nothing was written."""


type Sleep = Callable[[float], None]
type Jitter = Callable[[float, float], float]
"""Returns a random number between two bounds."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often something is tried, and the pauses in between.

    The pause after the n-th failure is random, below `initial * 2 ** (n - 1)` and below `longest`
    seconds.
    """

    attempts: int = 8
    initial: float = 0.02
    longest: float = 1.0
    sleep: Sleep = time.sleep
    jitter: Jitter = SystemRandom().uniform

    def wait(self, failures: int) -> None:
        """Sleep after so many failures in a row."""
        self.sleep(self.jitter(0, min(self.longest, self.initial * 2 ** (failures - 1))))


DEFAULT_BACKOFF = Backoff()


@dataclass(frozen=True, slots=True)
class OptimisticRetry:
    """Repeats a read and conditional write for as long as another writer comes in between.

    `conflict` is the error that means it; `exhausted` is raised when no attempt is left. Call it
    with one attempt, or iterate over it where an attempt continues with what a conflict showed.
    """

    conflict: type[Exception]
    exhausted: type[Exception]
    backoff: Backoff = field(default=DEFAULT_BACKOFF)

    def __iter__(self) -> Iterator[int]:
        """Yield the number of each attempt, after its pause; raise `exhausted` after the last."""
        for attempt in range(1, self.backoff.attempts + 1):
            if attempt > 1:
                self.backoff.wait(attempt - 1)
            yield attempt
        raise self.exhausted

    def __call__[T](self, attempt: Callable[[], T]) -> T:
        """Return the result of the first attempt without a conflict; raise `exhausted`."""
        attempts = iter(self)
        while True:
            next(attempts)
            with suppress(self.conflict):
                return attempt()
