"""The GraphQL schema's inputs and types of the feed."""

from typing import Any

from pydantic import Field

from matinee.clock import iso
from rooms.api.schemas import Identifier, Input, progress_type
from rooms.domain.feed import FeedEntry
from rooms.domain.person import Person

MAX_INT = 2**31 - 1


class RoomFeedSubscription(Input):
    """The argument of the subscription roomFeed."""

    room_id: Identifier


class RoomFeedArguments(Input):
    """The arguments of the query roomFeed."""

    room_id: Identifier
    after: int = Field(default=0, ge=0, le=MAX_INT)
    limit: int = Field(default=50, ge=1, le=100)


class PublishRoomFeedInput(Input):
    """The input of publishRoomFeed."""

    room_id: Identifier
    seq: int = Field(ge=1, le=MAX_INT)


def feed_entry_type(entry: FeedEntry, person: Person | None) -> dict[str, Any]:
    """Return an entry as the schema's RoomFeedEntry, with the person whom it is about."""
    return {
        "roomId": entry.room_id,
        "seq": entry.seq,
        "at": iso(entry.at),
        "kind": entry.kind.value,
        "userId": entry.user_id,
        "name": person.name if person else None,
        "avatar": person.avatar if person else None,
        "roomVersion": entry.room_version,
        "progress": progress_type(entry.progress),
        "movieId": entry.movie_id,
        "mediaType": entry.media_type.name if entry.media_type else None,
        "title": entry.title,
        "posterPath": entry.poster_path,
        "likes": entry.likes,
        "supporters": entry.supporters,
        "of": entry.participants,
        "candidates": entry.candidates,
        "by": entry.by.name if entry.by else None,
        "closesAt": iso(entry.closes_at) if entry.closes_at else None,
        "reason": entry.reason.name if entry.reason else None,
    }
