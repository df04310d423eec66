"""The GraphQL schema's inputs and types. Its enum MediaType (MOVIE, TV) is mapped here alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from matinee.clock import epoch_seconds, iso
from matinee.filter_input import FilterInput
from matinee.filters import NO_FILTERS, Filters
from matinee.ids import is_id
from matinee.languages import COUNTRY_PATTERN, LANGUAGE_PATTERN
from matinee.media import GENRES, MediaType
from rooms.domain.deal import DeckSource, DeckWish, HideSeen
from rooms.domain.decision import Decision, Proposals
from rooms.domain.life import DEFAULT_HOURS, MAX_HOURS
from rooms.domain.match import Match
from rooms.domain.person import Person
from rooms.domain.presence import Participant, Presence, Progress
from rooms.domain.room import (
    DEFAULT_MAX_PARTICIPANTS,
    DEFAULT_MIN_PARTICIPANTS,
    MAX_DECK,
    MAX_GENRES,
    MAX_PARTICIPANTS,
    MIN_PARTICIPANTS,
    Movie,
    Room,
)
from rooms.domain.room_code import CODE_ALPHABET, CODE_LENGTH, normalize_room_code
from rooms.domain.rule import RuleKind
from rooms.domain.standings import Standing
from rooms.domain.tally import Vote


def _media_type(name: object) -> MediaType:
    """Parse the name of a value of the schema's enum."""
    if not isinstance(name, str) or name not in MediaType.__members__:
        message = f"Input should be one of {', '.join(MediaType.__members__)}."
        raise ValueError(message)
    return MediaType[name]


def _named[Name: StrEnum](names: type[Name]) -> Callable[[object], Name]:
    """Return a parser of the names of the values of one of the schema's enums."""

    def parse(name: object) -> Name:
        if not isinstance(name, str) or name not in names.__members__:
            message = f"Input should be one of {', '.join(names.__members__)}."
            raise ValueError(message)
        return names[name]

    return parse


def _rule_kind(name: object) -> RuleKind:
    """Parse the name of a value of the schema's enum."""
    if not isinstance(name, str) or name not in RuleKind.__members__:
        message = f"Input should be one of {', '.join(RuleKind.__members__)}."
        raise ValueError(message)
    return RuleKind[name]


def _identifier(text: str) -> str:
    if not is_id(text):
        message = "This is no identifier of ours."
        raise ValueError(message)
    return text


def _code(text: str) -> str:
    code = normalize_room_code(text)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        message = f"A room code has {CODE_LENGTH} characters out of {CODE_ALPHABET}."
        raise ValueError(message)
    return code


def _few_and_distinct(genre_ids: list[int]) -> list[int]:
    if len(genre_ids) > MAX_GENRES:
        message = f"Choose {MAX_GENRES} genres at most."
        raise ValueError(message)
    if len(set(genre_ids)) != len(genre_ids):
        message = "The same genre stands here twice."
        raise ValueError(message)
    return genre_ids


def _distinct_types(media_types: list[MediaType]) -> list[MediaType]:
    if len(set(media_types)) != len(media_types):
        message = "The same media type stands here twice."
        raise ValueError(message)
    return media_types


type Identifier = Annotated[str, AfterValidator(_identifier)]
type Code = Annotated[str, AfterValidator(_code)]


class Input(BaseModel):
    """The base of the inputs: camelCase names, unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        strict=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _explicit_nulls_are_defaults(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
        """Drop nulls: GraphQL lets a client send them for what it could have left out."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if value is not None}
        return values


class RoomFilterInput(FilterInput):
    """The filters of a room, in which its host may mean their own platforms."""

    platforms: Literal["MINE"] | None = None

    @model_validator(mode="after")
    def _one_way_to_name_providers(self) -> Self:
        if self.platforms and self.provider_ids:
            message = "platforms and providerIds: say one of them"
            raise ValueError(message)
        return self


