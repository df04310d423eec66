"""Types of the fields of requests: bounded, and strict where pydantic would convert."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from matinee.field_types import encodable, not_boolean, rounded
from matinee.media import MAX_MEDIA_ID
from matinee.questionnaire import genre_id
from matinee.text import clean_text, is_image_path, parse_day
from matinee.title_input import whole_number


def _path(text: str) -> str | None:
    if text and not is_image_path(text):
        message = "must be a path that begins with /, or an http address"
        raise ValueError(message)
    return text or None


def _day(text: str) -> str | None:
    """Return a day; TMDB leaves an unknown one empty."""
    day = parse_day(text)
    if text.strip() and day is None:
        message = "must be a day, yyyy-mm-dd"
        raise ValueError(message)
    return day


def _genre_list(value: object) -> object:
    """Accept the genres of a recommendation, "28|12", and of a title's details, [{"id": 28}].

    A recommendation without genres has an empty text.
    """
    parts = [part for part in value.split("|") if part] if isinstance(value, str) else value
    if not isinstance(parts, list):
        return value
    return [
        _genre(part["id"] if isinstance(part, dict) and "id" in part else part) for part in parts
    ]


def _genre(value: object) -> object:
    if isinstance(value, str) and not value.strip().isdecimal():
        return genre_id(value)
    return whole_number(value)


def _clean(text: str) -> str | None:
    return clean_text(text) or None


def _day_is_its_start(value: object) -> object:
    """Accept a day without a time, as other sites export it: its first moment in UTC."""
    if isinstance(value, str) and len(value.strip()) == len("2023-01-10") and parse_day(value):
        return f"{value.strip()}T00:00:00Z"
    return value


def _in_utc(moment: datetime) -> datetime:
    if not _MIN_YEAR <= moment.year < _MAX_YEAR:
        message = "must be a time between 1970 and 9999"
        raise ValueError(message)
    return moment.astimezone(UTC)


_MIN_YEAR, _MAX_YEAR = 1970, 9999

Popularity = Annotated[
    float,
    Field(ge=0, le=10**9, allow_inf_nan=False),
    BeforeValidator(not_boolean),
    AfterValidator(rounded),
]
SeenRating = Annotated[
    float,
    Field(ge=1, le=10, allow_inf_nan=False),
    BeforeValidator(not_boolean),
    AfterValidator(rounded),
]
Count = Annotated[int, Field(ge=0, le=10**9), BeforeValidator(not_boolean)]
Minutes = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(not_boolean)]
TitleText = Annotated[str, Field(max_length=500), AfterValidator(encodable), AfterValidator(_clean)]
Overview = Annotated[str, Field(max_length=5000), AfterValidator(encodable), AfterValidator(_clean)]
Language = Annotated[str, Field(max_length=32), AfterValidator(encodable), AfterValidator(_clean)]
ReleaseDate = Annotated[str, Field(max_length=32), AfterValidator(_day)]
Path = Annotated[str, Field(max_length=500), AfterValidator(_path)]
GenreIds = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_MEDIA_ID)]],
    BeforeValidator(_genre_list),
    Field(max_length=50),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "maxItems": 50, "items": {"type": "integer", "minimum": 1}},
                {"type": "string", "examples": ["28|12"]},
            ],
            "description": "Ids (or names, or objects with an `id`), or ids joined by `|`.",
        }
    ),
]
Time = Annotated[AwareDatetime, BeforeValidator(_day_is_its_start), AfterValidator(_in_utc)]
