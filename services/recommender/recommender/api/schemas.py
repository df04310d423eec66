"""The bodies of requests and answers, with the field names of the original's clients.

The original takes lists of titles as one text, "1,2", and preferences in a query string as a text
of JSON. Both are taken wherever a list or an object is.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    WithJsonSchema,
)

from recommender.domain.recommendation import (
    DEFAULT_LIMIT,
    MAX_ITEMS,
    Recommendation,
    Recommendations,
    Source,
)
from recommender.domain.requests import EVERYTHING, EntityRef, RecommendationRequest
from recommender.domain.titles import MediaType, TitleKey
from recommender.use_cases.recommend_titles import RecommendationsPage
from recommender.use_cases.train_model import TrainingOutcome, TrainingReport

MAX_EXCLUDED = 1000
MAX_LIST_ENTRIES = 500
MAX_ID = 2**31 - 1
_MAX_CURSOR_CHARACTERS = 2048
_DIGITS = len(str(MAX_ID))


def _named(value: object) -> tuple[EntityRef, ...]:
    """Read titles: numbers, or texts like "550" and "movie:550", in a list or between commas."""
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, int) and not isinstance(parts, bool):
        parts = [parts]
    if not isinstance(parts, list | tuple):
        message = "must be ids, in a list or between commas"
        raise ValueError(message)  # noqa: TRY004 - pydantic makes a refusal of this
    named = (_title(part) for part in parts if not (isinstance(part, str) and not part.strip()))
    return tuple(dict.fromkeys(named))


def _title(part: object) -> EntityRef:
    text = part.strip() if isinstance(part, str) else part
    media_type: MediaType | None = None
    if isinstance(text, str):
        prefix, colon, number = text.rpartition(":")
        if colon and prefix in set(MediaType):
            media_type, text = MediaType(prefix), number
        text = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
    if isinstance(text, bool) or not isinstance(text, int) or not 1 <= text <= MAX_ID:
        message = "each must be an id like 550, or movie:550 or tv:1396"
        raise ValueError(message)
    return EntityRef(text, media_type)


def _stated(value: object) -> object:
    """Read preferences: an object, or the JSON text of one. What is empty says nothing."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            message = "must be a JSON object"
            raise ValueError(message) from error
    if not isinstance(value, Mapping):
        message = "must be a JSON object"
        raise ValueError(message)  # noqa: TRY004 - pydantic makes a refusal of this
    return value


def _empty_as_absent(value: object) -> object:
    return None if value == "" else value


def _at_most(most: int) -> AfterValidator:
    def check(named: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
        if len(named) > most:
            message = f"at most {most} titles"
            raise ValueError(message)
        return named

    return AfterValidator(check)


_ID_LIST = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
    ],
}
_ID_TEXT = {"type": "string"}

# Any, for pydantic would describe Named in every schema; what is read is a tuple of them.
Excluded = Annotated[Any, PlainValidator(_named), _at_most(MAX_EXCLUDED)]
ListEntry = Annotated[Any, PlainValidator(_named), _at_most(MAX_LIST_ENTRIES)]
Stated = Annotated[dict[str, object], BeforeValidator(_stated)]
Media = Annotated[Literal["movie", "tv", "both"] | None, BeforeValidator(_empty_as_absent)]

_MEDIA = Field(
    default=None,
    alias="mediaType",
    description="Films, series or both. Without it the preference `contentType` decides.",
)
_LIMIT = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_ITEMS, description="How many at most.")
_CURSOR = Field(
    default=None,
    max_length=_MAX_CURSOR_CHARACTERS,
    description="An answer's `nextCursor`: leads to titles that were not shown yet.",
)
_SEED = Field(
    default=0,
    ge=0,
    le=MAX_ID,
    description="Another number gives another selection; the same gives the same.",
)
_EXCLUDE = "Titles never to be answered: ids between commas. `movie:550` names a film alone."
_FAVORITES = "Favourites that complete those that are stored. They count at once."
_WATCHLIST = "Watchlist entries that complete those that are stored. They count at once."
_PREFERENCES = (
    "Preferences as in /user/preferences; a field that is given stands in for the stored one."
)


