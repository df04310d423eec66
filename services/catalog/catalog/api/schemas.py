"""What clients of the public catalogue send and get, with the field names of the original's."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel

from catalog.domain import CachedTitle, ListKey, ListPage, ListType, MediaType, Title, TitleId
from catalog.use_cases.browse_media import Served, normalised
from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS

MOST_EXCLUDED = 150
HIGHEST_ID = 2**31 - 1
LONGEST_SEARCH = 100

type Kind = Literal["movie", "tv"]


def _digits(value: object) -> object:
    """Read a whole number as a query string has it: digits alone, no sign and no space."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,10}", value):
        message = "must be a whole number"
        raise ValueError(message)
    return int(value)


def _ids(value: object) -> object:
    return [part.strip() for part in str(value).split(",") if part.strip()]


def _searchable(text: str) -> str:
    if not normalised(text).isprintable() or not normalised(text):
        message = "must have something to look for"
        raise ValueError(message)
    return text


Id = Annotated[int, BeforeValidator(_digits), Field(ge=1, le=HIGHEST_ID)]


def media_type_of(kind: Kind) -> MediaType:
    """Return the media type that a path or a query names."""
    return MediaType(kind.upper())


class _Asked(BaseModel):
    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )


class ListQuery(_Asked):
    """Which part of which list."""

    media_type: Kind = "movie"
    genre_id: Id | None = Field(default=None, description="One of GET /media/genres.")
    list_type: ListType | None = Field(
        default=None,
        description="trending (this week), popular, top_rated, or genre, with a `genreId`. "
        "Left out: trending, or genre when there is a `genreId`.",
    )
    limit: Annotated[int, BeforeValidator(_digits), Field(ge=1, le=100)] = 20
    exclude_ids: Annotated[
        tuple[Id, ...],
        BeforeValidator(_ids),
        Field(max_length=MOST_EXCLUDED),
        WithJsonSchema({"type": "string", "examples": ["550,13"]}),
    ] = Field(
        default=(),
        description=f"Ids that are not to be shown, separated by commas; {MOST_EXCLUDED} at most.",
    )
    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)] | None = Field(
        default=None, description="The `cursor` of the part before; only for the same list."
    )

    @field_validator("genre_id")
    @classmethod
    def _of_the_media_type(cls, genre_id: int | None, info: ValidationInfo) -> int | None:
        """Refuse genres that the media type does not have: film and TV ids are not the same."""
        kind = info.data.get("media_type")
        if kind and genre_id is not None and genre_id not in media_type_of(kind).genres:
            message = f"{genre_id} is no genre of {kind}: see GET /media/genres"
            raise ValueError(message)
        return genre_id

    @field_validator("list_type")
    @classmethod
    def _with_its_genre(cls, list_type: ListType | None, info: ValidationInfo) -> ListType | None:
        """Refuse a genre's list without its genre, and a genre with any other list."""
        genre_id = info.data.get("genre_id")
        if list_type is ListType.GENRE and genre_id is None:
            message = "genre needs a genreId"
            raise ValueError(message)
        if list_type not in (None, ListType.GENRE) and genre_id is not None:
            message = f"{list_type} is of all genres: leave genreId out"
            raise ValueError(message)
        return list_type

    @property
    def key(self) -> ListKey:
        """The list."""
        default = ListType.TRENDING if self.genre_id is None else ListType.GENRE
        return ListKey(self.list_type or default, media_type_of(self.media_type), self.genre_id)


class TitlePath(_Asked):
    """Which title: film 550 and series 550 are two."""

    media_type: Kind
    media_id: Id = Field(description="TMDB's id.")

    @property
    def id(self) -> TitleId:
        """The title."""
        return TitleId(media_type_of(self.media_type), self.media_id)


class SearchQuery(_Asked):
    """What to look for, and among what."""

    q: Annotated[
        str, Field(min_length=1, max_length=LONGEST_SEARCH), AfterValidator(_searchable)
    ] = Field(description="A title or the beginning of its words.")
    media_type: Literal["movie", "tv", "both"] = "both"
    limit: Annotated[int, BeforeValidator(_digits), Field(ge=1, le=40)] = 20

    @property
    def media_types(self) -> tuple[MediaType, ...]:
        """The media types that are searched."""
        if self.media_type == "both":
            return (MediaType.MOVIE, MediaType.TV)
        return (media_type_of(self.media_type),)


