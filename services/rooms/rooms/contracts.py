"""The events that the rooms service publishes. Their schemas are in contracts/events/rooms/."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from matinee.contract import Contract, Registry
from rooms.domain import MediaType


class RoomsContract(Contract):
    """An event of the rooms service. It names people by their ids alone."""

    source: ClassVar[str] = "matinee.rooms"


class RoomCreated(RoomsContract):
    """A room was opened; its host is in it."""

    room_id: str
    host_id: str
    media_type: MediaType
    genre_ids: list[int] = Field(max_length=2)
    candidates: int = Field(ge=1, description="How many titles there are to swipe through.")
    min_participants: int = Field(ge=2, le=50)
    max_participants: int = Field(ge=2, le=50)
    expires_at: AwareDatetime


class ParticipantJoined(RoomsContract):
    """Somebody came into a room, for the first time or again."""

    room_id: str
    user_id: str
    participants: int = Field(ge=1, description="How many are in the room now.")


class ParticipantLeft(RoomsContract):
    """Somebody left a room."""

    room_id: str
    user_id: str
    participants: int = Field(ge=0, description="How many are in the room now.")


class VoteCast(RoomsContract):
    """A participant's vote on a candidate changed: his first one, or another than before."""

    room_id: str
    user_id: str
    movie_id: int = Field(description="TMDB's id, unique within the room's media type.")
    vote: bool = Field(description="true: yes, false: no.")


class MatchFound(RoomsContract):
    """Everybody in a room liked the same title at the same moment."""

    match_id: str
    room_id: str
    movie_id: int = Field(description="TMDB's id, unique within its media type.")
    media_type: MediaType
    title: str
    poster_path: str | None = None
    matched_users: list[str] = Field(min_length=2, max_length=50)
    matched_at: AwareDatetime


PUBLISHED = Registry([RoomCreated, ParticipantJoined, ParticipantLeft, VoteCast, MatchFound])
DETECTOR_READS = Registry([VoteCast, ParticipantJoined, ParticipantLeft])
NOTIFIER_READS = Registry([MatchFound])
