"""The counters of attempts, in memory."""

from datetime import datetime, timedelta

from matinee.errors import Unavailable
from matinee.rate_limits import RateLimit


class FakeAttemptCounters:
    """Counters that a test may make unavailable."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.unavailable = False

    def increment(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        self._require_available()
        key, wait = self._windowed(key, window, now)
        if self.counts.get(key, 0) >= limit:
            return wait
        self.counts[key] = self.counts.get(key, 0) + 1
        return None

    def decrement(self, key: str, window: timedelta, now: datetime) -> None:
        self._require_available()
        self.counts[self._windowed(key, window, now)[0]] -= 1

    def _windowed(self, key: str, window: timedelta, now: datetime) -> tuple[str, timedelta]:
        past = now.timestamp() % window.total_seconds()
        return f"{key}#{now.timestamp() - past}", window - timedelta(seconds=past)

    def _require_available(self) -> None:
        if self.unavailable:
            raise Unavailable


class Unlimited:
    """A rate limiter that lets everybody through."""

    def check(self, limit: RateLimit, identifier: str, source: str) -> None:
        """See RateLimiter."""

    def refund(self, limit: RateLimit, identifier: str, source: str) -> None:
        """See RateLimiter."""
