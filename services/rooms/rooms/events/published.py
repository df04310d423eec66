"""The events that the rooms service publishes, and its own reading of those of others.

The schemas of what it publishes are in contracts/events/rooms/.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from matinee.events.contract import Contract, Registry
from rooms.domain.room import MediaType

type RoomId = Annotated[str, Field(description="The room's id, a UUID.")]
type UserId = Annotated[str, Field(description="A user's Cognito sub.")]
type RoomVersion = Annotated[
    int, Field(ge=2, description="Grows with each join and leave: tells which is later.")
]
type MovieId = Annotated[
    int, Field(description="TMDB's id of the film or series, unique within its media type.")
]


class RoomsContract(Contract):
    """An event of the rooms service. It names people by their ids alone."""

    source: ClassVar[str] = "matinee.rooms"


class RoomCreated(RoomsContract):
    """A room was opened; its host is in it."""

    trigger: ClassVar[str] = "createRoom has dealt the room its candidates."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)

    room_id: RoomId
    host_id: UserId = Field(description="The user who opened the room: a Cognito sub.")
    media_type: MediaType = Field(description="Whether the room chooses among films or series.")
    genre_ids: list[int] = Field(
        max_length=2, description="TMDB's ids of the genres asked for; empty for any."
    )
    candidate_count: int = Field(ge=1, le=50, description="How many titles are to be voted on.")
    min_participants: int = Field(
        ge=2, le=50, description="A title can be a match only while this many are in the room."
    )
    max_participants: int = Field(ge=2, le=50, description="The room's capacity.")
    expires_at: AwareDatetime = Field(description="When the room closes, in UTC.")


class ParticipantJoined(RoomsContract):
    """Somebody came into a room, for the first time or again."""

    trigger: ClassVar[str] = "joinRoom seats somebody who is not in the room."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    user_id: UserId
    participant_count: int = Field(ge=1, le=50, description="How many are in the room now.")
    room_version: RoomVersion


class ParticipantLeft(RoomsContract):
    """Somebody left a room."""

    trigger: ClassVar[str] = "leaveRoom, or the end of an account, frees a seat."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    user_id: UserId
    participant_count: int = Field(ge=0, le=50, description="How many are in the room now.")
    room_version: RoomVersion


class VoteCast(RoomsContract):
    """A participant's vote on a candidate changed: his first one, or another than before."""

    trigger: ClassVar[str] = "vote changes what a participant says of a title."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")
    ordering_field: ClassVar[str] = "tally_version"

    room_id: RoomId
    user_id: UserId
    movie_id: MovieId
    vote: bool = Field(description="true: yes, false: no.")
    tally_version: int = Field(
        ge=1, description="Grows with each vote on this title in this room: tells which is later."
    )


class MatchFound(RoomsContract):
    """Everybody in a room liked the same title at the same moment."""

    trigger: ClassVar[str] = (
        "The last of those in a room likes a title, or who did not like it leaves: once a title."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")

    match_id: str = Field(description="Unique; the same in every notification of this match.")
    room_id: RoomId
    movie_id: MovieId
    media_type: MediaType = Field(description="Whether the title is a film or a series.")
    title: str = Field(description="The title, as the candidates show it.")
    poster_path: str | None = Field(
        default=None, description="A path for https://image.tmdb.org/t/p/w500; absent when none."
    )
    matched_users: list[UserId] = Field(
        min_length=2, max_length=50, description="Everybody who was in the room at that moment."
    )
    matched_at: AwareDatetime = Field(description="The moment at which they agreed, in UTC.")


class UserDeleted(Contract):
    """An account is gone: as auth's contract has it, as far as rooms read it."""

    source: ClassVar[str] = "matinee.auth"

    user_id: str = Field(min_length=1, description="The Cognito sub of the user who is gone.")


PUBLISHED = Registry([RoomCreated, ParticipantJoined, ParticipantLeft, VoteCast, MatchFound])
DETECTOR_READS = Registry([VoteCast, ParticipantJoined, ParticipantLeft])
NOTIFIER_READS = Registry([MatchFound])
ERASER_READS = Registry([UserDeleted])
