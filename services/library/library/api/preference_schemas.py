"""Preferences in requests and responses: the original's fourteen fields and its questionnaire.

Each field may be absent (the answer stays as it is) or null (the answer is deleted). An empty text
is what a page sends for a question that was not answered: where one value is chosen, it is null.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    field_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from library.api.field_types import Rating, encodable, not_boolean
from library.domain.genres import genre_id
from library.domain.preferences import MAX_YEAR, MIN_YEAR, Answers, Preferences
from library.use_cases.preferences import Precondition, any_state
from matinee.clock import iso
from matinee.http.etag import entity_tag, matches

MAX_WORDS = 50
IGNORED = ("userId", "updatedAt")
"""Fields that the original's client sends, too. The token alone identifies the user."""


def _unique[T](values: list[T]) -> list[T]:
    """Remove repetitions, keeping the order."""
    return list(dict.fromkeys(values))


def _absent_if_empty(value: object) -> object:
    return None if value == "" else value


def _how_many(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


def _genre(value: object) -> object:
    if isinstance(value, int | str) and not isinstance(value, bool):
        return genre_id(value)
    message = "must be a genre's id or name"
    raise ValueError(message)


def _genre_key(text: str) -> str:
    return str(genre_id(text))


Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(encodable),
]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS), AfterValidator(_unique)]
OneOrMore = Annotated[
    Annotated[
        Annotated[Word, Tag("one")] | Annotated[Words, Tag("several")], Discriminator(_how_many)
    ]
    | None,
    BeforeValidator(_absent_if_empty),
]
Genre = Annotated[
    int,
    BeforeValidator(_genre),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "description": "TMDB's id of a genre of films or series, or its English name.",
        }
    ),
]
Genres = Annotated[list[Genre], Field(max_length=MAX_WORDS), AfterValidator(_unique)]
Score = Annotated[int, Field(ge=1, le=10), BeforeValidator(not_boolean)]
Scores = Annotated[
    dict[Annotated[str, AfterValidator(_genre_key)], Score], Field(max_length=MAX_WORDS)
]
Year = Annotated[int, Field(ge=MIN_YEAR, le=MAX_YEAR), BeforeValidator(not_boolean)]
ContentType = Annotated[Literal["movies", "tv", "both"] | None, BeforeValidator(_absent_if_empty)]
Runtime = Annotated[
    Literal["short", "medium", "long", "any"] | None, BeforeValidator(_absent_if_empty)
]
International = Annotated[
    Literal["veryOpen", "someOpen", "dubbedOnly", "englishPreferred", "noPreference"] | None,
    BeforeValidator(_absent_if_empty),
]
Discovery = Literal["trending", "hiddenGems", "awardWinning", "classics", "newReleases"]
Discoveries = Annotated[
    Annotated[
        Annotated[Discovery, Tag("one")]
        | Annotated[list[Discovery], AfterValidator(_unique), Tag("several")],
        Discriminator(_how_many),
    ]
    | None,
    BeforeValidator(_absent_if_empty),
]
DealBreaker = Literal[
    "violence",
    "sexualContent",
    "profanity",
    "slowPace",
    "cliffhangers",
    "openEndings",
    "animalHarm",
    "jumpScares",
    "subtitles",
    "blackAndWhite",
]
DealBreakers = Annotated[list[DealBreaker], Field(max_length=MAX_WORDS), AfterValidator(_unique)]
FreeText = Annotated[str, Field(max_length=2000), AfterValidator(encodable)]


class People(BaseModel):
    """Names of people whose work the user likes. Absent: stays as it is; null: is deleted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    actors: Words | None = None
    directors: Words | None = None


class _Questions(BaseModel):
    """All questions."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    favorite_genres: Genres | None = None
    keywords: Words | None = None
    min_rating: Rating | None = Field(default=None, description="At most `maxRating`.")
    max_rating: Rating | None = None
    release_year_start: Year | None = Field(default=None, description="At most `releaseYearEnd`.")
    release_year_end: Year | None = None
    subgenre_preferences: Words | None = None
    mood_preferences: Words | None = None
    era_preferences: Words | None = None
    language_preferences: Words | None = None
    critical_acclaim_preferences: Words | None = None
    aesthetic_preferences: Words | None = None
    story_structure_preferences: Words | None = None
    character_preferences: Words | None = None
    disliked_genres: Genres | None = None
    content_type: ContentType = None
    favorite_content: FreeText | None = Field(default=None, description="Free text.")
    watching_context: OneOrMore = None
    streaming_platforms: Words | None = None
    watching_time: OneOrMore = None
    runtime_preference: Runtime = None
    maturity_preference: OneOrMore = None
    favorite_people: People | None = None
    content_discovery_preference: Discoveries = None
    viewing_behavior_preference: OneOrMore = None
    deal_breakers: DealBreakers | None = None
    international_content_preference: International = None
    genre_ratings: Scores | None = Field(
        default=None, description="From 1 to 10, by a genre's id or name."
    )
    questionnaire_completed: Annotated[bool, Field(strict=True)] | None = None


def _describe_ignored(schema: dict[str, Any]) -> None:
    schema["properties"] |= {name: {"description": "Ignored."} for name in IGNORED}


class PreferencesChange(_Questions):
    """Changes of some answers. Absent ones stay as they are; null deletes one."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra=_describe_ignored
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_ignored(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if name not in IGNORED}

    @property
    def answers(self) -> Answers:
        """The answers by name; None for those to be deleted."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class StoredPreferences(_Questions):
    """An answer to every question: the default where the user gave none."""

    updated_at: datetime | None = Field(description="null until something is saved.")

    @field_serializer("updated_at")
    def _serialize_time(self, moment: datetime | None) -> str | None:
        return iso(moment) if moment else None


class PreferencesResponse(BaseModel):
    """A user's preferences."""

    message: str
    preferences: StoredPreferences


class IfMatch(BaseModel):
    """The state that a change is based on."""

    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        description="The `ETag` of the preferences that this device has. Without it the answers "
        "in the request are saved whatever else has changed.",
    )


class IfNoneMatch(BaseModel):
    """The state that the caller already has."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The `ETag` of what this device has."
    )


def preferences_etag(user_id: str, preferences: Preferences) -> str:
    """Return the entity tag of a user's preferences, different from that of any other user's."""
    return entity_tag(f"{preferences.version}:{user_id}")


def if_none_match(header: str | None, user_id: str, preferences: Preferences) -> bool:
    """Return whether If-None-Match names preferences as they are. `*`: any that were saved."""
    return header is not None and matches(
        header,
        preferences_etag(user_id, preferences),
        weak=True,
        exists=preferences.version > 0,
    )


def if_match(header: str | None, user_id: str) -> Precondition:
    """Return the precondition that If-Match demands; without the header, none."""
    if header is None:
        return any_state
    return lambda stored: matches(
        header, preferences_etag(user_id, stored), exists=stored.version > 0
    )


def preferences_response(preferences: Preferences, now: datetime, message: str) -> dict[str, Any]:
    """Return preferences as JSON values."""
    at = preferences.updated_at
    return {
        "message": message,
        "preferences": {
            **preferences.with_defaults(now),
            "updatedAt": iso(at) if at else None,
        },
    }