class Conditional(BaseModel):
    """The headers of a request for what the client may have already."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The ETag of an answer before."
    )


class _Shown(BaseModel):
    model_config = ConfigDict(
        defer_build=True, alias_generator=to_camel, populate_by_name=True, frozen=True
    )


class MediaItem(_Shown):
    """A film or series; where the original's clients read two spellings, it has both."""

    media_id: str = Field(description="TMDB's id in digits; `id` is the same as a number.")
    id: int
    media_type: Kind
    title: str
    overview: str
    poster_path: str | None = Field(description="Behind https://image.tmdb.org/t/p/w500.")
    poster_path_: str | None = Field(alias="poster_path")
    backdrop_path: str | None
    backdrop_path_: str | None = Field(alias="backdrop_path")
    vote_average: float = Field(description="0 to 10.")
    vote_average_: float = Field(alias="vote_average")
    vote_count: int
    release_date: str | None = Field(description="yyyy-mm-dd; null when TMDB knows no day.")
    release_date_: str | None = Field(alias="release_date")
    popularity: float
    genres: str = Field(description="TMDB's genre ids, separated by |.", examples=["28|12"])
    genre_ids: tuple[int, ...]
    original_language: str = Field(description="ISO 639-1.")

    @classmethod
    def of(cls, title: Title) -> Self:
        """Show a title."""
        return cls.model_validate(_fields(title))


class MediaDetails(MediaItem):
    """A film or series with all that is known of it."""

    runtime: int | None = Field(description="Minutes; for a series, of an episode.")
    keywords: tuple[str, ...]
    directors: tuple[str, ...] = Field(description="For a series, who created it.")
    cast: tuple[str, ...] = Field(description="The first five.")
    cached_at: datetime = Field(description="When TMDB said so.")
    stale: bool = Field(description="Whether that is too long ago, and TMDB says nothing newer.")

    @classmethod
    def served(cls, served: Served[CachedTitle]) -> Self:
        """Show a cached title."""
        cached = served.value
        facts = cached.facts
        return cls.model_validate(
            {
                **_fields(cached.title),
                "runtime": facts.runtime,
                "keywords": facts.keywords,
                "directors": facts.directors,
                "cast": facts.cast,
                "cached_at": cached.cached_at,
                "stale": served.stale,
            }
        )


class MediaList(_Shown):
    """A part of a list, in its order."""

    items: tuple[MediaItem, ...]
    list_type: ListType
    media_type: Kind
    genre_id: int | None
    total: int = Field(description="How many titles the whole list has.")
    cursor: str | None = Field(description="Where the next part begins; null at the end.")
    refreshed_at: datetime | None = Field(description="null: never; the list has no titles yet.")
    stale: bool = Field(description="Whether the list had better been refreshed since.")

    @classmethod
    def served(cls, key: ListKey, served: Served[ListPage | None], cursor: str | None) -> Self:
        """Show a part of a list."""
        page = served.value
        return cls(
            items=tuple(MediaItem.of(title) for title in page.titles) if page else (),
            list_type=key.list_type,
            media_type=_kind(key.media_type),
            genre_id=key.genre_id,
            total=page.total if page else 0,
            cursor=cursor,
            refreshed_at=served.fetched_at,
            stale=served.stale,
        )


class Found(_Shown):
    """What a search has found, the best match first; films and series take turns."""

    items: tuple[MediaItem, ...]
    fetched_at: datetime = Field(description="When TMDB was asked.")
    stale: bool = Field(description="Whether that is too long ago, and TMDB says nothing newer.")

    @classmethod
    def served(cls, served: Served[Sequence[Title]], limit: int) -> Self:
        """Show what was found."""
        items = tuple(MediaItem.of(title) for title in served.value[:limit])
        return cls.model_validate(
            {"items": items, "fetched_at": served.fetched_at, "stale": served.stale}
        )


class Genre(_Shown):
    """One of TMDB's genres."""

    id: int
    name: str


class Genres(_Shown):
    """The genres of films and of series; an id may be in one and not in the other."""

    movie: tuple[Genre, ...]
    tv: tuple[Genre, ...]

    @classmethod
    def all(cls) -> Self:
        """Show them all."""
        movie, tv = (
            tuple(Genre(id=id_, name=name) for id_, name in media_type.genres.items())
            for media_type in (MediaType.MOVIE, MediaType.TV)
        )
        return cls(movie=movie, tv=tv)


def _kind(media_type: MediaType) -> Kind:
    return "movie" if media_type is MediaType.MOVIE else "tv"


def _fields(title: Title) -> dict[str, object]:
    return {
        "media_id": str(title.id),
        "id": title.id,
        "media_type": _kind(title.media_type),
        "title": title.title,
        "overview": title.overview,
        "poster_path": title.poster_path,
        "poster_path_": title.poster_path,
        "backdrop_path": title.backdrop_path,
        "backdrop_path_": title.backdrop_path,
        "vote_average": title.vote_average,
        "vote_average_": title.vote_average,
        "vote_count": title.vote_count,
        "release_date": title.release_date,
        "release_date_": title.release_date,
        "popularity": title.popularity,
        "genres": "|".join(map(str, title.genre_ids)),
        "genre_ids": title.genre_ids,
        "original_language": title.original_language,
    }
