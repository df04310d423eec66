"""The limit on requests a second: a token bucket."""

from collections.abc import Callable


class TokenBucket:
    """Permits ``rate`` requests a second, and up to a second's worth at once.

    A rate of 0 permits everything. ``clock`` gives seconds and never runs backwards.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._clock = clock
        self._capacity = max(1.0, rate)
        self._tokens = self._capacity
        self._filled_at = clock()

    def take(self) -> float:
        """Take a token and return 0.0, or take none and return the seconds to wait."""
        if self.rate <= 0:
            return 0.0
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self.rate
