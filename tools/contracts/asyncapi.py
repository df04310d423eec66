"""contracts/asyncapi.yaml (AsyncAPI 3.0): what Matinee puts on its bus, from the same models."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

from tools.contracts.project import Fault, Project
from tools.contracts.versions import SchemaFile, current

_HEAD = (
    "# Generated from the services' event models: python -m tools.contracts write\n"
    "# Do not edit: `python -m tools.contracts check` fails when this file and they disagree.\n"
)

_ABOUT = """\
What happens in Matinee, told on one EventBridge bus. Every event is delivered at least once and in
no promised order; `metadata.event_id` tells a repeat. contracts/README.md says how to subscribe and
what may change in a version."""

_EVENT = """\
An EventBridge event. Unknown fields may come at any time and are to be ignored."""


def document(project: Project) -> dict[str, Any]:
    """Build the document. It refers to the schemas where they are, and shows the examples."""
    files = sorted((file for file, _ in current(project).values()), key=lambda file: file.event)
    summaries = {model.event_type: model.__doc__ or "" for _, model in project.published()}
    services = sorted({file.service for file in files})
    sources = {service: model.source for service, model in project.published()}
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
        "channels": {
            service: {
                "address": "{bus}",
                "title": f"What the {service} service tells",
                "description": f"The events on the bus whose source is {sources[service]}.",
                "parameters": {"bus": {"description": "The stack's output EventBusName."}},
                "servers": [{"$ref": "#/servers/bus"}],
                "messages": {
                    file.event_type: {"$ref": f"#/components/messages/{_key(file)}"}
                    for file in files
                    if file.service == service
                },
            }
            for service in services
        },
        "operations": {
            f"{service}.{file.event_type}": {
                "action": "send",
                "summary": summaries[file.event_type],
                "channel": {"$ref": f"#/channels/{service}"},
                "messages": [{"$ref": f"#/channels/{service}/messages/{file.event_type}"}],
            }
            for service in services
            for file in files
            if file.service == service
        },
        "components": {
            "messages": {
                _key(file): _message(project, file, summaries[file.event_type], sources)
                for file in files
            }
        },
    }


def text(project: Project) -> str:
    """Write the document as YAML."""
    return _HEAD + yaml.dump(
        document(project), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def outdated(project: Project) -> Iterator[Fault]:
    """Find out whether the document is not what the models say."""
    path = project.asyncapi
    if not path.exists() or path.read_text(encoding="utf-8") != text(project):
        yield Fault(project.shown(path), "is not what the models say: run `make contracts`")


def _message(
    project: Project, file: SchemaFile, summary: str, sources: dict[str, str]
) -> dict[str, Any]:
    folder = project.asyncapi.parent
    return {
        "name": file.event_type,
        "title": f"{file.event_type} {file.version}",
        "summary": summary,
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
                    "detail-type": {"const": file.event_type},
                    "source": {"const": sources[file.service]},
                    "account": {"type": "string"},
                    "time": {"type": "string", "format": "date-time"},
                    "region": {"type": "string"},
                    "resources": {"type": "array", "items": {"type": "string"}},
                    "detail": {"$ref": f"./{file.path.relative_to(folder).as_posix()}"},
                },
            },
        },
        "examples": _examples(file),
    }


def _examples(file: SchemaFile) -> list[dict[str, Any]]:
    if not file.example.exists():
        return []
    payload = json.loads(file.example.read_text(encoding="utf-8"))
    return [{"name": f"{file.event_type} {file.version}", "payload": payload}]


def _key(file: SchemaFile) -> str:
    return f"{file.service}.{file.event_type}"


def _version(project: Project) -> str:
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version


class _Dumper(yaml.SafeDumper):
    """Writes every value out where it stands, and lists inside their keys."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class asks for it
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as above
        super().increase_indent(flow, False)
