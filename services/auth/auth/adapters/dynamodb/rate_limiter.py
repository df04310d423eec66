"""Against brute force: how often an address may be tried, and how often a caller may try.

What is counted is what was typed, whether anybody has that address or not, so that being throttled
tells nothing of who has an account. An attempt is counted before it is made, in one conditional
write, so that many at once get no more tries than many in a row; a success is given back, so that
only failures add up, and whoever shares an office's address with others may still come in.

The counters are a second fence behind the user pool's own lockout: while they cannot be had,
everybody is let through to that one, and a metric says so (docs/adr/0012).
"""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from auth.adapters.dynamodb.hashed_keys import Pseudonyms
from auth.domain.errors import TooManyAttempts
from auth.ports import Attempts
from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.observability import count, logger

_IPV6_HOUSEHOLD = 64
"""Bits of an IPv6 address that one customer holds at least: who has one of it has them all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many attempts at one thing may fail within a window of time."""

    name: str
    per_address: int
    per_source: int
    window: timedelta


SIGN_IN = Rule("signin", per_address=10, per_source=100, window=timedelta(minutes=15))
VERIFY = Rule("verify", per_address=10, per_source=100, window=timedelta(minutes=15))
RESET = Rule("reset", per_address=10, per_source=100, window=timedelta(minutes=15))
SEND_CODE = Rule("send-code", per_address=5, per_source=50, window=timedelta(hours=1))
"""Asking for a code sends a mail, whatever comes of it: it is never given back."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Keeps count of attempts under pseudonyms: no address is stored."""

    attempts: Attempts
    pseudonyms: Pseudonyms
    clock: Clock = utc_now

    def admit(self, rule: Rule, address: str, source: str) -> None:
        """Count an attempt. Raises TooManyAttempts, which says when to come back."""
        try:
            for key, limit in self._counters(rule, address, source):
                wait = self.attempts.take(key, limit, rule.window, self.clock())
                if wait is not None:
                    logger.warning("throttled", extra={"rule": rule.name})
                    count("Throttled")
                    raise TooManyAttempts(retry_after=wait.total_seconds())
        except Unavailable:
            self._blind(rule)

    def forgive(self, rule: Rule, address: str, source: str) -> None:
        """Give an attempt back that has succeeded."""
        try:
            for key, _ in self._counters(rule, address, source):
                self.attempts.give_back(key, rule.window, self.clock())
        except Unavailable:
            self._blind(rule)

    def _counters(self, rule: Rule, address: str, source: str) -> list[tuple[str, int]]:
        by_source = self.pseudonyms.of("source", _network(source))
        by_address = self.pseudonyms.of("address", address)
        return [
            (f"{rule.name}#source#{by_source}", rule.per_source),
            (f"{rule.name}#address#{by_address}", rule.per_address),
        ]

    @staticmethod
    def _blind(rule: Rule) -> None:
        logger.error("attempts_not_counted", extra={"rule": rule.name})
        count("AttemptsNotCounted")


def _network(source: str) -> str:
    """Return who a caller is: his IPv4 address, or the network of his IPv6 address."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_HOUSEHOLD), strict=False))
    return str(address)