class Asking(BaseModel):
    """What is asked for, however it is sent."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, validate_by_name=False)

    media_type: Media = _MEDIA
    exclude: Excluded = ()
    favorites: ListEntry = ()
    watchlist: ListEntry = ()
    preferences: Stated = Field(default_factory=dict)
    limit: int = _LIMIT
    cursor: str | None = _CURSOR
    seed: int = _SEED

    def question(self) -> RecommendationRequest:
        """Return what is asked; `cursor` apart."""
        kinds = {"movie": {MediaType.MOVIE}, "tv": {MediaType.TV}, "both": EVERYTHING}
        return RecommendationRequest(
            media_types=frozenset(kinds[self.media_type]) if self.media_type else None,
            limit=self.limit,
            exclude=self.exclude,
            favourites=self.favorites,
            watchlist=self.watchlist,
            preferences=self.preferences,
            seed=self.seed,
        )


class RecommendationsQuery(Asking):
    """What a query string asks for."""

    exclude: Annotated[Excluded, WithJsonSchema(_ID_TEXT)] = Field(
        default=(), description=_EXCLUDE, examples=["550,movie:603"]
    )
    favorites: Annotated[ListEntry, WithJsonSchema(_ID_TEXT)] = Field(
        default=(), description=_FAVORITES, examples=["27205,157336"]
    )
    watchlist: Annotated[ListEntry, WithJsonSchema(_ID_TEXT)] = Field(
        default=(), description=_WATCHLIST
    )
    preferences: Annotated[Stated, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=dict,
        description=f"{_PREFERENCES} As JSON.",
        examples=['{"favoriteGenres":["28"]}'],
    )


class RecommendationsBody(Asking):
    """What a body asks for."""

    exclude: Annotated[Excluded, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_EXCLUDE, examples=["550,603"]
    )
    favorites: Annotated[ListEntry, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_FAVORITES, examples=[[27205, 157336]]
    )
    watchlist: Annotated[ListEntry, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_WATCHLIST
    )
    preferences: Annotated[
        Stated, WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "string"}]})
    ] = Field(default_factory=dict, description=_PREFERENCES)


class TitlePath(BaseModel):
    """Names a title."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    media_type: MediaType = Field(
        alias="mediaType", description="Whether it is a film or a series."
    )
    media_id: int = Field(alias="mediaId", ge=1, le=MAX_ID, description="TMDB's id of it.")

    @property
    def key(self) -> TitleKey:
        """The title that is named."""
        return TitleKey(self.media_type, self.media_id)


class SimilarQuery(BaseModel):
    """What a query string asks for."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    limit: int = _LIMIT
    exclude: Annotated[Excluded, WithJsonSchema(_ID_TEXT)] = Field(
        default=(), description="Ids of titles never to be answered, between commas."
    )


class Training(BaseModel):
    """What the trainer is asked for; its schedule asks for nothing special."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    train: Literal[True] = True
    anew: StrictBool = Field(
        default=False, description="Whether everybody is counted again, from the stored tastes."
    )


class _AnswerBody(BaseModel):
    model_config = ConfigDict(
        defer_build=True, frozen=True, validate_by_name=True, serialize_by_alias=True
    )


class Trained(_AnswerBody):
    """What a training run came to."""

    outcome: TrainingOutcome
    changed_users: int = Field(alias="changedUsers", description="Counted anew by this run.")
    left_for_the_next: bool = Field(
        alias="leftForTheNext", description="Whether more users have changed than there was time."
    )
    model_version: str | None = Field(alias="modelVersion")
    users: int
    titles: int
    favourites: int

    @classmethod
    def of(cls, report: TrainingReport) -> "Trained":
        """Show a report."""
        pointer = report.pointer
        return cls(
            outcome=report.outcome,
            changed_users=report.changed_users,
            left_for_the_next=report.left_for_the_next,
            model_version=pointer.version if pointer else None,
            users=pointer.users if pointer else 0,
            titles=pointer.titles if pointer else 0,
            favourites=pointer.favourites if pointer else 0,
        )


class ScoreParts(_AnswerBody):
    """What a score is made of. `score` is the sum of the first three."""

    genre: float = Field(ge=0, le=30)
    quality: float = Field(ge=0, le=30)
    personalization: float = Field(ge=0, le=40)
    diversity: float = Field(ge=0, description="Apart: for differing from the items above.")


class BecauseOf(_AnswerBody):
    """The favourite that the reason names."""

    media_type: MediaType = Field(alias="mediaType")
    media_id: str = Field(alias="mediaId", description="TMDB's id in digits.")


