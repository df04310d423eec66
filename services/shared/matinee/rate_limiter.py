"""The rate limiter against guessing: counts attempts by who or what, and by where they come from.

What was typed is counted whether it exists or not, so a refusal does not reveal it. An attempt is
counted before it is made, in one conditional write, so that concurrent attempts get no further than
consecutive ones; a success is refunded, so that only failures add up. While the counters are
unavailable every attempt is let through, and a metric says so (docs/adr/0012).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from matinee.clock import Clock, utc_now
from matinee.errors import TooManyAttempts, Unavailable
from matinee.observability import count, logger
from matinee.rate_limits import RateLimit, source_network


class AttemptCounters(Protocol):
    """Counters of attempts within windows of time. Every method may raise Unavailable."""

    def increment(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        """Count one attempt in one write, unless the limit is reached.

        Returns None when it was counted, otherwise the time until the window ends.
        """
        ...

    def decrement(self, key: str, window: timedelta, now: datetime) -> None:
        """Count one attempt less."""
        ...


class Hasher(Protocol):
    """Turns what is counted into keys that name nobody."""

    def hash(self, kind: str, text: str) -> str:
        """Return the hash of a text among those of its kind. May raise Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class CountingRateLimiter:
    """Counts attempts under hashed keys: no address is stored."""

    counters: AttemptCounters
    hasher: Hasher
    clock: Clock = utc_now

    def check(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Count an attempt. Raises TooManyAttempts with the time to wait."""
        try:
            for key, maximum in self._counters(limit, identifier, source):
                wait = self.counters.increment(key, maximum, limit.window, self.clock())
                if wait is not None:
                    logger.warning("throttled", extra={"limit": limit.name})
                    count("Throttled")
                    raise TooManyAttempts(retry_after=wait.total_seconds())
        except Unavailable:
            _report_uncounted(limit)

    def refund(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Take back the count of an attempt that has succeeded."""
        try:
            for key, _ in self._counters(limit, identifier, source):
                self.counters.decrement(key, limit.window, self.clock())
        except Unavailable:
            _report_uncounted(limit)

    def _counters(self, limit: RateLimit, identifier: str, source: str) -> list[tuple[str, int]]:
        by_source = self.hasher.hash("source", source_network(source))
        by_identifier = self.hasher.hash("address", identifier)
        return [
            (f"{limit.name}#source#{by_source}", limit.per_source),
            (f"{limit.name}#address#{by_identifier}", limit.per_identifier),
        ]


def _report_uncounted(limit: RateLimit) -> None:
    logger.error("attempts_not_counted", extra={"limit": limit.name})
    count("AttemptsNotCounted")
