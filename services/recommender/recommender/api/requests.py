"""The requests of the API, with the field names of the original's clients.

The original sends lists of titles as one text, "1,2", and preferences in a query string as JSON.
Both are accepted wherever a list or an object is.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS
from matinee.errors import InvalidInput
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey
from matinee.questionnaire_input import PreferencesChange
from matinee.title_input import MediaId, MediaTypeName, MediaTypes, read_names
from recommender.domain.requests import (
    ALL_MEDIA_TYPES,
    DEFAULT_LIMIT,
    MAX_ITEMS,
    EntityRef,
    RecommendationRequest,
)

MAX_EXCLUDED = 1000
MAX_LIST_ENTRIES = 500


class _TitleRow(BaseModel):
    """A title, by what identifies it; whatever else is known of it is ignored."""

    model_config = ConfigDict(defer_build=True, extra="ignore", alias_generator=to_camel)

    media_id: MediaId
    media_type: MediaTypeName | None = None

    @model_validator(mode="before")
    @classmethod
    def _normalize_names(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return read_names(values, is_row=True)

    @property
    def ref(self) -> EntityRef:
        """The title; without a media type it may be a film or a series."""
        return EntityRef(self.media_id, self.media_type)


def _parse_titles(value: object) -> tuple[EntityRef, ...]:
    """Parse titles: numbers, or texts like "550" and "movie:550", in a list or between commas."""
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, int) and not isinstance(parts, bool):
        parts = [parts]
    if not isinstance(parts, list | tuple):
        message = "must be ids, in a list or between commas"
        raise ValueError(message)  # noqa: TRY004 - pydantic expects it
    titles = (
        _parse_title(part) for part in parts if not (isinstance(part, str) and not part.strip())
    )
    return tuple(dict.fromkeys(titles))


def _parse_title(part: object) -> EntityRef:
    """Parse a title: 550, "550", "movie:550", or a whole one as this API returns it."""
    names = part
    if not isinstance(part, Mapping):
        text = part if isinstance(part, str) else ""
        prefix, colon, number = text.rpartition(":")
        names = {"mediaId": number, "mediaType": prefix} if colon else {"mediaId": part}
    try:
        return _TitleRow.model_validate(names).ref
    except (ValidationError, InvalidInput) as error:
        message = "each must be an id like 550, or movie:550 or tv:1396"
        raise ValueError(message) from error


def _parse_preferences(value: object) -> object:
    """Return preferences given as JSON, too. Nothing is stated by an empty value."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            message = "must be a JSON object"
            raise ValueError(message) from error
    return value


def _empty_as_absent(value: object) -> object:
    return None if value == "" else value


def _max_titles(limit: int) -> AfterValidator:
    def check(titles: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
        if len(titles) > limit:
            message = f"at most {limit} titles"
            raise ValueError(message)
        return titles

    return AfterValidator(check)


_ID_LIST = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
    ],
}
_ID_TEXT = {"type": "string"}

# Any, or pydantic would describe EntityRef in every schema; the values are tuples of them.
Excluded = Annotated[Any, PlainValidator(_parse_titles), _max_titles(MAX_EXCLUDED)]
Entries = Annotated[Any, PlainValidator(_parse_titles), _max_titles(MAX_LIST_ENTRIES)]
Stated = Annotated[PreferencesChange, BeforeValidator(_parse_preferences)]
Media = Annotated[MediaTypes | None, BeforeValidator(_empty_as_absent)]

_MEDIA = Field(
    default=None,
    alias="mediaType",
    description="Films, series or both. Without it the preference `contentType` decides.",
)
_LIMIT = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_ITEMS, description="Maximum number of items.")
_CURSOR = Field(
    default=None,
    max_length=MAX_CURSOR_CHARACTERS,
    description="A response's `nextCursor`: returns titles that were not shown yet.",
)
_SEED = Field(
    default=0,
    ge=0,
    le=MAX_MEDIA_ID,
    description="Another number gives another selection; the same gives the same.",
)
_EXCLUDE = "Titles never to be returned: ids between commas. `movie:550` is the film alone."
_FAVORITES = "Favourites that complete the stored ones. They count at once."
_WATCHLIST = "Watchlist entries that complete the stored ones. They count at once."
_PREFERENCES = "Preferences as in /user/preferences; a field that is given replaces the stored one."


class RecommendationsParameters(BaseModel):
    """The parameters of recommendations, in a query string or a body."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, validate_by_name=False)

    media_type: Media = _MEDIA
    exclude: Excluded = ()
    favorites: Entries = ()
    watchlist: Entries = ()
    preferences: Stated = Field(default_factory=PreferencesChange)
    limit: int = _LIMIT
    cursor: str | None = _CURSOR
    seed: int = _SEED

    def to_request(self) -> RecommendationRequest:
        """Return the request, without `cursor`."""
        types = {"movie": {MediaType.MOVIE}, "tv": {MediaType.TV}, "both": ALL_MEDIA_TYPES}
        return RecommendationRequest(
            media_types=frozenset(types[self.media_type]) if self.media_type else None,
            limit=self.limit,
            exclude=self.exclude,
            favourites=self.favorites,
            watchlist=self.watchlist,
            preferences=self.preferences.answers,
            seed=self.seed,
        )


class RecommendationsQuery(RecommendationsParameters):
    """The query string of recommendations."""

    exclude: Annotated[Excluded, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=tuple, description=_EXCLUDE, examples=["550,movie:603"]
    )
    favorites: Annotated[Entries, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=tuple, description=_FAVORITES, examples=["27205,157336"]
    )
    watchlist: Annotated[Entries, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=tuple, description=_WATCHLIST
    )
    preferences: Annotated[Stated, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=PreferencesChange,
        description=f"{_PREFERENCES} As JSON.",
        examples=['{"favoriteGenres":["28"]}'],
    )


class RecommendationsBody(RecommendationsParameters):
    """The body of recommendations."""

    exclude: Annotated[Excluded, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_EXCLUDE, examples=["550,603"]
    )
    favorites: Annotated[Entries, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_FAVORITES, examples=[[27205, 157336]]
    )
    watchlist: Annotated[Entries, WithJsonSchema(_ID_LIST)] = Field(
        default=(), description=_WATCHLIST
    )
    preferences: Stated = Field(
        default_factory=PreferencesChange, description=f"{_PREFERENCES} Or the same as JSON text."
    )


class TitlePath(BaseModel):
    """A title in a path."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    media_type: MediaTypeName = Field(alias="mediaType", description="Film or series.")
    media_id: int = Field(alias="mediaId", ge=1, le=MAX_MEDIA_ID, description="TMDB's id.")

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return TitleKey(self.media_type, self.media_id)


class SimilarQuery(BaseModel):
    """The query string of similar titles."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    limit: int = _LIMIT
    exclude: Annotated[Excluded, WithJsonSchema(_ID_TEXT)] = Field(
        default_factory=tuple, description="Ids of titles never to be returned, between commas."
    )


class Training(BaseModel):
    """The trainer's event, from its schedule or an operator."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    train: Literal[True] = True
    anew: StrictBool = Field(
        default=False, description="Whether everybody is counted again, from the stored tastes."
    )
