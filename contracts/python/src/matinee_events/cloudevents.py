"""Matinee's events as CloudEvents 1.0 (JSON, structured mode), and back. Nothing is lost.

The mapping is a table in contracts/README.md. Both ways work on plain dictionaries, so that fields
of a later minor version come through.
"""

from collections.abc import Mapping
from typing import Any

from matinee_events.catalogue import MODELS
from matinee_events.envelope import BrokenEvent

SPECVERSION = "1.0"
_TYPE_PREFIX = "com."
_SCHEMA = "urn:matinee:event"
_EXTENSIONS = {
    "correlationid": "correlation_id",
    "causationid": "causation_id",
    "idempotencykey": "idempotency_key",
}


def to_cloudevent(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an EventBridge event of ours as a CloudEvent. Raises BrokenEvent."""
    try:
        metadata, data = event["detail"]["metadata"], event["detail"]["data"]
        source, event_type = metadata["source"], metadata["event_type"]
        service = source.removeprefix("matinee.")
        cloudevent = {
            "specversion": SPECVERSION,
            "id": metadata["event_id"],
            "source": "/" + source.replace(".", "/"),
            "type": f"{_TYPE_PREFIX}{source}.{event_type}",
            "time": metadata["occurred_at"],
            "datacontenttype": "application/json",
            "dataschema": f"{_SCHEMA}:{service}:{event_type}:{metadata['schema_version']}",
        }
        model = MODELS.get((source, event_type))
        if model and model.entity_keys:
            subject = "/".join(str(data[name]) for name in model.entity_keys)
            cloudevent |= {"subject": subject, "partitionkey": subject}
        extensions = {
            attribute: metadata[name] for attribute, name in _EXTENSIONS.items() if name in metadata
        }
    except (KeyError, TypeError, AttributeError) as error:
        message = f"this is no event of Matinee's: {error!r}"
        raise BrokenEvent(message) from error
    return {**cloudevent, **extensions, "data": data}


def from_cloudevent(cloudevent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent that `to_cloudevent` made as EventBridge has it: source, type, detail.

    EventBridge's own fields (id, account, region, ...) are not in it: they are of one delivery.
    Raises BrokenEvent.
    """
    try:
        source = cloudevent["source"].removeprefix("/").replace("/", ".")
        event_type = cloudevent["type"].removeprefix(f"{_TYPE_PREFIX}{source}.")
        version = cloudevent["dataschema"].rpartition(":")[2]
        if cloudevent["specversion"] != SPECVERSION or event_type == cloudevent["type"]:
            message = "this is no CloudEvent 1.0 of Matinee's"
            raise BrokenEvent(message)
        metadata = {
            "event_id": cloudevent["id"],
            "event_type": event_type,
            "schema_version": version,
            "source": source,
            "occurred_at": cloudevent["time"],
            **{
                name: cloudevent[attribute]
                for attribute, name in _EXTENSIONS.items()
                if attribute in cloudevent
            },
        }
        detail = {"metadata": metadata, "data": cloudevent["data"]}
    except (KeyError, AttributeError) as error:
        message = f"this is no CloudEvent of Matinee's: {error!r}"
        raise BrokenEvent(message) from error
    return {"source": source, "detail-type": event_type, "detail": detail}
