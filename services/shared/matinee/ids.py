"""Identifiers: UUIDs of version 7 (RFC 9562), whose order is the order of their creation.

Sorted keys made of them list the newest first without an index of dates, and a page's last id is
its cursor.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from uuid6 import uuid7

type NewId = Callable[[], str]
"""Answers a new identifier, later in order than every one before."""

_VERSION = 7
_TIMESTAMP_SHIFT = 80
_FORTY_EIGHT_BITS = 0xFFFF_FFFF_FFFF


def new_id() -> str:
    """Answer a new time-ordered identifier, 36 characters."""
    return str(uuid7())


def first_id_at(moment: datetime) -> str:
    """Answer the lowest identifier that `new_id` could have made at a moment (resolution 1 ms)."""
    milliseconds = int(moment.timestamp() * 1000) & _FORTY_EIGHT_BITS
    return str(UUID(int=milliseconds << _TIMESTAMP_SHIFT))


def made_at(text: str) -> datetime | None:
    """Answer when `new_id` made an identifier (resolution 1 ms); None for any other text."""
    try:
        identifier = UUID(text)
    except ValueError:
        return None
    if identifier.version != _VERSION:
        return None
    return datetime.fromtimestamp((identifier.int >> _TIMESTAMP_SHIFT) / 1000, UTC)


def is_id(text: str) -> bool:
    """Tell whether a text has the form of an identifier."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
