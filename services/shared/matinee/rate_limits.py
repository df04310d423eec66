"""How many attempts may fail, and whose they are (docs/adr/0012)."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

_IPV6_CUSTOMER_PREFIX = 64
"""Bits. A customer has at least one /64 network, so all its addresses count as one source."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many attempts at one operation may fail within a window of time.

    `per_identifier` counts what was typed, or who typed it; `per_source` the caller's IP.
    """

    name: str
    per_identifier: int
    per_source: int
    window: timedelta


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