class Item(_AnswerBody):
    """A recommended title. Paths are for https://image.tmdb.org/t/p/w500."""

    media_id: str = Field(
        alias="mediaId",
        description="TMDB's id in digits, unique within its media type.",
        examples=["27205"],
    )
    id: int = Field(description="`mediaId` as a number.")
    media_type: MediaType = Field(alias="mediaType")
    title: str
    overview: str
    poster_path: str | None = Field(alias="posterPath")
    backdrop_path: str | None = Field(alias="backdropPath")
    release_date: str | None = Field(alias="releaseDate", description="yyyy-mm-dd.")
    vote_average: float = Field(alias="voteAverage", description="0 to 10.")
    vote_count: int = Field(alias="voteCount")
    popularity: float
    genres: str = Field(description="TMDB's genre ids between pipes.", examples=["28|12"])
    genre_ids: list[int] = Field(alias="genreIds")
    original_language: str | None = Field(alias="originalLanguage")
    runtime: int | None = Field(description="Minutes.")
    score: float = Field(ge=0, le=100)
    score_parts: ScoreParts = Field(alias="scoreParts")
    recommendation_reason: str = Field(
        alias="recommendationReason", examples=["Because you liked Inception"]
    )
    because_of: BecauseOf | None = Field(alias="becauseOf")
    relaxed: list[str] = Field(
        description="Stated limits that it does not meet: fewer than were asked for do."
    )
    is_new: bool = Field(alias="isNew", description="Too new to have been anybody's favourite.")
    media_type_: MediaType = Field(alias="media_type", description="As `mediaType`.")
    poster_path_: str | None = Field(alias="poster_path", description="As `posterPath`.")
    backdrop_path_: str | None = Field(alias="backdrop_path", description="As `backdropPath`.")
    release_date_: str | None = Field(alias="release_date", description="As `releaseDate`.")
    vote_average_: float = Field(alias="vote_average", description="As `voteAverage`.")
    vote_count_: int = Field(alias="vote_count", description="As `voteCount`.")
    genre_ids_: list[int] = Field(alias="genre_ids", description="As `genreIds`.")

    @classmethod
    def of(cls, item: Recommendation) -> "Item":
        """Show a recommendation."""
        facts, parts = item.facts, item.parts
        shown = ScoreParts(
            genre=round(parts.genre, 1),
            quality=round(parts.quality, 1),
            personalization=round(parts.personalization, 1),
            diversity=round(parts.diversity, 1),
        )
        released = facts.release_date.isoformat() if facts.release_date else None
        genre_ids = list(facts.genre_ids)
        because = item.because_of
        return cls(
            media_id=str(facts.key.id),
            id=facts.key.id,
            media_type=facts.key.media_type,
            title=facts.title,
            overview=facts.overview,
            poster_path=facts.poster_path,
            backdrop_path=facts.backdrop_path,
            release_date=released,
            vote_average=facts.vote_average,
            vote_count=facts.vote_count,
            popularity=facts.popularity,
            genres="|".join(map(str, genre_ids)),
            genre_ids=genre_ids,
            original_language=facts.original_language,
            runtime=facts.runtime,
            score=round(shown.genre + shown.quality + shown.personalization, 1),
            score_parts=shown,
            recommendation_reason=item.reason,
            because_of=BecauseOf(media_type=because.media_type, media_id=str(because.id))
            if because
            else None,
            relaxed=list(item.relaxed),
            is_new=item.new,
            media_type_=facts.key.media_type,
            poster_path_=facts.poster_path,
            backdrop_path_=facts.backdrop_path,
            release_date_=released,
            vote_average_=facts.vote_average,
            vote_count_=facts.vote_count,
            genre_ids_=genre_ids,
        )


class SimilarTitles(_AnswerBody):
    """Titles, the best first. `source` says which layer of the service spoke."""

    items: list[Item]
    source: Source = Field(
        description="model: everybody's favourites. content: the titles' own facts. request: the "
        "request's own lists, since the stored taste could not be read. catalogue: what the "
        "catalogue offers. built-in: a small list, since nothing could be read."
    )
    model_version: str | None = Field(alias="modelVersion", description="null without a model.")

    @classmethod
    def of(cls, found: Recommendations) -> "SimilarTitles":
        """Show what was found."""
        return cls(
            items=_shown(found.items), source=found.source, model_version=found.model_version
        )


class RecommendedTitles(SimilarTitles):
    """Recommended titles."""

    next_cursor: str | None = Field(
        alias="nextCursor", description="Leads to other titles; null when there are no more."
    )

    @classmethod
    def answering(cls, answered: RecommendationsPage) -> "RecommendedTitles":
        """Show what was found, and the way on."""
        found = answered.recommendations
        return cls(
            items=_shown(found.items),
            source=found.source,
            model_version=found.model_version,
            next_cursor=answered.next_cursor,
        )


def _shown(items: Iterable[Recommendation]) -> list[Item]:
    return [Item.of(item) for item in items]
