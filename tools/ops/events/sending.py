"""Sample events on the bus: a contract's example, with ids and a time of its own."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matinee.clock import iso, utc_now
from matinee.ids import new_id
from tools.contracts import delivered
from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.project import load_project
from tools.ops.events.environment import Environment, EnvironmentNotFound


class NotSent(Exception):
    """The data breaks the event's schema, or the bus refuses the event; the message says why."""


def send_sample(
    environment: Environment, event_type: str, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Put an event's example on the bus, with other data on request; return its metadata.

    Raises EnvironmentNotFound for a type that nobody publishes, and NotSent.
    """
    entry = _entry(event_type)
    example = entry.example
    if example is None:
        message = f"{event_type} has no example"
        raise EnvironmentNotFound(message)
    detail = fresh_detail(example["detail"], data)
    if wrong := "; ".join(delivered.violations(entry.schema, detail)):
        raise NotSent(wrong)
    answer = environment.client("events").put_events(
        Entries=[
            {
                "EventBusName": environment.bus,
                "Source": entry.contract.source,
                "DetailType": entry.name,
                "Time": datetime.fromisoformat(detail["metadata"]["occurred_at"]),
                "Detail": json.dumps(detail),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise NotSent(str(answer["Entries"][0].get("ErrorMessage", "the bus refuses it")))
    metadata: dict[str, Any] = detail["metadata"]
    return metadata


def fresh_detail(
    example: Mapping[str, Any], data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an example's detail as a new event: consumers handle each id once."""
    event_id = new_id()
    metadata = {
        name: value for name, value in example["metadata"].items() if name != "causation_id"
    }
    own = {
        "event_id": event_id,
        "occurred_at": iso(utc_now()),
        "correlation_id": new_id(),
        "idempotency_key": f"sample:{event_id}",
    }
    return {"metadata": metadata | own, "data": dict(example["data"] if data is None else data)}


def _entry(event_type: str) -> Entry:
    found = {entry.name: entry for entry in entries(load_project())}
    if event_type not in found:
        message = f"Nobody publishes {event_type}. There are: {', '.join(sorted(found))}"
        raise EnvironmentNotFound(message)
    return found[event_type]
