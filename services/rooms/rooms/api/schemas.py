"""What clients send and what they are answered: the GraphQL schema's inputs and types."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from matinee.clock import epoch_seconds, iso
from matinee.ids import is_id
from rooms.domain.room import (
    CODE_ALPHABET,
    CODE_LENGTH,
    DEFAULT_MAX_PARTICIPANTS,
    DEFAULT_MIN_PARTICIPANTS,
    FEWEST_PARTICIPANTS,
    MOST_GENRES,
    MOST_PARTICIPANTS,
    Match,
    MediaType,
    Movie,
    Room,
    Vote,
    normalised_code,
)


def _identifier(text: str) -> str:
    if not is_id(text):
        message = "This is no identifier of ours."
        raise ValueError(message)
    return text


def _code(text: str) -> str:
    code = normalised_code(text)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        message = f"A room code has {CODE_LENGTH} characters out of {CODE_ALPHABET}."
        raise ValueError(message)
    return code


def _few_and_distinct(genre_ids: list[int]) -> list[int]:
    if len(genre_ids) > MOST_GENRES:
        message = f"Choose {MOST_GENRES} genres at most."
        raise ValueError(message)
    if len(set(genre_ids)) != len(genre_ids):
        message = "The same genre stands here twice."
        raise ValueError(message)
    return genre_ids


type Identifier = Annotated[str, AfterValidator(_identifier)]
type Code = Annotated[str, AfterValidator(_code)]


class Input(BaseModel):
    """The base of what comes in: camelCase names, nothing unknown."""

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
        """GraphQL lets a client send null for what it could have left out."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if value is not None}
        return values


class CreateRoomInput(Input):
    """How a room is to be."""

    media_type: MediaType = Field(strict=False)
    genre_ids: Annotated[list[int], AfterValidator(_few_and_distinct)] = []
    min_participants: int = Field(
        default=DEFAULT_MIN_PARTICIPANTS, ge=FEWEST_PARTICIPANTS, le=MOST_PARTICIPANTS
    )
    max_participants: int = Field(
        default=DEFAULT_MAX_PARTICIPANTS, ge=FEWEST_PARTICIPANTS, le=MOST_PARTICIPANTS
    )

    @model_validator(mode="after")
    def _enough_seats(self) -> Self:
        if self.min_participants > self.max_participants:
            message = "minParticipants must not be above maxParticipants."
            raise ValueError(message)
        return self


class JoinRoomInput(Input):
    """Which room to join."""

    room_code: Code


class VoteInput(Input):
    """A vote."""

    room_id: Identifier
    movie_id: int
    vote: bool


class PublishUserMatchInput(Input):
    """Whom to tell of which match."""

    user_id: str
    room_id: Identifier
    movie_id: int


class RoomId(Input):
    """The argument of getRoom."""

    id: Identifier


class RoomReference(Input):
    """The argument of leaveRoom."""

    room_id: Identifier


class CodeReference(Input):
    """The argument of getRoomByCode."""

    code: Code


class Page(Input):
    """Which page of a list. Fifty rooms with all their candidates stay below Lambda's 6 MB."""

    limit: int = Field(default=20, ge=1, le=50)
    after: Identifier | None = None


class MatchPage(Page):
    """Which page of the matches."""

    limit: int = Field(default=50, ge=1, le=100)


class DeckRequest(Input):
    """How many candidates of which room."""

    room_id: Identifier
    limit: int = Field(default=3, ge=1, le=50)


def movie_type(movie: Movie) -> dict[str, Any]:
    """Return a candidate as the schema's Movie."""
    return {
        "id": movie.id,
        "title": movie.title,
        "overview": movie.overview,
        "posterPath": movie.poster_path,
        "releaseDate": movie.release_date,
        "voteAverage": movie.vote_average,
        "voteCount": movie.vote_count,
        "genreIds": list(movie.genre_ids),
        "mediaType": movie.media_type.value,
    }


def room_type(room: Room) -> dict[str, Any]:
    """Return a room as the schema's Room, but for its candidates."""
    return {
        "id": room.id,
        "code": room.code,
        "hostId": room.host_id,
        "mediaType": room.media_type.value,
        "genreIds": list(room.genre_ids),
        "participants": list(room.participants),
        "minParticipants": room.min_participants,
        "maxParticipants": room.max_participants,
        "createdAt": iso(room.created_at),
        "ttl": epoch_seconds(room.expires_at),
    }


def vote_type(vote: Vote) -> dict[str, Any]:
    """Return a vote as the schema's Vote."""
    return {
        "roomId": vote.room_id,
        "userMovieId": f"{vote.user_id}#{vote.movie_id}",
        "userId": vote.user_id,
        "movieId": vote.movie_id,
        "vote": vote.yes,
        "timestamp": iso(vote.at),
    }


def match_type(match: Match) -> dict[str, Any]:
    """Return a match as the schema's Match."""
    return {
        "roomId": match.room_id,
        "movieId": match.movie_id,
        "matchId": match.match_id,
        "title": match.title,
        "posterPath": match.poster_path,
        "mediaType": match.media_type.value,
        "matchedUsers": list(match.matched_users),
        "timestamp": iso(match.at),
    }


def user_match_event(match: Match, user_id: str) -> dict[str, Any]:
    """Return a match as the schema's UserMatchEvent for one user."""
    return {
        "userId": user_id,
        "roomId": match.room_id,
        "matchId": match.match_id,
        "movieId": match.movie_id,
        "movieTitle": match.title,
        "posterPath": match.poster_path,
        "mediaType": match.media_type.value,
        "matchedUsers": list(match.matched_users),
        "timestamp": iso(match.at),
    }
