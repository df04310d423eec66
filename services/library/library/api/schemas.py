"""Titles and lists as requests and answers have them, in the names of the original's clients.

Those send and read two spellings of many names (`poster_path` and `posterPath`): both are taken,
both are answered. Which fields are known is written here; any other is refused by its name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from library.api.field_types import (
    Count,
    GenreIds,
    Kind,
    Language,
    MediaId,
    Minutes,
    Moment,
    Overview,
    Path,
    Popularity,
    Rating,
    ReleaseDate,
    TitleText,
)
from library.domain.titles import Entry, MediaType, Title, TitleKey
from matinee.clock import iso

LONGEST_PAGE = 1000
"""Also what is answered unless asked otherwise: the original's client knows no second page.

It costs what is read, and one query reads 1 MB at most; of that an answer is well below 6 MB.
"""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "mediaId": ("movieId", "id"),
    "mediaType": ("media_type",),
    "title": ("name",),
    "posterPath": ("poster_path",),
    "backdropPath": ("backdrop_path",),
    "releaseDate": ("release_date", "first_air_date", "firstAirDate"),
    "voteAverage": ("vote_average",),
    "voteCount": ("vote_count",),
    "genreIds": ("genre_ids", "genres"),
    "originalLanguage": ("original_language",),
}
"""Names that mean the same; the first one that has a value counts."""

IGNORED = (
    "userId",
    "addedAt",
    "updatedAt",
    "score",
    "recommendationReason",
    "source",
    "adult",
    "video",
    "original_title",
    "original_name",
    "originalTitle",
    "originalName",
    "origin_country",
)
"""What clients send along: TMDB's other fields, a recommendation's, and what we answered before."""

type Json = dict[str, Any]


def _also_spelled(schema: Json) -> None:
    """Show the other spellings, and what is taken and not kept."""
    properties: Json = schema["properties"]
    for name, others in SPELLINGS.items():
        if name in properties:
            properties |= {other: dict(properties[name]) for other in others}
    properties |= {
        name: {"description": "Taken and not kept."} for name in IGNORED if name not in properties
    }
    schema["required"] = [name for name in schema.get("required", ()) if name != "mediaId"]
    schema["anyOf"] = [{"required": [name]} for name in ("mediaId", *SPELLINGS["mediaId"])]


class RequestBody(BaseModel):
    """A body that may have no field but those that it knows. `null` is as good as absent."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        json_schema_extra=_also_spelled,
    )

    @model_validator(mode="before")
    @classmethod
    def _in_one_spelling(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        known = {field.alias for field in cls.model_fields.values()}
        given = {
            name: value
            for name, value in values.items()
            if value is not None and (name not in IGNORED or name in known)
        }
        for name, others in SPELLINGS.items():
            if name not in known:
                continue
            found = [given.pop(one) for one in (name, *others) if one in given]
            if found:
                given[name] = found[0]
        return given


class TitleName(RequestBody):
    """Names a title on a list."""

    media_id: MediaId
    media_type: Kind = MediaType.MOVIE
    added_at: Moment | None = Field(
        default=None,
        description="The entry's `addedAt`, where known: spares us a look at the list.",
    )
    title: Any = Field(default=None, description="Taken and not needed.")

    @property
    def key(self) -> TitleKey:
        """Which title it is."""
        return TitleKey(self.media_type, self.media_id)


class TitleNameQuery(BaseModel):
    """The same in a query string, where the body may say it instead."""

    model_config = ConfigDict(
        defer_build=True, extra="ignore", frozen=True, alias_generator=to_camel
    )

    media_id: MediaId | None = None
    movie_id: MediaId | None = Field(default=None, description="The old name of `mediaId`.")
    media_type: Kind | None = Field(default=None, description="`movie` unless given.")
    added_at: Moment | None = Field(
        default=None,
        description="The entry's `addedAt`, where known: spares us a look at the list.",
    )


class NewEntry(RequestBody):
    """A title as the app shows it, to be put on a list."""

    media_id: MediaId
    media_type: Kind = Field(default=MediaType.MOVIE, description="`movie` unless given.")
    title: TitleText | None = None
    overview: Overview | None = None
    poster_path: Path | None = None
    backdrop_path: Path | None = None
    release_date: ReleaseDate | None = None
    vote_average: Rating | None = None
    vote_count: Count | None = None
    popularity: Popularity | None = None
    genre_ids: GenreIds | None = None
    runtime: Minutes | None = None
    original_language: Language | None = None

    def as_title(self) -> Title:
        """Return the title."""
        genres = self.genre_ids
        return Title(
            key=TitleKey(self.media_type, self.media_id),
            title=self.title,
            overview=self.overview,
            poster_path=self.poster_path,
            backdrop_path=self.backdrop_path,
            release_date=self.release_date,
            vote_average=self.vote_average,
            vote_count=self.vote_count,
            popularity=self.popularity,
            genre_ids=tuple(genres) if genres is not None else None,
            runtime=self.runtime,
            original_language=self.original_language,
        )


class PageQuery(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(defer_build=True, extra="ignore", frozen=True)

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = LONGEST_PAGE
    cursor: str | None = Field(
        default=None, description="The `cursor` of the part before; absent for the first one."
    )


def _both_spellings(schema: Json) -> None:
    properties: Json = schema["properties"]
    properties |= {
        _SNAKE[name]: dict(shape) for name, shape in properties.items() if name in _SNAKE
    }


_SNAKE: Mapping[str, str] = {
    name: next(other for other in others if "_" in other)
    for name, others in SPELLINGS.items()
    if any("_" in other for other in others)
}
"""Of the names that are answered twice: the one with underscores."""


class Listed(BaseModel):
    """A title on a list, in both spellings. What is not known of it is absent."""

    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_extra=_both_spellings,
    )

    media_id: str = Field(description="TMDB's id in digits; `id` is the same as a number.")
    movie_id: str = Field(description="The old name of `mediaId`.")
    id: int
    media_type: MediaType
    title: str | None = None
    overview: str | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None
    popularity: float | None = None
    genre_ids: list[int] | None = None
    runtime: int | None = None
    original_language: str | None = None
    added_at: datetime

    @field_serializer("added_at")
    def _moment(self, moment: datetime) -> str:
        return iso(moment)

    def shown(self) -> Json:
        """Return it as JSON values."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return values | {_SNAKE[name]: value for name, value in values.items() if name in _SNAKE}

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Show an entry."""
        title = entry.title
        return cls(
            media_id=str(title.key.media_id),
            movie_id=str(title.key.media_id),
            id=title.key.media_id,
            media_type=title.key.media_type,
            title=title.title,
            overview=title.overview,
            poster_path=title.poster_path,
            backdrop_path=title.backdrop_path,
            release_date=title.release_date,
            vote_average=title.vote_average,
            vote_count=title.vote_count,
            popularity=title.popularity,
            genre_ids=list(title.genre_ids) if title.genre_ids is not None else None,
            runtime=title.runtime,
            original_language=title.original_language,
            added_at=entry.added_at,
        )