class CreateRoomInput(Input):
    """The input of createRoom."""

    media_types: Annotated[
        list[Annotated[MediaType, BeforeValidator(_media_type)]], AfterValidator(_distinct_types)
    ] = []
    media_type: Annotated[MediaType, BeforeValidator(_media_type)] | None = None
    genre_ids: Annotated[list[int], AfterValidator(_few_and_distinct)] = []
    min_participants: int = Field(
        default=DEFAULT_MIN_PARTICIPANTS, ge=MIN_PARTICIPANTS, le=MAX_PARTICIPANTS
    )
    max_participants: int = Field(
        default=DEFAULT_MAX_PARTICIPANTS, ge=MIN_PARTICIPANTS, le=MAX_PARTICIPANTS
    )
    idempotency_key: str | None = Field(default=None, pattern=r"^[!-~]{1,128}$")
    rule: Annotated[RuleKind, BeforeValidator(_rule_kind)] = RuleKind.ALL
    at_least: int | None = Field(default=None, ge=MIN_PARTICIPANTS, le=MAX_PARTICIPANTS)
    source: Annotated[DeckSource, BeforeValidator(_named(DeckSource))] = DeckSource.DISCOVER
    filters: RoomFilterInput | None = None
    hide_seen_by: Annotated[HideSeen, BeforeValidator(_named(HideSeen))] = HideSeen.ANYBODY
    closes_after_hours: int = Field(default=DEFAULT_HOURS, ge=1, le=MAX_HOURS)

    @model_validator(mode="after")
    def _minimum_below_maximum(self) -> Self:
        if self.min_participants > self.max_participants:
            message = "minParticipants must not be above maxParticipants."
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _at_least_belongs_to_its_rule(self) -> Self:
        if (self.rule is RuleKind.AT_LEAST) is not (self.at_least is not None):
            message = "The rule AT_LEAST needs atLeast, and the others take none."
            raise ValueError(message)
        if self.at_least is not None and self.at_least > self.max_participants:
            message = "atLeast must not be above maxParticipants."
            raise ValueError(message)
        return self

    @model_validator(mode="before")
    @classmethod
    def _explicit_nulls_are_defaults(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
        """Drop nulls, but for the media type where none is given: its own rule refuses it."""
        if not isinstance(values, dict):
            return values
        given = {name: value for name, value in values.items() if value is not None}
        return given if given.get("mediaTypes") else {"mediaType": None} | given

    @field_validator("media_type")
    @classmethod
    def _one_of_both_ways(cls, media_type: MediaType | None, info: ValidationInfo) -> object:
        if bool(media_type) == bool(info.data.get("media_types", True)):
            message = "Say mediaType, or mediaTypes for films and series."
            raise ValueError(message)
        return media_type

    @field_validator("genre_ids")
    @classmethod
    def _known_to_one_type(cls, genre_ids: list[int], info: ValidationInfo) -> list[int]:
        unknown = [genre for genre in genre_ids if genre not in GENRES]
        if unknown and len(_types(info.data)) > 1:
            message = f"{unknown[0]} is no genre of films or series."
            raise ValueError(message)
        return genre_ids

    @field_validator("filters")
    @classmethod
    def _known_of_the_types(
        cls, filters: RoomFilterInput | None, info: ValidationInfo
    ) -> RoomFilterInput | None:
        types = _types(info.data)
        if filters and types:
            filters.for_media_types(types)
            for media_type in types if info.data.get("source") is DeckSource.DISCOVER else ():
                filters.require_known_of(media_type)
        return filters

    @property
    def types(self) -> tuple[MediaType, ...]:
        """The media types, films first."""
        return _types({"media_types": self.media_types, "media_type": self.media_type})

    @property
    def room_filters(self) -> Filters:
        """The filters."""
        return self.filters.for_media_types(self.types) if self.filters else NO_FILTERS


def _types(given: Mapping[str, Any]) -> tuple[MediaType, ...]:
    """Return the media types of what could be validated so far."""
    alone = given.get("media_type")
    return tuple(sorted(given.get("media_types") or ([alone] if alone else [])))


class JoinRoomInput(Input):
    """The input of joinRoom."""

    room_code: Code


class VoteInput(Input):
    """The input of vote. A null vote is not the same as none: it takes the vote back."""

    room_id: Identifier
    movie_id: int
    vote: bool | None
    seen: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _explicit_nulls_are_defaults(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
        return values

    @model_validator(mode="after")
    def _seen_comes_with_a_vote(self) -> Self:
        if self.vote is None and self.seen is not None:
            message = "A vote that is taken back takes no seen."
            raise ValueError(message)
        return self


class PublishUserMatchInput(Input):
    """The input of publishUserMatch: the match and its recipient."""

    user_id: str
    room_id: Identifier
    movie_id: int


class PublishUserDecisionInput(Input):
    """The input of publishUserDecision: the room and the recipient."""

    user_id: str
    room_id: Identifier


class CandidateArguments(Input):
    """The arguments of decide and propose."""

    room_id: Identifier
    movie_id: int


class RoomDecisionArguments(Input):
    """The argument of roomDecision."""

    room_id: Identifier


class ShownArguments(Input):
    """The arguments of whatever shows candidates: who looks at them (`rooms.api.cards`)."""

    language: str | None = Field(default=None, pattern=LANGUAGE_PATTERN)
    country: str | None = Field(default=None, pattern=COUNTRY_PATTERN)


class GetRoomArguments(ShownArguments):
    """The argument of getRoom."""

    id: Identifier


class LeaveRoomArguments(ShownArguments):
    """The argument of leaveRoom."""

    room_id: Identifier


class HeartbeatArguments(Input):
    """The argument of heartbeat."""

    room_id: Identifier


class ExtendRoomArguments(Input):
    """The arguments of extendRoom."""

    room_id: Identifier
    closes_after_hours: int = Field(ge=1, le=MAX_HOURS)


class CloseRoomArguments(Input):
    """The argument of closeRoom."""

    room_id: Identifier


class RemoveParticipantArguments(Input):
    """The arguments of removeParticipant."""

    room_id: Identifier
    user_id: str = Field(min_length=1, max_length=128)


class DealMoreArguments(ShownArguments):
    """The arguments of dealMore."""

    room_id: Identifier
    known: int | None = Field(default=None, ge=1, le=MAX_DECK)


class RoomCodeArguments(ShownArguments):
    """The argument of getRoomByCode, and of joinRoom without its input."""

    code: Code


class MyVotesArguments(Input):
    """The argument of myVotes."""

    room_id: Identifier


class RoomMatchesArguments(Input):
    """The argument of roomMatches."""

    room_id: Identifier


class RoomPageArguments(ShownArguments):
    """The arguments of getMyRooms. Fifty rooms with all candidates stay below Lambda's 6 MB."""

    limit: int = Field(default=20, ge=1, le=50)
    after: Identifier | None = None


class MatchPageArguments(Input):
    """The arguments of getMyMatches."""

    limit: int = Field(default=50, ge=1, le=100)
    after: Identifier | None = None


class DeckArguments(ShownArguments):
    """The arguments of deck."""

    room_id: Identifier
    limit: int = Field(default=1, ge=1, le=50)


class StandingsArguments(Input):
    """The arguments of standings."""

    room_id: Identifier
    limit: int = Field(default=5, ge=1, le=50)


_movies = TypeAdapter(list[Movie], config=ConfigDict(alias_generator=to_camel, defer_build=True))


def movie_types(movies: Sequence[Movie]) -> list[dict[str, Any]]:
    """Return candidates as the schema's Movie."""
    values = _movies.dump_python(list(movies), by_alias=True, mode="json")
    return [
        value | {"mediaType": movie.media_type.name}
        for value, movie in zip(values, movies, strict=True)
    ]


def room_type(room: Room) -> dict[str, Any]:
    """Return a room as the schema's Room, but for its candidates."""
    return {
        "id": room.id,
        "code": room.code,
        "hostId": room.host_id,
        "mediaType": room.media_type.name,
        "mediaTypes": [media_type.name for media_type in room.media_types],
        "genreIds": list(room.genre_ids),
        "source": room.source.value,
        "participants": list(room.participants),
        "minParticipants": room.min_participants,
        "maxParticipants": room.max_participants,
        "rule": room.rule.kind.name,
        "atLeast": room.rule.at_least,
        "createdAt": iso(room.created_at),
        "ttl": epoch_seconds(room.expires_at),
        "closesAt": iso(room.expires_at),
        "closeReason": room.closed and room.closed.name,
    }


def standing_type(standing: Standing) -> dict[str, Any]:
    """Return how a title stands as the schema's Standing."""
    return {
        "movieId": standing.tally.movie_id,
        "title": standing.tally.title,
        "posterPath": standing.tally.poster_path,
        "mediaType": standing.tally.media_type.name,
        "likes": standing.likes,
        "of": standing.participants,
        "missing": standing.missing,
    }


def outside(room: Room) -> dict[str, Any]:
    """Return a room as the schema's Room to whoever is not in it: nothing of who is, and what."""
    return room_type(room) | {"hostId": "", "participants": [], "people": [], "candidates": []}


def participant_type(participant: Participant) -> dict[str, Any]:
    """Return a participant as the schema's Participant."""
    person, joined_at = participant.person, participant.presence.joined_at
    return {
        "userId": participant.user_id,
        "name": person.name if person else None,
        "avatar": person.avatar if person else None,
        "isHost": participant.is_host,
        "isGuest": person.is_guest if person else None,
        "joinedAt": iso(joined_at) if joined_at else None,
        "progress": progress_type(participant.progress),
        "isPresent": participant.is_present,
    }


def presence_type(presence: Presence) -> dict[str, str | None]:
    """Return when somebody joined, and when they were last heard of."""
    joined, seen = presence.joined_at, presence.seen_at
    return {"joinedAt": iso(joined) if joined else None, "seenAt": iso(seen) if seen else None}


def progress_type(progress: Progress | None) -> dict[str, int] | None:
    """Return how far somebody has come as the schema's Progress."""
    return asdict(progress) if progress else None


def preview_type(room: Room, host: Person | None) -> dict[str, Any]:
    """Return a room as the schema's RoomPreview."""
    return {
        "hostName": host.name if host else None,
        "people": len(room.participants),
        "seats": room.max_participants,
        "filters": filters_type(room.wish),
        "closesAt": iso(room.expires_at),
    }


def filters_type(wish: DeckWish) -> dict[str, Any]:
    """Return what candidates are limited to as the schema's ChosenFilters."""
    filters = {to_camel(name): value for name, value in asdict(wish.filters).items()}
    return {
        "mediaType": wish.media_types[0].name,
        "mediaTypes": [media_type.name for media_type in wish.media_types],
        "genreIds": list(wish.genre_ids),
        **{name: list(it) if isinstance(it, tuple) else it for name, it in filters.items()},
    }


def vote_type(vote: Vote) -> dict[str, Any]:
    """Return a vote as the schema's Vote."""
    return {
        "roomId": vote.room_id,
        "userMovieId": f"{vote.user_id}#{vote.movie_id}",
        "userId": vote.user_id,
        "movieId": vote.movie_id,
        "vote": vote.yes,
        "seen": vote.seen,
        "timestamp": iso(vote.at),
    }


def match_type(match: Match) -> dict[str, Any]:
    """Return a match as the schema's Match."""
    return {
        "roomId": match.room_id,
        "movieId": match.movie_id,
        "matchId": match.match_id,
        "id": match.match_id,
        "title": match.title,
        "posterPath": match.poster_path,
        "mediaType": match.media_type.name,
        "matchedUsers": list(match.matched_users),
        "rule": match.rule.kind.name,
        "likes": match.likes or len(match.matched_users),
        "timestamp": iso(match.at),
    }


def decision_type(decision: Decision) -> dict[str, Any]:
    """Return a decision as the schema's Decision."""
    return {
        "decisionId": decision.decision_id,
        "roomId": decision.room_id,
        "movieId": decision.movie_id,
        "title": decision.title,
        "posterPath": decision.poster_path,
        "mediaType": decision.media_type.name,
        "by": decision.by.name,
        "timestamp": iso(decision.at),
    }


def proposal_type(room: Room, proposals: Proposals, movie_id: int) -> dict[str, Any]:
    """Return how a proposed title stands as the schema's Proposal."""
    decision = proposals.decision
    return {
        "roomId": room.id,
        "movieId": movie_id,
        "supporters": proposals.count(room, movie_id),
        "of": len(room.participants),
        "decision": decision_type(decision) if decision else None,
    }


def user_decision_event(decision: Decision, user_id: str) -> dict[str, Any]:
    """Return a decision as the schema's UserDecisionEvent for one user."""
    event = decision_type(decision)
    event["movieTitle"] = event.pop("title")
    return {"userId": user_id, **event}


def user_match_event(match: Match, user_id: str) -> dict[str, Any]:
    """Return a match as the schema's UserMatchEvent for one user."""
    event = match_type(match)
    del event["id"]
    event["movieTitle"] = event.pop("title")
    return {"userId": user_id, **event}
