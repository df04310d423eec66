"""The events that rooms publishes. Their schemas are in contracts/events/rooms/."""

from typing import Annotated, ClassVar

from pydantic import Field

from matinee.events.contract import Contract, Registry
from matinee.field_types import UtcTime
from matinee.media import MediaType
from rooms.domain.decision import DecidedBy
from rooms.domain.life import CloseReason
from rooms.domain.rule import RuleKind

type RoomId = Annotated[str, Field(description="The room's id, a UUID.")]
type UserId = Annotated[str, Field(description="A user's Cognito sub.")]
type RoomVersion = Annotated[
    int, Field(ge=2, description="Grows with each join and leave: the higher one is later.")
]
type MovieId = Annotated[
    int, Field(description="TMDB's id of the film or series, unique within its media type.")
]


class RoomsContract(Contract):
    """An event of rooms. It names people by their ids alone."""

    source: ClassVar[str] = "matinee.rooms"


class RoomCreated(RoomsContract):
    """A room was created; its host is in it."""

    schema_version: ClassVar[str] = "1.2"
    trigger: ClassVar[str] = "createRoom stores a room with its candidates."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)

    room_id: RoomId
    host_id: UserId = Field(description="The user who created the room: a Cognito sub.")
    media_type: MediaType = Field(description="The media type of the candidates: movie or tv.")
    genre_ids: list[int] = Field(
        max_length=2, description="TMDB's ids of the requested genres, two at most; empty for any."
    )
    candidate_count: int = Field(ge=1, le=50, description="How many candidates the room has.")
    min_participants: int = Field(
        ge=2,
        le=50,
        description="The fewest participants with which a title can be a match.",
    )
    max_participants: int = Field(ge=2, le=50, description="The room's capacity.")
    expires_at: UtcTime = Field(description="When the room closes, in UTC.")
    further_genre_ids: list[int] | None = Field(
        default=None, max_length=18, description="The requested genres after the first two."
    )
    media_types: list[MediaType] | None = Field(
        default=None, description="For a room of films and series: both. Absent: media_type alone."
    )


class ParticipantJoined(RoomsContract):
    """A user joined a room, for the first time or again."""

    trigger: ClassVar[str] = "joinRoom adds a participant to a room."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    user_id: UserId
    participant_count: int = Field(ge=1, le=50, description="How many participants there are now.")
    room_version: RoomVersion


