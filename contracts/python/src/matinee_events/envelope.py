"""An event as a subscriber reads it: EventBridge's envelope outside, Matinee's inside."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """A part of an event; fields of a later minor version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class EventData(Record):
    """The data of one type of event.

    `entity_keys` are the fields that identify the entity it is about. Of two events on one entity
    the later has the greater `ordering_field`; where that is empty, the later `occurred_at`.
    """

    event_type: ClassVar[str]
    source: ClassVar[str]
    schema_version: ClassVar[str]
    entity_keys: ClassVar[tuple[str, ...]] = ()
    ordering_field: ClassVar[str] = ""


class Metadata(Record):
    """The metadata of every event."""

    event_id: str
    """Unique; a consumer that has seen it ignores the event."""
    event_type: str
    schema_version: str
    source: str
    occurred_at: AwareDatetime
    correlation_id: str
    """The same from the first request to the last reaction."""
    causation_id: str | None = None
    """The event that caused this one; absent when a request did."""
    idempotency_key: str
    """The same for the same change."""


class Event(BaseModel):
    """One event. `replay_name` is set when it was replayed from the archive."""

    model_config = ConfigDict(frozen=True)

    metadata: Metadata
    data: EventData
    replay_name: str | None = None


class UnknownEvent(ValueError):
    """An event that this version of the package does not know: there may be a newer version."""


class BrokenEvent(ValueError):
    """No event of Matinee's, or one that violates its contract. It can never be read."""


def read(event: str | bytes | Mapping[str, Any]) -> Event:
    """Read an EventBridge event. Raises UnknownEvent or BrokenEvent; neither shows any values."""
    whole = _whole(event)
    source, detail_type = whole.get("source"), whole.get("detail-type")
    detail = whole.get("detail")
    if not isinstance(detail, Mapping):
        message = "there is no detail in it"
        raise BrokenEvent(message)
    model = _models().get((str(source), str(detail_type)))
    if model is None:
        message = f"{source} {detail_type} is not known"
        raise UnknownEvent(message)
    try:
        metadata = Metadata.model_validate_json(json.dumps(detail.get("metadata")))
        data = model.model_validate_json(json.dumps(detail.get("data")))
    except ValidationError as error:
        raise BrokenEvent(_reasons(error)) from None
    if (metadata.source, metadata.event_type) != (source, detail_type):
        message = "outside it says another source or type than inside"
        raise BrokenEvent(message)
    if _major(metadata.schema_version) != _major(model.schema_version):
        message = f"{detail_type} {metadata.schema_version} is of another major version"
        raise BrokenEvent(message)
    return Event.model_construct(metadata=metadata, data=data, replay_name=whole.get("replay-name"))


def _major(version: str) -> str:
    return version.partition(".")[0]


def _whole(event: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(event, Mapping):
        return event
    try:
        read_event = json.loads(event)
    except ValueError:
        read_event = None
    if not isinstance(read_event, dict):
        message = "it is no JSON object"
        raise BrokenEvent(message)
    return read_event


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )


def _models() -> Mapping[tuple[str, str], type[EventData]]:
    from matinee_events.catalogue import MODELS  # noqa: PLC0415 - it is made of the classes here

    return MODELS
