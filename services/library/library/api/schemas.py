"""Titles and lists in requests and responses, by the names that the original's clients use.

These clients send and read two spellings of many names (`poster_path` and `posterPath`): requests
may have either, responses have both. Other fields of a title are ignored, as TMDB adds some now and
then; one that looks like a misspelt `mediaId` or `mediaType` is an error.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from library.api.field_types import (
    Count,
    GenreIds,
    Language,
    Minutes,
    Overview,
    Path,
    Popularity,
    ReleaseDate,
    SeenRating,
    Time,
    TitleText,
)
from library.domain.titles import (
    TITLE_DETAILS,
    Entry,
    Opinion,
    Title,
    Viewing,
    truncate_to_milliseconds,
)
from matinee.errors import InvalidInput
from matinee.field_types import Rating, UtcTime
from matinee.media import MediaType, TitleKey
from matinee.offer_output import AVAILABLE_ON, AvailableOn
from matinee.streaming import Offer
from matinee.title_input import (
    ID_NAMES,
    TYPE_NAMES,
    MediaId,
    MediaTypeName,
    MediaTypes,
    is_misspelt,
    read_names,
)

MAX_PAGE_ENTRIES = 1000
"""Also the default: the original's client reads one page only.

A page costs what is read. One query reads 1 MB at most, so the response stays far below 6 MB.
"""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "title": ("name", "movieTitle"),
    "posterPath": ("poster_path",),
    "backdropPath": ("backdrop_path",),
    "releaseDate": ("release_date", "first_air_date", "firstAirDate"),
    "voteAverage": ("vote_average",),
    "voteCount": ("vote_count",),
    "genreIds": ("genre_ids", "genres"),
    "originalLanguage": ("original_language",),
    "addedAt": ("added_at",),
    "seenAt": ("seen_at",),
}
"""Other names of the same field; the first one that has a value counts."""

_KEY_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "mediaId": (*ID_NAMES[1:], "id"),
    "mediaType": TYPE_NAMES[1:],
}

MAX_CLOCK_SKEW = timedelta(minutes=5)

type Json = dict[str, Any]

CAMEL = ConfigDict(defer_build=True, alias_generator=to_camel, populate_by_name=True)
QUERY = ConfigDict(
    defer_build=True,
    alias_generator=to_camel,
    extra="forbid",
    frozen=True,
    hide_input_in_errors=True,
)


def _describe_spellings(schema: Json) -> None:
    """Add the other spellings, and that other fields are ignored."""
    properties: Json = schema["properties"]
    for name, others in {**_KEY_SPELLINGS, **SPELLINGS}.items():
        if name in properties:
            properties |= {other: dict(properties[name]) for other in others}
    schema["additionalProperties"] = True
    if "mediaId" in schema.get("required", ()):
        schema["required"] = [name for name in schema["required"] if name != "mediaId"]
        # In an allOf, where generators of clients do not take it for a type of the body.
        named = [{"required": [name]} for name in ("mediaId", *_KEY_SPELLINGS["mediaId"])]
        schema["allOf"] = [{"anyOf": named}]


class TitleRequest(BaseModel):
    """A body that names a title. `null` is the same as absent; other fields are ignored."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        json_schema_extra=_describe_spellings,
    )

    media_id: MediaId

    @model_validator(mode="before")
    @classmethod
    def _normalize_names(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        known = {str(field.alias) for field in cls.model_fields.values()}
        given = read_names(values, is_row=True)
        for name, others in SPELLINGS.items():
            found = [given.pop(one) for one in (name, *others) if one in given]
            if found:
                given[name] = found[0]
        return {
            name: value
            for name, value in given.items()
            if name in known or (name not in SPELLINGS and is_misspelt(name))
        }


class EntryRef(TitleRequest):
    """Identifies a title on a list."""

    media_type: MediaTypeName | None = Field(
        default=None, description="Needed only if both the film and the series are on the list."
    )
    added_at: Time | None = Field(
        default=None, description="The entry's `addedAt`, if known: saves reading the list."
    )

    @property
    def key(self) -> TitleKey | None:
        """The key of the title, or None without a media type."""
        return TitleKey(self.media_type, self.media_id) if self.media_type else None


class EntryRefPart(EntryRef):
    """The same, unless the query string has it."""

    media_id: MediaId | None = None  # type: ignore[assignment]


class EntryRefQuery(BaseModel):
    """The same as a query string, instead of a body or together with one."""

    model_config = QUERY | ConfigDict(json_schema_extra=_describe_spellings)

    media_id: MediaId | None = None
    media_type: MediaTypeName | None = Field(
        default=None, description="Needed only if both the film and the series are on the list."
    )
    added_at: Time | None = Field(
        default=None, description="The entry's `addedAt`, if known: saves reading the list."
    )

    @model_validator(mode="before")
    @classmethod
    def _normalize_names(cls, values: Mapping[str, str]) -> Mapping[str, str]:
        given = read_names(values)
        snake = given.pop("added_at", None)
        return {"addedAt": snake} | given if snake else given


def _for_everybody(adult: object) -> object:
    if adult not in (False, "false", 0):
        message = "titles for adults are on no list"
        raise ValueError(message)
    return adult


class NewEntry(TitleRequest):
    """A title to be added to a list, with what the app shows of it."""

    media_type: MediaTypeName = Field(
        default=MediaType.MOVIE,
        description="Default: `tv` for a row with the fields of TMDB's series, else `movie`.",
    )
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
    adult: Annotated[object, AfterValidator(_for_everybody)] = Field(
        default=False, description="Must not be true: titles for adults are on no list."
    )

    @property
    def key(self) -> TitleKey:
        """The key of the title."""
        return TitleKey(self.media_type, self.media_id)

    def to_entry(self, now: datetime) -> Entry:
        """Return the entry of the title, added now."""
        return Entry.at(self.to_title(), now)

    def to_title(self) -> Title:
        """Return the title."""
        details = {name: getattr(self, name) for name in TITLE_DETAILS}
        if self.genre_ids is not None:
            details["genre_ids"] = tuple(self.genre_ids)
        return Title(key=self.key, **details)


_VIEWING = ("seenAt", "opinion", "rating")


class NewSeenTitle(NewEntry):
    """A title that the caller has seen, when, and what they think of it, as far as they say."""

    seen_at: Time | None = Field(
        default=None, description="When it was seen: a day or a time, not in the future."
    )
    opinion: Opinion | None = Field(
        default=None, description="Default: 7 of 10 and above is liked, 4 and below disliked."
    )
    rating: SeenRating | None = Field(default=None, description="From 1 to 10.")

    @model_validator(mode="before")
    @classmethod
    def _refuse_misspelt(cls, values: object) -> object:
        if isinstance(values, dict):
            for name in values.keys() - {*_VIEWING, "seen_at"}:
                if is_misspelt(str(name), _VIEWING):
                    raise InvalidInput.at(str(name), f"is none of {', '.join(_VIEWING)}")
        return values

    def to_entry(self, now: datetime) -> Entry:
        """Return the entry of the title, added now. Raises InvalidInput."""
        return Entry.at(self.to_title(), now, self.viewing(now))

    def viewing(self, now: datetime) -> Viewing:
        """Return when it was seen and what the caller thinks; raise InvalidInput in the future."""
        return Viewing(not_future("seenAt", self.seen_at, now), self.opinion, self.rating)


def not_future(name: str, at: datetime | None, now: datetime) -> datetime | None:
    """Return a time in whole milliseconds, at most now; raise InvalidInput for a later one."""
    if at is None:
        return None
    if at > now + MAX_CLOCK_SKEW:
        raise InvalidInput.at(name, "lies in the future")
    return truncate_to_milliseconds(min(at, now))


class NewEntryPart(NewEntry):
    """What an app shows of the title that a path names."""

    media_id: MediaId | None = None  # type: ignore[assignment]
    media_type: MediaTypeName | None = None  # type: ignore[assignment]


class NewSeenTitlePart(NewSeenTitle):
    """When the title that a path names was seen, and what the caller thinks of it."""

    media_id: MediaId | None = None  # type: ignore[assignment]
    media_type: MediaTypeName | None = None  # type: ignore[assignment]


class TitlePath(BaseModel):
    """A title in a route's path."""

    model_config = QUERY

    media_type: MediaTypeName
    media_id: MediaId

    def naming[E: NewEntry](self, given: E) -> E:
        """Return a body as that of this title; raise InvalidInput if it names another one."""
        named = {"media_id": self.media_id, "media_type": self.media_type}
        for name, value in named.items():
            if getattr(given, name) not in {None, value}:
                raise InvalidInput.at(to_camel(name), "is another one in the body than in the path")
        return given.model_copy(update=named)

    @property
    def key(self) -> TitleKey:
        """The key of the title."""
        return TitleKey(self.media_type, self.media_id)


class PageQuery(BaseModel):
    """Identifies a part of a list."""

    model_config = QUERY

    media_type: MediaTypes = Field(default="both", description="Films or series alone.")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_ENTRIES)] = MAX_PAGE_ENTRIES
    cursor: str | None = Field(
        default=None, description="The `nextCursor` of the previous part; absent for the first."
    )

    @model_validator(mode="before")
    @classmethod
    def _normalize_names(cls, values: Mapping[str, str]) -> Mapping[str, str]:
        return read_names(values)

    @property
    def one_media_type(self) -> MediaType | None:
        """The only media type to list; None for both."""
        return None if self.media_type == "both" else MediaType(self.media_type)


