"""What this team needs of Matinee's MatchFound, and nothing else of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


class Unreadable(ValueError):
    """A message that is no match and never will be."""


@dataclass(frozen=True, slots=True)
class Match:
    """A title that a room agreed on. `guests` are the subs of those who were in the room.

    A tolerant reader: a field that a later version adds is never looked at, and one that may be
    absent (`poster_path`) has a default.
    """

    event_id: str
    correlation_id: str
    match_id: str
    title: str
    guests: tuple[str, ...]
    agreed_at: str
    poster_path: str | None = None

    @classmethod
    def read(cls, body: str) -> Self:
        """Parse an EventBridge event. Raises Unreadable unless it is a whole match of major 1."""
        try:
            event: Mapping[str, Any] = json.loads(body)
            metadata, data = event["detail"]["metadata"], event["detail"]["data"]
            version = str(metadata["schema_version"])
            match = cls(
                event_id=metadata["event_id"],
                correlation_id=metadata["correlation_id"],
                match_id=data["match_id"],
                title=data["title"],
                guests=tuple(data["matched_users"]),
                agreed_at=data["matched_at"],
                poster_path=data.get("poster_path"),
            )
        except (ValueError, KeyError, TypeError) as error:
            message = f"this is no match: {error!r}"
            raise Unreadable(message) from error
        if not version.startswith("1."):
            message = f"this is no match that we know how to read: its version is {version}"
            raise Unreadable(message)
        return match
