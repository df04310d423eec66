"""One invocation's part of erasing a user's data: a time budget, and steps that may fail alone.

An eraser blocks the user first, so that nothing new of theirs is stored, and then deletes what is
there step by step. What is still to be done is what is still stored: a crash leaves the rest to be
found again, and repeating a step changes nothing. What one invocation cannot finish goes back to
the eraser's own queue.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from matinee.errors import Unavailable
from matinee.observability import count, logger

BLOCK_TTL = timedelta(days=2)
"""How long a deleted user stays blocked: more than a day, the longest life of an access token."""

TIME_BUDGET_SECONDS = 40.0
"""After which the rest is left to the next invocation. One step takes a few seconds at most."""

type Timer = Callable[[], float]
"""A monotonic clock, in seconds."""


class DeadlineExceeded(Exception):
    """There is more to erase than one invocation can."""


@dataclass(slots=True)
class ErasureRun:
    """Counts what an invocation erases of a user, and stops it at the end of its time."""

    user_id: str
    timer: Timer = time.monotonic
    budget: float = TIME_BUDGET_SECONDS
    done: int = 0
    failed: int = 0
    _ends: float = 0.0

    def __post_init__(self) -> None:
        self._ends = self.timer() + self.budget

    def check_deadline(self) -> None:
        """Raise DeadlineExceeded when the rest is for the next invocation."""
        if self.timer() >= self._ends:
            raise DeadlineExceeded

    def each[T](
        self,
        entities: Iterable[T],
        erase: Callable[[Self, T], None],
        key: Callable[[T], object] = str,
    ) -> None:
        """Erase each entity; a failure is logged under its key and does not stop the others."""
        for entity in entities:
            self.check_deadline()
            try:
                erase(self, entity)
            except DeadlineExceeded:
                raise
            except Exception:
                logger.exception("erasure_failed", extra={"key": key(entity)})
                self.failed += 1
            else:
                self.done += 1

    def finish(self) -> None:
        """Record that everything is erased; raise Unavailable if a step failed."""
        if self.failed:
            message = f"{self.failed} entities of a deleted user are not erased yet"
            raise Unavailable(message)
        logger.info("user_erased", extra={"erased": self.done})
        count("UsersErased")

    def require_progress(self) -> None:
        """Raise Unavailable if nothing was erased in time: to continue later would not help."""
        if not self.done:
            message = "nothing could be erased in time"
            raise Unavailable(message)
        logger.info("erasure_continues", extra={"erased": self.done, "failed": self.failed})
