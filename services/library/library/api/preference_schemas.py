"""Preferences as requests and answers have them: the original's fourteen fields, the questionnaire.

Every field may be absent (it stays as it is) or null (it is taken back). An empty text is what a
page sends for a question that nobody has answered: it is as good as null where one is chosen.
"""

from datetime import datetime
from hashlib import blake2b
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

from library.api.field_types import Rating, no_boolean, writable
from library.domain.genres import genre_id
from library.domain.preferences import EARLIEST_YEAR, LATEST_YEAR, Answers, Preferences
from library.use_cases.preferences import Accepts, any_state
from matinee.clock import iso

MOST_WORDS = 50
IGNORED = ("userId", "updatedAt")
"""What the original's client sends along. Whose preferences they are says the token."""


def _unique[T](several: list[T]) -> list[T]:
    """Drop repetitions, keeping the order."""
    return list(dict.fromkeys(several))


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
    AfterValidator(writable),
]
Words = Annotated[list[Word], Field(max_length=MOST_WORDS), AfterValidator(_unique)]
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
Genres = Annotated[list[Genre], Field(max_length=MOST_WORDS), AfterValidator(_unique)]
Score = Annotated[int, BeforeValidator(no_boolean), Field(ge=1, le=10)]
Scores = Annotated[
    dict[Annotated[str, AfterValidator(_genre_key)], Score], Field(max_length=MOST_WORDS)
]
Year = Annotated[int, BeforeValidator(no_boolean), Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)]
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
DealBreakers = Annotated[list[DealBreaker], Field(max_length=MOST_WORDS), AfterValidator(_unique)]
OwnWords = Annotated[str, Field(max_length=2000), AfterValidator(writable)]


class People(BaseModel):
    """Names of people whose work is liked. What is absent stays, null takes it back."""

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
    favorite_content: OwnWords | None = Field(default=None, description="In one's own words.")
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


def _show_ignored(schema: dict[str, Any]) -> None:
    schema["properties"] |= {name: {"description": "Taken and not kept."} for name in IGNORED}


class PreferencesChange(_Questions):
    """Returns to some questions. Those that are absent stay; null takes one back."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra=_show_ignored
    )

    @model_validator(mode="before")
    @classmethod
    def _without_ignored(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if name not in IGNORED}

    @property
    def answers(self) -> Answers:
        """The answers by name; None for those that are taken back."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class ShownPreferences(_Questions):
    """Every question's answer; by default where none was given."""

    updated_at: datetime | None = Field(description="null as long as nothing has been saved.")

    @field_serializer("updated_at")
    def _moment(self, moment: datetime | None) -> str | None:
        return iso(moment) if moment else None


class PreferencesAnswer(BaseModel):
    """A user's preferences."""

    message: str
    preferences: ShownPreferences


class IfMatch(BaseModel):
    """Which state a change is meant for."""

    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        description="The `ETag` of the preferences as this device knows them. Without it the "
        "answers that are named are saved whatever else has changed.",
    )


class IfNoneMatch(BaseModel):
    """Which state the caller has already."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The `ETag` of what this device has."
    )


def etag_of(user_id: str, preferences: Preferences) -> str:
    """Return the entity tag of a user's preferences. No other user's are ever tagged alike."""
    state = f"{preferences.version}:{user_id}".encode()
    return f'"{blake2b(state, digest_size=12).hexdigest()}"'


def names_etag(
    header: str, user_id: str, preferences: Preferences, *, weakly: bool = False
) -> bool:
    """Return whether If-Match, or weakly If-None-Match, names preferences as they are.

    `*` stands for whatever has been saved. Source: RFC 9110, 13.1.
    """
    if header.strip() == "*":
        return preferences.version > 0
    tags = (tag.strip() for tag in header.split(","))
    wanted = etag_of(user_id, preferences)
    return wanted in (tag.removeprefix("W/") if weakly else tag for tag in tags)


def accepts(user_id: str, if_match: str | None) -> Accepts:
    """Return which states a change is meant for; without the header, any."""
    if if_match is None:
        return any_state
    return lambda present: names_etag(if_match, user_id, present)


def shown(preferences: Preferences, now: datetime, message: str) -> dict[str, Any]:
    """Return preferences as JSON values."""
    at = preferences.updated_at
    return {
        "message": message,
        "preferences": {**preferences.shown(now), "updatedAt": iso(at) if at else None},
    }
