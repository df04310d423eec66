"""Types of fields: times in one form, and input that is strict where pydantic would convert."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from matinee.clock import iso

UtcTime = Annotated[
    AwareDatetime,
    PlainSerializer(iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A time, in JSON always `2026-01-31T12:00:00.000Z`: texts of one width sort as their times do."""


def encodable(text: str) -> str:
    """Reject unpaired surrogates: JSON can escape them, but UTF-8 and so DynamoDB cannot."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "must be a text"
        raise ValueError(message) from error
    return text


def not_boolean(value: object) -> object:
    """Reject true and false where a number is expected; Python accepts them as 1 and 0."""
    if isinstance(value, bool):
        message = "must be a number"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors
    return value


def rounded(number: float) -> float:
    """Return a number with four decimals, as many as TMDB has."""
    return round(number, 4)


Rating = Annotated[
    float,
    Field(ge=0, le=10, allow_inf_nan=False),
    BeforeValidator(not_boolean),
    AfterValidator(rounded),
]
