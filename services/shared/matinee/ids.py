"""Identifiers: UUIDs of version 7 (RFC 9562), whose order is the order of their creation.

As sort keys they list the newest first without an index of dates, and the last id of a page is its
cursor.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from uuid6 import uuid7

type NewId = Callable[[], str]
"""Returns a new identifier that sorts after every earlier one."""

_VERSION = 7
_TIMESTAMP_SHIFT = 80
_FORTY_EIGHT_BITS = 0xFFFF_FFFF_FFFF


def new_id() -> str:
    """Return a new time-ordered identifier, 36 characters."""
    return str(uuid7())


def first_id_at(moment: datetime) -> str:
    """Return the lowest identifier that `new_id` could create at a time (resolution 1 ms)."""
    milliseconds = int(moment.timestamp() * 1000) & _FORTY_EIGHT_BITS
    return str(UUID(int=milliseconds << _TIMESTAMP_SHIFT))


def created_at(text: str) -> datetime | None:
    """Return when `new_id` created an identifier (resolution 1 ms), or None for other texts."""
    try:
        identifier = UUID(text)
    except ValueError:
        return None
    if identifier.version != _VERSION:
        return None
    return datetime.fromtimestamp((identifier.int >> _TIMESTAMP_SHIFT) / 1000, UTC)


def is_id(text: str) -> bool:
    """Return whether a text has the form of an identifier."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
