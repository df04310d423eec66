"""Guests: users of the pool without an address, for one evening in one room."""

import secrets
from datetime import timedelta
from uuid import uuid4

GUEST_TTL = timedelta(days=7)
"""After which a guest who has not become a user is deleted: as long as a room can be open."""

_DOMAIN = "guest.invalid"
"""Reserved by RFC 2606: no mail can be sent there."""


def new_guest_address() -> str:
    """Return an address under which the pool keeps a guest: it asks for one."""
    return f"{uuid4()}@{_DOMAIN}"


def is_guest_address(email: str) -> bool:
    """Return whether an address is one that the pool keeps a guest under."""
    return email.endswith(f"@{_DOMAIN}")


def new_guest_password() -> str:
    """Return a password by the pool's rules that nobody learns: a guest has their tokens alone."""
    return f"Aa1{secrets.token_urlsafe(32)}"
