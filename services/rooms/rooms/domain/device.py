"""Devices: where a user's notifications go while no socket of theirs is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

MAX_DEVICES = 10
"""Of a user."""

MAX_ENDPOINT_CHARACTERS = 1_000
"""Those of the push services of browsers have 100 to 600."""

HTTPS_PORT = 443

LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal")
"""Names that mean a machine nearby; other names are looked at once they are resolved."""

TRANSLATED_NETWORKS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))
"""Addresses of IPv6 behind which is one of IPv4, maybe a private one (RFC 6052, 8215, 3056)."""


class Platform(StrEnum):
    """Whose push service reaches a device."""

    WEB = "web"


@dataclass(frozen=True, slots=True)
class WebPushSubscription:
    """What a browser has subscribed to: PushSubscription of the W3C's Push API.

    The keys are in base64url: the browser's public key, 65 bytes, and a secret of 16 bytes.
    """

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When a device is not to be disturbed: a time of day in its own time zone, also past midnight.

    The end is no part of it.
    """

    start: time
    end: time
    time_zone: str

    def include(self, moment: datetime) -> bool:
        """Return whether a moment is within them."""
        local = moment.astimezone(ZoneInfo(self.time_zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a user. The client chooses its id."""

    user_id: str
    device_id: str
    subscription: WebPushSubscription
    created_at: datetime
    updated_at: datetime
    quiet_hours: QuietHours | None = None
    language: str | None = None
    platform: Platform = Platform.WEB

    @property
    def place(self) -> tuple[str, str]:
        """Whose it is, and its id: together they are unique."""
        return self.user_id, self.device_id

    def is_quiet(self, moment: datetime) -> bool:
        """Return whether it is not to be disturbed at a moment."""
        return self.quiet_hours is not None and self.quiet_hours.include(moment)


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """Where notifications may be sent: users give the URLs, and we send requests to them.

    `private` allows addresses of this machine and of private networks, without TLS, too: for the
    local product, whose push service is a test's. Link-local ones, where clouds keep credentials
    of machines, are never allowed.
    """

    private: bool = False

    def objection(self, endpoint: str) -> str | None:
        """Return why an endpoint is refused, as far as its text says; None for a good one."""
        if not (_is_plain(endpoint) and len(endpoint) <= MAX_ENDPOINT_CHARACTERS):
            return f"must be a URL of at most {MAX_ENDPOINT_CHARACTERS} plain characters"
        try:
            url = urlsplit(endpoint)
            host, port = (url.hostname or "").rstrip("."), url.port
        except ValueError:
            return "must be a URL"
        schemes = ("https", "http") if self.private else ("https",)
        if url.scheme not in schemes or not host or "@" in url.netloc or url.fragment:
            return "must be an https URL without a user or a fragment"
        if (self.private or port in (None, HTTPS_PORT)) and self._allows(host):
            return None
        return "must be at the port of https, in no private network"

    def admit(self, addresses: Sequence[str]) -> bool:
        """Return whether a name with these addresses may be connected to: all must be public."""
        return bool(addresses) and all(map(self._allows, addresses))

    def _allows(self, host: str) -> bool:
        """Return whether an address is allowed, or a name that may have such an address."""
        try:
            address = ip_address(host)
        except ValueError:
            is_near = host == LOCAL_NAMES[0] or host.endswith(LOCAL_NAMES[1:])
            return self.private or not is_near
        if self.private:
            return not address.is_link_local
        is_translated = any(address in network for network in TRANSLATED_NETWORKS)
        return address.is_global and not address.is_multicast and not is_translated


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and not {" ", "\\"} & set(text)
