"""What is on the bus, as a person asks for it: who tells what and when, and who listens."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from matinee.events.contract import Contract
from tools.contracts.pattern import NotUnderstood
from tools.contracts.project import Fault, Project
from tools.contracts.readers import readers_of
from tools.contracts.rules import rules_of
from tools.contracts.schema import Schema, schema_of
from tools.contracts.versions import SchemaFile, file_of


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A function that one of our own rules brings an event to, by way of its queue."""

    service: str
    function: str
    queue: str


@dataclass(frozen=True)
class Entry:
    """One event of the catalogue: the present version of a contract."""

    service: str
    contract: type[Contract]
    file: SchemaFile
    listeners: tuple[Listener, ...]

    @property
    def name(self) -> str:
        """The event's detail-type."""
        return self.contract.event_type

    @property
    def meaning(self) -> str:
        """What the event says: the first paragraph of its model's docstring."""
        text = inspect.cleandoc(self.contract.__doc__ or "")
        return " ".join(text.split("\n\n")[0].split())

    @property
    def about(self) -> tuple[str, ...]:
        """The fields of the data that together name the thing which the event is about."""
        return self.contract.entity_keys

    @property
    def order(self) -> str:
        """The field, from `detail` on, by which the later of two events on one thing is told."""
        return (
            f"data.{self.contract.ordering_field}"
            if self.contract.ordering_field
            else "metadata.occurred_at"
        )

    @cached_property
    def schema(self) -> Schema:
        """The schema of its `detail`."""
        return schema_of(self.service, self.contract)

    @cached_property
    def example(self) -> dict[str, Any] | None:
        """The hand-written example, as a subscriber receives it; None as long as there is none."""
        if not self.file.example.exists():
            return None
        event: dict[str, Any] = json.loads(self.file.example.read_text(encoding="utf-8"))
        return event

    @property
    def idempotency_form(self) -> str:
        """How the idempotency key is made: `vote:{room_id}:{movie_id}`, read off the example."""
        if self.example is None:
            return ""
        detail = self.example["detail"]
        data = {name: _normal(str(value)) for name, value in detail["data"].items()}
        first = [name for name in (*self.about, self.contract.ordering_field) if name in data]
        names = {data[name]: name for name in reversed([*first, *sorted(data.keys() - set(first))])}
        key = [_normal(part) for part in _parts(str(detail["metadata"]["idempotency_key"]))]
        return ":".join(f"{{{names[part]}}}" if part in names else part for part in key)


def entries(project: Project) -> list[Entry]:
    """Answer the catalogue, by service and event."""
    heard = _listeners(project)
    found = [
        Entry(service, model, file_of(project, service, model), heard.get(model.event_type, ()))
        for service, model in project.published()
    ]
    return sorted(found, key=lambda entry: (entry.service, entry.name))


def misdescribed(project: Project) -> Iterator[Fault]:
    """Find events whose description names fields that are not there or not always there."""
    for service, model in project.published():
        place = f"{service}.events.published.{model.__name__}"
        data = schema_of(service, model)["properties"]["data"]
        required = set(data.get("required", ()))
        for name in (*model.entity_keys, *filter(None, (model.ordering_field,))):
            if name not in required:
                yield Fault(place, f"is described by {name}, which is no required field of it")
        if model.trigger and not model.trigger.endswith("."):
            yield Fault(place, "says when it is told in no whole sentence")


def _listeners(project: Project) -> dict[str, tuple[Listener, ...]]:
    """Answer who hears each type of event of what our own template's rules deliver."""
    rules = list(rules_of(project.template))
    heard: dict[str, set[Listener]] = {}
    for function, queue, handler in readers_of(project.template):
        listener = Listener(handler.split(".")[0], function, queue)
        for rule in rules:
            if queue not in rule.targets:
                continue
            for _, contract in project.published():
                try:
                    delivers = rule.delivers(contract)
                except NotUnderstood:
                    continue  # `rules.unknown_events` says so.
                if delivers:
                    heard.setdefault(contract.event_type, set()).add(listener)
    return {name: tuple(sorted(listeners)) for name, listeners in heard.items()}


def _parts(key: str) -> list[str]:
    """Cut an idempotency key at its colons, but for those within a time such as 19:30:04.118."""
    return re.split(r"(?<!T\d\d):(?<!T\d\d:\d\d:)", key)


def _normal(text: str) -> str:
    """Write a time in one way, so that it is known however many zeros it ends in."""
    try:
        return datetime.fromisoformat(text).isoformat() if "T" in text else text
    except ValueError:
        return text
