"""Time as a port, so that a test decides what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]
"""Answers the present moment as an aware UTC datetime."""


def utc_now() -> datetime:
    """Answer the system's present moment, aware, in UTC."""
    return datetime.now(UTC)


def epoch_seconds(moment: datetime) -> int:
    """Answer a moment as whole seconds since the epoch, as DynamoDB's TTL and GraphQL take it."""
    return int(moment.timestamp())


def iso(moment: datetime) -> str:
    """Answer a moment as RFC 3339 in UTC with milliseconds, for example 2026-01-31T12:00:00.000Z.

    AppSync's AWSDateTime and a string sort in DynamoDB both want one fixed width.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Read what `iso` wrote."""
    return datetime.fromisoformat(text)
