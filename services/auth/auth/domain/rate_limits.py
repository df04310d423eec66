"""Rate limits against the guessing of passwords and codes (docs/adr/0012)."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

_IPV6_CUSTOMER_PREFIX = 64
"""Bits. A customer has at least one /64 network, so all its addresses count as one source."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many attempts at one operation may fail within a window of time.

    `per_identifier` counts what was typed, an address or a username; `per_source` the caller's IP.
    """

    name: str
    per_identifier: int
    per_source: int
    window: timedelta


SIGN_UP = RateLimit("signup", per_identifier=10, per_source=100, window=timedelta(minutes=15))
"""Sign-ups that are refused because something is taken; whoever repeats their own is among them."""
SIGN_IN = RateLimit("signin", per_identifier=10, per_source=100, window=timedelta(minutes=15))
VERIFY = RateLimit("verify", per_identifier=10, per_source=100, window=timedelta(minutes=15))
RESET = RateLimit("reset", per_identifier=10, per_source=100, window=timedelta(minutes=15))
SEND_CODE = RateLimit("send-code", per_identifier=5, per_source=50, window=timedelta(hours=1))
"""A request for a code sends a mail whatever comes of it, so it is never refunded."""


def source_network(source: str) -> str:
    """Return the caller that an IP address stands for: the IPv4 address or the IPv6 network."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_CUSTOMER_PREFIX), strict=False))
    return str(address)
