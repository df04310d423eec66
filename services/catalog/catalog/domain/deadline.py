"""Deadlines: the time by which a response is due, passed to everything that waits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

type Monotonic = Callable[[], float]
"""Returns seconds that never decrease, as `time.monotonic` does."""

type Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds, as `asyncio.sleep` does."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock, in seconds."""

    at: float
    monotonic: Monotonic

    @classmethod
    def after(cls, seconds: float, monotonic: Monotonic) -> Self:
        """Return the deadline that is so many seconds ahead."""
        return cls(monotonic() + seconds, monotonic)

    def remaining(self) -> float:
        """Return the seconds left; 0 when the deadline has passed."""
        return max(0.0, self.at - self.monotonic())

    def allows(self, seconds: float) -> bool:
        """Return whether a wait of so many seconds ends before the deadline."""
        return seconds < self.remaining()
