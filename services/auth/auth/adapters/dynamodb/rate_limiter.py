"""The rate limiter: counts attempts by what was typed and by where they come from.

What was typed is counted whether such an account exists or not, so a refusal does not reveal it. An
attempt is counted before it is made, in one conditional write, so that concurrent attempts get no
further than consecutive ones; a success is refunded, so that only failures add up.

The counters stand in front of the user pool's own lockout: while they are unavailable every attempt
is let through to the pool, and a metric says so (docs/adr/0012).
"""

from dataclasses import dataclass

from auth.adapters.dynamodb.hashed_keys import KeyHasher
from auth.domain.errors import TooManyAttempts
from auth.domain.rate_limits import RateLimit, source_network
from auth.ports import AttemptCounters
from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.observability import count, logger


@dataclass(frozen=True, slots=True)
class CountingRateLimiter:
    """Counts attempts under hashed keys: no address is stored."""

    counters: AttemptCounters
    hasher: KeyHasher
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
