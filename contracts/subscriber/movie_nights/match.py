"""What this team needs of Matinee's MatchFound, and nothing else of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Match:
    """A title that a room agreed on. `guests` are the subs of those who were in the room.

    A tolerant reader: a field that a later version adds is never looked at, and one that may be
    absent (`poster_path`) has a value to go on with.
    """

    event_id: str
    match_id: str
    title: str
    guests: tuple[str, ...]
    agreed_at: str
    poster_path: str | None = None

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Self:
        """Read an EventBridge event. Raises KeyError when a promised field is not there."""
        detail = event["detail"]
        data = detail["data"]
        return cls(
            event_id=detail["metadata"]["event_id"],
            match_id=data["match_id"],
            title=data["title"],
            guests=tuple(data["matched_users"]),
            agreed_at=data["matched_at"],
            poster_path=data.get("poster_path"),
        )
