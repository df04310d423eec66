"""An event as its subscribers get it: EventBridge's own envelope around our `detail`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matinee.events.contract import Contract, Envelope

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_aware(value: object) -> bool:
    """Validate `format: date-time` by RFC 3339, which requires an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Delivered(BaseModel):
    """An EventBridge event. `time` is our occurred_at, cut to whole seconds.

    `replay_name` is there in a replay only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    version: str = Field(pattern="^0$")
    id: str = Field(min_length=36, max_length=36)
    detail_type: str = Field(alias="detail-type")
    source: str
    account: str = Field(pattern=r"^\d{12}$")
    time: datetime
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    resources: list[str]
    replay_name: str | None = Field(default=None, alias="replay-name")
    detail: dict[str, Any]


def read(event: object) -> Delivered:
    """Read an event. Raises ValidationError."""
    return Delivered.model_validate(event)


def contradictions(event: Delivered, envelope: Envelope[Contract]) -> Iterator[str]:
    """Yield where the two envelopes of one event do not agree."""
    metadata = envelope.metadata
    if event.detail_type != metadata.event_type:
        yield f"detail-type is {event.detail_type}, event_type {metadata.event_type}"
    if event.source != metadata.source:
        yield f"source is {event.source} outside and {metadata.source} inside"
    if event.time != metadata.occurred_at.replace(microsecond=0):
        yield "time is not occurred_at in whole seconds"


def violations(schema: Mapping[str, Any], detail: object) -> Iterator[str]:
    """Yield where a detail violates its schema."""
    for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(detail):
        yield f"{error.json_path}: {error.message}"


def problems(error: ValidationError) -> str:
    """Return in one line what a model refuses."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )
