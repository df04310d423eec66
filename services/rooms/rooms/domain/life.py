"""The life of a room: for how long it is open, and why it has closed."""

from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_HOURS = 24
MAX_HOURS = 7 * 24
MAX_ROOM_TTL = timedelta(hours=MAX_HOURS)


class CloseReason(StrEnum):
    """Why a room has closed."""

    EXPIRED = "expired"
    CLOSED_BY_HOST = "closed_by_host"


def closing_time(created_at: datetime, ttl: timedelta) -> datetime:
    """Return when a room closes: in whole seconds, as it is stored."""
    return (created_at + ttl).replace(microsecond=0)
