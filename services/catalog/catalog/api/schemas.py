"""Requests and responses of the public catalogue, with the original clients' field names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

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

from catalog.domain import CachedTitle, ListKey, ListPage, ListType, Title
from catalog.use_cases.browse_media import CacheResult, normalize_search
from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS, decode, encode
from matinee.field_types import UtcTime
from matinee.languages import (
    COUNTRY_PATTERN,
    LANGUAGE_PATTERN,
    accepted_languages,
    best_language,
    country_of,
)
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey
from matinee.title_input import MediaTypeName, MediaTypes

MAX_EXCLUDED_IDS = 150
MAX_SEARCH_CHARACTERS = 100


def _digits(value: object) -> object:
    """Parse a whole number of a query string; its bounds are checked afterwards."""
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,10}", value):
        message = "must be a whole number"
        raise ValueError(message)
    return int(value)


def _ids(value: object) -> object:
    return [part.strip() for part in str(value).split(",") if part.strip()]


def _searchable(text: str) -> str:
    if not normalize_search(text).isprintable() or not normalize_search(text):
        message = "must contain a text to search for"
        raise ValueError(message)
    return text


Id = Annotated[int, Field(ge=1, le=MAX_MEDIA_ID), BeforeValidator(_digits)]


class _Request(BaseModel):
    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )


class ListQuery(_Request):
    """A part of a list."""

    media_type: MediaTypeName = MediaType.MOVIE
    genre_id: Id | None = Field(default=None, description="One of GET /media/genres.")
    list_type: ListType | None = Field(
        default=None,
        description="trending (this week), popular, top_rated, or genre, with a `genreId`. "
        "Default: genre if there is a `genreId`, else trending.",
    )
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)] = 20
    exclude_ids: Annotated[
        tuple[Id, ...],
        BeforeValidator(_ids),
        Field(max_length=MAX_EXCLUDED_IDS),
        WithJsonSchema({"type": "string", "examples": ["550,13"]}),
    ] = Field(
        default_factory=tuple,
        description=f"Ids to leave out, separated by commas; at most {MAX_EXCLUDED_IDS}.",
    )
    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)] | None = Field(
        default=None, description="The `nextCursor` of the previous part of the same list."
    )

    @field_validator("genre_id")
    @classmethod
    def _of_the_media_type(cls, genre_id: int | None, info: ValidationInfo) -> int | None:
        """Raise ValueError for a genre that the media type does not have."""
        media_type = info.data.get("media_type")
        if media_type and genre_id is not None and genre_id not in media_type.genres:
            message = f"{genre_id} is no genre of {media_type}: see GET /media/genres"
            raise ValueError(message)
        return genre_id

    @field_validator("list_type")
    @classmethod
    def _with_its_genre(cls, list_type: ListType | None, info: ValidationInfo) -> ListType | None:
        """Raise ValueError for a genre's list without a genre, or another list with one."""
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
        return ListKey(self.list_type or default, self.media_type, self.genre_id)

    def position(self) -> dict[str, str | int] | None:
        """Return where the part begins; raise InvalidInput for a cursor of another list."""
        return decode(_scope(self.key), self.cursor) if self.cursor else None


class TitlePath(_Request):
    """A title: film 550 and series 550 are two titles."""

    media_type: MediaTypeName
    media_id: Id = Field(description="TMDB's id.")

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return TitleKey(self.media_type, self.media_id)


class TitleQuery(_Request):
    """For whom a title is shown."""

    language: Annotated[str, Field(pattern=LANGUAGE_PATTERN)] | None = Field(
        default=None,
        description="The language of title and overview, `de` or `de-AT`. Default: the best of"
        " Accept-Language. English stands for what TMDB has no translation of.",
    )
    country: Annotated[str, Field(pattern=COUNTRY_PATTERN)] | None = Field(
        default=None,
        description="Whose providers to show (ISO 3166-1). Default: that of the language, if it has"
        " one.",
    )

    def reader(self, accept_language: str) -> "Reader":
        """Return whom the title is shown to."""
        tags = (self.language,) if self.language else tuple(accepted_languages(accept_language))
        return Reader(tags, self.country or country_of(tags))


@dataclass(frozen=True, slots=True)
class Reader:
    """Languages in the order in which they are wanted, and a country."""

    tags: tuple[str, ...] = ()
    country: str | None = None


class SearchQuery(_Request):
    """A search."""

    q: Annotated[
        str, Field(min_length=1, max_length=MAX_SEARCH_CHARACTERS), AfterValidator(_searchable)
    ] = Field(description="A title or the beginning of its words.")
    media_type: MediaTypes = "both"
    limit: Annotated[int, Field(ge=1, le=40), BeforeValidator(_digits)] = 20

    @property
    def media_types(self) -> tuple[MediaType, ...]:
        """The media types to search."""
        return tuple(MediaType) if self.media_type == "both" else (MediaType(self.media_type),)