class ParticipantLeft(RoomsContract):
    """A participant left a room, by themselves or because its host removed them."""

    schema_version: ClassVar[str] = "1.1"
    trigger: ClassVar[str] = (
        "leaveRoom, removeParticipant, or the deletion of an account, removes a participant."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    user_id: UserId
    participant_count: int = Field(ge=0, le=50, description="How many participants there are now.")
    room_version: RoomVersion
    removed: bool | None = Field(
        default=None,
        description="true when the host removed them: ParticipantRemoved tells it, too, with the"
        " same room_version; absent otherwise.",
    )


class ParticipantRemoved(RoomsContract):
    """A room's host removed a participant, who cannot join it again: ParticipantLeft's reason."""

    trigger: ClassVar[str] = "removeParticipant removes a participant, beside ParticipantLeft."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    user_id: UserId
    removed_by: UserId = Field(description="The room's host: a Cognito sub.")
    participant_count: int = Field(ge=1, le=50, description="How many participants there are now.")
    room_version: RoomVersion


class RoomExtended(RoomsContract):
    """A room stays open for longer than it would have."""

    trigger: ClassVar[str] = "extendRoom moves the time at which a room closes."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "room_version"

    room_id: RoomId
    expires_at: UtcTime = Field(description="When the room closes now, in UTC: it only gets later.")
    room_version: RoomVersion


class RoomClosed(RoomsContract):
    """A room has closed: nobody joins, votes or decides there any more. Its matches stay."""

    trigger: ClassVar[str] = (
        "closeRoom closes a room, or its time is over: within a minute of it. Once for each room."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)

    room_id: RoomId
    reason: CloseReason = Field(
        description="expired: its time is over, or its last participants' accounts are deleted;"
        " closed_by_host: the host has closed it."
    )
    closed_at: UtcTime = Field(
        description="Since when it has been closed, in UTC: of an expired room the end of its time,"
        " not the moment at which that was noticed."
    )
    participant_count: int = Field(ge=0, le=50, description="How many were in it then.")
    room_version: RoomVersion


class VoteCast(RoomsContract):
    """A participant's vote on a candidate changed: a first one, another one, or taken back."""

    schema_version: ClassVar[str] = "1.4"
    trigger: ClassVar[str] = "vote stores a participant's first or changed vote, or takes it back."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")
    ordering_field: ClassVar[str] = "tally_version"

    room_id: RoomId
    user_id: UserId
    movie_id: MovieId
    vote: bool = Field(description="true: yes, false: no, or no vote any more (withdrawn).")
    tally_version: int = Field(
        ge=1,
        description="Grows with each vote on the title in the room: the higher one is later.",
    )
    withdrawn: bool | None = Field(
        default=None,
        description="true when the vote was taken back, and vote is false; absent otherwise.",
    )
    seen: bool | None = Field(
        default=None,
        description="Whether they have seen the title already; absent when they did not say.",
    )
    media_type: MediaType | None = Field(
        default=None, description="The media type of the title: movie or tv."
    )
    agreed: bool | None = Field(
        default=None,
        description="Whether the room has agreed on the title, by this vote or before it.",
    )
    title: str | None = Field(
        default=None, description="The name of a title that they have seen; absent otherwise."
    )
    poster_path: str | None = Field(
        default=None, description="The poster of a title that they have seen; absent otherwise."
    )


class DeckDealt(RoomsContract):
    """Further candidates were dealt to a room, after those that it had: the same for everybody."""

    schema_version: ClassVar[str] = "1.1"
    trigger: ClassVar[str] = "dealMore adds candidates to a room."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "candidate_count"

    room_id: RoomId
    movie_ids: list[MovieId] = Field(
        min_length=1, max_length=25, description="Those that were dealt, in the room's order."
    )
    media_type: MediaType = Field(
        description="Their media type, movie or tv: of the first one, if there are media_types."
    )
    candidate_count: int = Field(
        ge=2, le=200, description="How many candidates the room has now: it only grows."
    )
    media_types: list[MediaType] | None = Field(
        default=None,
        description="In a room of films and series: that of each of movie_ids. Absent: media_type.",
    )


class MatchFound(RoomsContract):
    """A room agreed on a title by its rule; by default everybody in it liked it at one moment."""

    schema_version: ClassVar[str] = "1.1"
    trigger: ClassVar[str] = (
        "A vote, a join or a leave makes the votes on a title meet the room's rule: once a title."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")

    match_id: str = Field(description="Unique; the same in every notification of this match.")
    room_id: RoomId
    movie_id: MovieId
    media_type: MediaType = Field(description="The media type of the title: movie or tv.")
    title: str = Field(description="The title, as the candidates show it.")
    poster_path: str | None = Field(
        default=None, description="A path for https://image.tmdb.org/t/p/w500; absent when none."
    )
    matched_users: list[UserId] = Field(
        min_length=2, max_length=50, description="Everybody who was in the room at that moment."
    )
    matched_at: UtcTime = Field(description="When they agreed, in UTC.")
    rule: RuleKind | None = Field(
        default=None,
        description="all: everybody liked it; at_least: enough did; no_veto: enough did, and "
        "nobody disliked it.",
    )
    at_least: int | None = Field(
        default=None, ge=2, le=50, description="How many likes at_least asks for; absent otherwise."
    )
    likes: int | None = Field(
        default=None, ge=2, le=50, description="How many of matched_users liked it then."
    )


class TitleProposed(RoomsContract):
    """A participant proposed what to watch, which decided nothing yet. It does not say who."""

    trigger: ClassVar[str] = "propose stores a participant's proposal, short of a majority."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "proposals_version"

    room_id: RoomId
    movie_id: MovieId
    media_type: MediaType = Field(description="The media type of the title: movie or tv.")
    title: str = Field(description="The title, as the candidates show it.")
    poster_path: str | None = Field(
        default=None, description="A path for https://image.tmdb.org/t/p/w500; absent when none."
    )
    supporters: int = Field(ge=1, le=50, description="How many participants propose it now.")
    participant_count: int = Field(ge=1, le=50, description="How many participants there are.")
    proposals_version: int = Field(
        ge=1, description="Grows with each proposal in the room: the higher one is later."
    )


class RoomDecided(RoomsContract):
    """A room decided what to watch: its host did, or a majority of its participants."""

    trigger: ClassVar[str] = (
        "The host decides, or a proposal or a change of membership makes a majority: once a room."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)

    decision_id: str = Field(description="Unique; the same in every notification of it.")
    room_id: RoomId
    movie_id: MovieId
    media_type: MediaType = Field(description="The media type of the title: movie or tv.")
    title: str = Field(description="The title, as the candidates show it.")
    poster_path: str | None = Field(
        default=None, description="A path for https://image.tmdb.org/t/p/w500; absent when none."
    )
    decided_by: DecidedBy = Field(description="host or majority.")
    participants: list[UserId] = Field(
        min_length=1, max_length=50, description="Everybody who was in the room at that moment."
    )
    decided_at: UtcTime = Field(description="When it was decided, in UTC.")


class CrewInvited(RoomsContract):
    """The people of a crew were invited to a room that one of them has started."""

    trigger: ClassVar[str] = "startRoom creates a room for a crew that has other people."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)

    room_id: RoomId
    crew_id: str = Field(description="The crew's id, a UUID.")
    invited_by: UserId = Field(description="Who started the room, its host: a Cognito sub.")
    invited: list[UserId] = Field(
        min_length=1, max_length=19, description="The other people of the crew at that moment."
    )
    invited_at: UtcTime = Field(description="When, in UTC.")


PUBLISHED = Registry(
    [
        RoomCreated,
        DeckDealt,
        ParticipantJoined,
        ParticipantLeft,
        ParticipantRemoved,
        RoomExtended,
        RoomClosed,
        VoteCast,
        MatchFound,
        TitleProposed,
        RoomDecided,
        CrewInvited,
    ]
)
