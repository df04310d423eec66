"""Time as a port, so that a test decides what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]
"""Returns the current time as an aware UTC datetime."""


def utc_now() -> datetime:
    """Return the system's current time, aware, in UTC."""
    return datetime.now(UTC)


def epoch_seconds(moment: datetime) -> int:
    """Return whole seconds since the epoch, as DynamoDB's TTL and AWSTimestamp need them."""
    return int(moment.timestamp())


def iso(moment: datetime) -> str:
    """Format a time as RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.000Z.

    AppSync's AWSDateTime and string sort keys in DynamoDB need one fixed width.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Parse what `iso` formatted."""
    return datetime.fromisoformat(text)
