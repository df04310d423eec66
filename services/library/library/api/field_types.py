"""The kinds of values in requests: bounded, and strict where Python would guess."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from library.domain.genres import genre_id
from library.domain.titles import HIGHEST_MEDIA_ID, MediaType


def writable(text: str) -> str:
    """Refuse half a surrogate pair: JSON can say it, UTF-8 and so the table cannot."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "must be a text"
        raise ValueError(message) from error
    return text


def _seen(text: str) -> str:
    """Drop control characters, each of which JSON would write as six; lines and tabs stay."""
    return text.translate(_UNSEEN)


def _of_an_address(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        message = "must be a path or an address"
        raise ValueError(message)
    return text


def no_boolean(value: object) -> object:
    """Refuse true and false where a number is meant; Python takes them for 1 and 0."""
    if isinstance(value, bool):
        message = "must be a number"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors
    return value


def _whole_number(value: object) -> object:
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_MEDIA_ID))):
            message = "must be a whole number, or one in digits"
            raise ValueError(message)
        return int(text)
    if not isinstance(value, int):
        message = "must be a whole number, or one in digits"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors
    return no_boolean(value)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _genre_list(value: object) -> object:
    """Take genres as a recommendation has them, "28|12", or a title's details, [{"id": 28}].

    Of a title without genres they are an empty text.
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
    return _whole_number(value)


def _empty_is_absent(text: str) -> str | None:
    return text or None


def _rounded(number: float) -> float:
    return round(number, 4)


def _in_utc(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        message = "must be a moment of our time"
        raise ValueError(message)
    return moment.astimezone(UTC)


_FIRST_YEAR, _LAST_YEAR = 1970, 9999
_UNSEEN = dict.fromkeys(set(range(32)) - set(b"\t\n\r"))


Rating = Annotated[
    float,
    BeforeValidator(no_boolean),
    Field(ge=0, le=10, allow_inf_nan=False),
    AfterValidator(_rounded),
]
Popularity = Annotated[
    float,
    BeforeValidator(no_boolean),
    Field(ge=0, le=10**9, allow_inf_nan=False),
    AfterValidator(_rounded),
]
Count = Annotated[int, BeforeValidator(no_boolean), Field(ge=0, le=10**9)]
Minutes = Annotated[int, BeforeValidator(no_boolean), Field(ge=0, le=100_000)]
TitleText = Annotated[str, Field(max_length=500), AfterValidator(writable), AfterValidator(_seen)]
Overview = Annotated[str, Field(max_length=5000), AfterValidator(writable), AfterValidator(_seen)]
Language = Annotated[str, Field(max_length=32), AfterValidator(writable)]
ReleaseDate = Annotated[
    str, Field(max_length=32), AfterValidator(writable), AfterValidator(_empty_is_absent)
]
Path = Annotated[
    str, Field(max_length=500), AfterValidator(_of_an_address), AfterValidator(_empty_is_absent)
]
Kind = Annotated[MediaType, BeforeValidator(_lower)]
MediaId = Annotated[
    int,
    BeforeValidator(_whole_number),
    Field(ge=1, le=HIGHEST_MEDIA_ID),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": HIGHEST_MEDIA_ID},
                {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"},
            ],
            "description": "TMDB's id of the film or series, as a number or in digits.",
        }
    ),
]
GenreIds = Annotated[
    list[Annotated[int, Field(ge=1, le=HIGHEST_MEDIA_ID)]],
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
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
