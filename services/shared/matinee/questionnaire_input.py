"""The questionnaire's answers in requests: the original's fourteen fields and its later ones.

Each field may be absent (the answer stays as it is) or null (the answer is deleted). An empty text
is what a page sends for a question that was not answered: where one value is chosen, it is null.
Clients keep flags of their own beside the answers (`quickModeCompleted`): they are kept, too.
"""

import re
from difflib import get_close_matches
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from matinee.field_types import Rating, encodable, not_boolean
from matinee.languages import COUNTRY_PATTERN
from matinee.questionnaire import MAX_YEAR, MIN_YEAR, Maturity, genre_id, maturity, require_order

MAX_WORDS = 50
MAX_FLAGS = 50
MAX_FLAG_CHARACTERS = 200

_FLAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

MIN_NAME_SIMILARITY = 0.8
"""Above it a name is a misspelt question: favouriteGenres is, quickModeCompleted is not."""

IGNORED = ("userId", "updatedAt")
"""Fields that the original's client sends, too. The token alone identifies the user."""


def _unique[T](values: list[T]) -> list[T]:
    """Remove repetitions, keeping the order."""
    return list(dict.fromkeys(values))


def _absent_if_empty(value: object) -> object:
    return None if value == "" else value


def _capitals(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _how_many(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


def _genre(value: object) -> object:
    if isinstance(value, int | str) and not isinstance(value, bool):
        return genre_id(value)
    message = "must be a genre's id or name"
    raise ValueError(message)


def _maturity(text: str) -> str | None:
    level = maturity(text)
    return level.value if level else None


def _maturities(words: list[str]) -> list[str]:
    levels = (_maturity(word) for word in words)
    return list(dict.fromkeys(level for level in levels if level))


def _flag(value: object) -> object:
    if isinstance(value, str) and len(value) <= MAX_FLAG_CHARACTERS:
        return encodable(value)
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    message = f"must be a number, true, false, or a text of up to {MAX_FLAG_CHARACTERS} characters"
    raise ValueError(message)


def _flag_name(name: str) -> str:
    if not _FLAG_NAME.fullmatch(name):
        message = "must have up to 64 letters, digits and underscores, a letter first"
        raise ValueError(message)
    return name


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
Maturities = Annotated[
    Annotated[
        Annotated[Word, AfterValidator(_maturity), Tag("one")]
        | Annotated[Words, AfterValidator(_maturities), Tag("several")],
        Discriminator(_how_many),
    ]
    | None,
    BeforeValidator(_absent_if_empty),
]
Flag = Annotated[
    Any,
    PlainValidator(_flag),
    WithJsonSchema(
        {"type": ["boolean", "number", "string", "null"], "maxLength": MAX_FLAG_CHARACTERS}
    ),
]
Flags = dict[Annotated[str, AfterValidator(_flag_name)], Flag]
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
YesOrNo = Annotated[bool, Field(strict=True)]
Region = Annotated[
    Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN), BeforeValidator(_capitals)] | None,
    BeforeValidator(_absent_if_empty),
]
FreeText = Annotated[str, Field(max_length=2000), AfterValidator(encodable)]


class People(BaseModel):
    """Names of people whose work the user likes. Absent: stays as it is; null: is deleted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    actors: Words | None = None
    directors: Words | None = None


class Questions(BaseModel):
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
    streaming_platforms: Words | None = Field(
        default=None, description="By name, as Netflix or Disney+, or by TMDB's id of a provider."
    )
    region: Region = Field(
        default=None,
        description="The country whose offers count, as ISO 3166-1 alpha-2: DE, US.",
    )
    watching_time: OneOrMore = None
    runtime_preference: Runtime = None
    maturity_preference: Maturities = Field(
        default=None,
        description=f"{', '.join(Maturity)}; or a word for one, as PG-13, R or kid-friendly.",
    )
    favorite_people: People | None = None
    content_discovery_preference: Discoveries = None
    viewing_behavior_preference: OneOrMore = None
    deal_breakers: DealBreakers | None = None
    international_content_preference: International = None
    genre_ratings: Scores | None = Field(
        default=None, description="From 1 to 10, by a genre's id or name."
    )
    questionnaire_completed: YesOrNo | None = None
    keep_matches: YesOrNo | None = Field(
        default=None,
        description="Whether what their rooms agree or decide on is put on the watchlist.",
    )
    learn_from_swipes: YesOrNo | None = Field(
        default=None, description="Whether a yes in a room counts for their recommendations."
    )
    extra: Annotated[Flags, Field(max_length=MAX_FLAGS)] | None = Field(
        default=None, description="Flags that a client keeps: texts, numbers, true and false."
    )


def _describe_others(schema: dict[str, Any]) -> None:
    schema["properties"] |= {name: {"description": "Ignored."} for name in IGNORED}
    # Without a type: a generated client's index signature has to suit the questions, too.
    schema["additionalProperties"] = {
        "description": "As in `extra`. A name that resembles a question's is an error.",
    }


class PreferencesChange(Questions):
    """Changes of some answers. Absent ones stay as they are; null deletes one."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra=_describe_others
    )

    @model_validator(mode="before")
    @classmethod
    def _collect_flags(cls, values: object) -> object:
        """Put what is no question, nor resembles one, into `extra`."""
        if not isinstance(values, dict):
            return values
        known = {str(field.alias) for field in cls.model_fields.values()}
        extra = values.get("extra")
        flags = dict(extra) if isinstance(extra, dict) else {}
        rest: dict[str, Any] = {}
        for name, value in values.items():
            if name in IGNORED:
                continue
            if name in known or get_close_matches(name, known, cutoff=MIN_NAME_SIMILARITY):
                rest[name] = value
            else:
                flags[name] = value
        return rest | {"extra": flags} if flags else rest

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        require_order(self.answers)
        return self

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by name; None for those to be deleted."""
        return self.model_dump(by_alias=True, exclude_unset=True)