_SNAKE: Mapping[str, str] = {
    name: next(other for other in others if "_" in other)
    for name, others in {**SPELLINGS, "mediaType": ("media_type",)}.items()
    if name not in {"addedAt", "seenAt"} and any("_" in other for other in others)
}
"""The names that responses have twice, with the second one."""


def _describe_both_spellings(schema: Json) -> None:
    properties: Json = schema["properties"]
    # Copies: pydantic renames the references in each property once.
    properties |= {
        _SNAKE[name]: dict(shape) for name, shape in properties.items() if name in _SNAKE
    }


class EntryResponse(BaseModel):
    """A title on a list, in both spellings. Fields without a value are absent."""

    model_config = CAMEL | ConfigDict(json_schema_extra=_describe_both_spellings)

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
    added_at: UtcTime
    seen_at: UtcTime | None = Field(default=None, description="Of seen titles alone.")
    opinion: Opinion | None = Field(default=None, description="Of seen titles alone, as given.")
    rating: float | None = Field(default=None, description="Of seen titles alone, from 1 to 10.")
    available_on: list[AvailableOn] | None = Field(
        default=None, description=f"In lists alone. {AVAILABLE_ON} Absent without a region."
    )

    def to_json(self) -> Json:
        """Return the JSON values, in both spellings."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return values | {_SNAKE[name]: value for name, value in values.items() if name in _SNAKE}

    @classmethod
    def of(cls, entry: Entry, offers: Iterable[Offer] | None = None) -> Self:
        """Return the response that shows an entry, and who streams it if that is known."""
        key = entry.title.key
        return cls(
            media_id=str(key.id),
            movie_id=str(key.id),
            id=key.id,
            media_type=key.media_type,
            added_at=entry.added_at,
            seen_at=entry.viewing.seen_at,
            opinion=entry.viewing.opinion,
            rating=entry.viewing.rating,
            available_on=None if offers is None else AvailableOn.of(offers),
            **entry.title.details,
        )


class EntryPage(BaseModel):
    """A part of a list, newest first."""

    model_config = CAMEL

    items: list[EntryResponse]
    next_cursor: str | None = Field(
        default=None, description="For the next part; absent in the last."
    )


class AddedResponse(BaseModel):
    """A title as it is on the list."""

    message: str
    item: EntryResponse


class RemovedResponse(BaseModel):
    """The title that is no longer on the list."""

    model_config = CAMEL

    message: str
    removed: bool = Field(description="Whether it was on the list before.")
    media_id: str
    media_type: MediaType | None = Field(
        default=None, description="Absent if the request did not say it and nothing was removed."
    )