class Conditional(BaseModel):
    """The headers of a conditional request."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The ETag of an earlier response."
    )


class TitleConditions(Conditional):
    """The headers of a request for a title."""

    accept_language: str | None = Field(
        default=None, alias="Accept-Language", description="Counts without `language`."
    )


class _Response(BaseModel):
    model_config = ConfigDict(
        defer_build=True, alias_generator=to_camel, populate_by_name=True, frozen=True
    )


class MediaItem(_Response):
    """A film or series, with both spellings of a name where the original's clients read both."""

    media_id: str = Field(description="TMDB's id in digits; `id` is the same as a number.")
    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None = Field(description="Below https://image.tmdb.org/t/p/w500.")
    poster_path_: str | None = Field(alias="poster_path")
    backdrop_path: str | None
    backdrop_path_: str | None = Field(alias="backdrop_path")
    vote_average: float = Field(description="0 to 10.")
    vote_average_: float = Field(alias="vote_average")
    vote_count: int
    release_date: str | None = Field(description="yyyy-mm-dd; null when TMDB has no date.")
    release_date_: str | None = Field(alias="release_date")
    popularity: float
    genres: str = Field(description="TMDB's genre ids, separated by |.", examples=["28|12"])
    genre_ids: tuple[int, ...]
    original_language: str = Field(description="ISO 639-1.")

    @classmethod
    def from_title(cls, title: Title) -> Self:
        """Return a title."""
        return cls.model_validate(_fields(title))


class TitleTrailer(_Response):
    """A video on another site."""

    model_config = ConfigDict(from_attributes=True)

    site: str = Field(description="YouTube or Vimeo.")
    key: str = Field(description="Its id there: https://www.youtube.com/watch?v={key}.")


class WatchProvider(_Response):
    """Who streams a title."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="TMDB's id, as filters of rooms take it.")
    name: str


class WhereToWatch(_Response):
    """Who streams a title in a country, with a subscription, for free or with advertising."""

    country: str
    providers: tuple[WatchProvider, ...]
    credit: str = Field(
        default="JustWatch", description="The source, to be named wherever they are shown."
    )


class MediaDetails(MediaItem):
    """A film or series with its details."""

    runtime: int | None = Field(description="Minutes; for a series, of an episode.")
    keywords: tuple[str, ...]
    directors: tuple[str, ...] = Field(description="For a series, its creators.")
    cast: tuple[str, ...] = Field(description="The first five.")
    language: str = Field(description="The language that title and overview are shown in.")
    trailer: TitleTrailer | None
    where_to_watch: WhereToWatch | None = Field(description="null without a country.")
    cached_at: UtcTime = Field(description="When the details were fetched from TMDB.")
    stale: bool = Field(description="Whether they are old, and TMDB gives no newer ones.")

    @classmethod
    def from_result(cls, result: CacheResult[CachedTitle], reader: Reader = Reader()) -> Self:
        """Return a cached title, as its reader understands it."""
        cached = result.value
        facts = cached.facts
        language = best_language(reader.tags, facts.translations)
        country = reader.country
        return cls.model_validate(
            {
                **_fields(cached.in_language(language)),
                "language": language,
                "trailer": facts.trailer,
                "where_to_watch": country
                and WhereToWatch.model_validate(
                    {"country": country, "providers": facts.providers_in(country)}
                ),
                "runtime": facts.runtime,
                "keywords": facts.keywords,
                "directors": facts.directors,
                "cast": facts.cast,
                "cached_at": cached.cached_at,
                "stale": result.stale,
            }
        )


class MediaList(_Response):
    """A part of a list, in its order."""

    items: tuple[MediaItem, ...]
    list_type: ListType
    media_type: MediaType
    genre_id: int | None
    total: int = Field(description="How many titles the whole list has.")
    next_cursor: str | None = Field(description="Where the next part begins; null at the end.")
    refreshed_at: UtcTime | None = Field(description="null: never; the list has no titles yet.")
    stale: bool = Field(description="Whether a refresh is overdue.")

    @classmethod
    def from_result(cls, key: ListKey, result: CacheResult[ListPage | None]) -> Self:
        """Return a part of a list."""
        page = result.value
        return cls(
            items=tuple(map(MediaItem.from_title, page.titles)) if page else (),
            list_type=key.list_type,
            media_type=key.media_type,
            genre_id=key.genre_id,
            total=page.total if page else 0,
            next_cursor=encode(_scope(key), page.after) if page and page.after else None,
            refreshed_at=result.fetched_at,
            stale=result.stale,
        )


class SearchResult(_Response):
    """The results of a search, the best match first, films and series in turns."""

    items: tuple[MediaItem, ...]
    fetched_at: UtcTime = Field(description="When TMDB was asked.")
    stale: bool = Field(description="Whether the results are old, and TMDB gives no newer ones.")

    @classmethod
    def from_result(cls, result: CacheResult[Sequence[Title]], limit: int) -> Self:
        """Return the first results."""
        items = tuple(map(MediaItem.from_title, result.value[:limit]))
        return cls.model_validate(
            {"items": items, "fetched_at": result.fetched_at, "stale": result.stale}
        )


class Genre(_Response):
    """One of TMDB's genres."""

    id: int
    name: str


class Genres(_Response):
    """The genres of films and of series; an id may be in only one of them."""

    movie: tuple[Genre, ...]
    tv: tuple[Genre, ...]

    @classmethod
    def all(cls) -> Self:
        """Return all genres."""
        movie, tv = (
            tuple(Genre(id=id_, name=name) for id_, name in media_type.genres.items())
            for media_type in (MediaType.MOVIE, MediaType.TV)
        )
        return cls(movie=movie, tv=tv)


def _scope(key: ListKey) -> tuple[str, ...]:
    """Return the scope of a list's cursors."""
    return ("media", key.name)


def _fields(title: Title) -> dict[str, object]:
    return {
        "media_id": str(title.id),
        "id": title.id,
        "media_type": title.media_type,
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
