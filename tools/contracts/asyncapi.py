"""contracts/asyncapi.yaml (AsyncAPI 3.0): what Matinee puts on its bus, from the same models."""

import tomllib
from collections.abc import Iterator
from typing import Any

from tools.contracts.catalogue.entries import Consumer, Entry, entries
from tools.contracts.documents import to_yaml
from tools.contracts.project import Fault, Project

_HEAD = (
    "# Generated from the services' event models: python -m tools.contracts write\n"
    "# Do not edit: `python -m tools.contracts check` fails when this file and they disagree.\n"
)

_ABOUT = """\
What happens in Matinee, published on one EventBridge bus. Every event is delivered at least once
and in no promised order; `metadata.event_id` identifies a repeat. contracts/README.md says how to
subscribe and what may change in a version."""

_EVENT = """\
An EventBridge event. Unknown fields may come at any time and are to be ignored."""


def document(project: Project) -> dict[str, Any]:
    """Build the document. It refers to the schemas where they are, and shows the examples.

    It is written from the bus's side: what each service sends, and what each of our own functions
    receives. Other teams' consumers are not in it.
    """
    published = entries(project)
    services = sorted({entry.service for entry in published})
    return {
        "asyncapi": "3.0.0",
        "id": "urn:matinee:events",
        "info": {
            "title": "Matinee's events",
            "version": _version(project),
            "description": _ABOUT,
        },
        "defaultContentType": "application/json",
        "servers": {
            "bus": {
                "host": "events.{region}.amazonaws.com",
                "protocol": "eventbridge",
                "description": "The bus of a deployed stack: its outputs EventBusName and "
                "EventBusArn.",
                "variables": {"region": {"default": "eu-west-1"}},
            }
        },
        "channels": {service: _channel(service, published) for service in services},
        "operations": {**_sent(published), **_received(published)},
        "components": {"messages": {_key(entry): _message(project, entry) for entry in published}},
    }


def _channel(service: str, published: list[Entry]) -> dict[str, Any]:
    own = [entry for entry in published if entry.service == service]
    return {
        "address": "{bus}",
        "title": f"Events of the {service} service",
        "description": f"The events on the bus whose source is {own[0].contract.source}.",
        "parameters": {"bus": {"description": "The stack's output EventBusName."}},
        "servers": [{"$ref": "#/servers/bus"}],
        "messages": {entry.name: {"$ref": f"#/components/messages/{_key(entry)}"} for entry in own},
    }


def _sent(published: list[Entry]) -> dict[str, Any]:
    return {
        _key(entry): {
            "action": "send",
            "title": f"{entry.service} publishes {entry.name}",
            "summary": entry.contract.trigger or entry.meaning,
            "channel": {"$ref": f"#/channels/{entry.service}"},
            "messages": [{"$ref": f"#/channels/{entry.service}/messages/{entry.name}"}],
        }
        for entry in published
    }


def _received(published: list[Entry]) -> dict[str, Any]:
    """Return an operation for each function and each service whose events it consumes."""
    consumed: dict[tuple[Consumer, str], list[Entry]] = {}
    for entry in published:
        for consumer in entry.consumers:
            consumed.setdefault((consumer, entry.service), []).append(entry)
    return {
        f"{consumer.function}.{source}": {
            "action": "receive",
            "title": f"{consumer.service}'s {consumer.function} consumes {source}",
            "summary": f"Through {consumer.queue}, a queue of its own.",
            "channel": {"$ref": f"#/channels/{source}"},
            "messages": [
                {"$ref": f"#/channels/{source}/messages/{entry.name}"} for entry in events
            ],
        }
        for (consumer, source), events in sorted(consumed.items())
    }


def text(project: Project) -> str:
    """Write the document as YAML."""
    return _HEAD + to_yaml(document(project))


def outdated(project: Project) -> Iterator[Fault]:
    """Find out whether the document differs from the models."""
    path = project.asyncapi
    if not path.exists() or path.read_text(encoding="utf-8") != text(project):
        yield Fault(project.shown(path), "is not what the models say: run `make contracts`")


def _message(project: Project, entry: Entry) -> dict[str, Any]:
    folder = project.asyncapi.parent
    return {
        "name": entry.name,
        "title": f"{entry.name} {entry.file.version}",
        "summary": entry.meaning,
        "contentType": "application/json",
        "correlationId": {"location": "$message.payload#/detail/metadata/correlation_id"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {
                "type": "object",
                "description": _EVENT,
                "required": ["id", "detail-type", "source", "time", "detail"],
                "properties": {
                    "version": {"type": "string"},
                    "id": {"type": "string", "description": "EventBridge's own; not our event_id."},
                    "detail-type": {"const": entry.name},
                    "source": {"const": entry.contract.source},
                    "account": {"type": "string"},
                    "time": {"type": "string", "format": "date-time"},
                    "region": {"type": "string"},
                    "resources": {"type": "array", "items": {"type": "string"}},
                    "replay-name": {"type": "string", "description": "Only in a replay."},
                    "detail": {"$ref": f"./{entry.file.path.relative_to(folder).as_posix()}"},
                },
            },
        },
        "examples": _examples(entry),
        "x-entity-keys": [f"data.{name}" for name in entry.entity_keys],
        "x-ordered-by": entry.ordering_path,
        "x-idempotency-key": entry.idempotency_form,
    }


def _examples(entry: Entry) -> list[dict[str, Any]]:
    if entry.example is None:
        return []
    return [{"name": f"{entry.name} {entry.file.version}", "payload": entry.example}]


def _key(entry: Entry) -> str:
    return f"{entry.service}.{entry.name}"


def _version(project: Project) -> str:
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version
