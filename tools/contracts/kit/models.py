"""Typed models of the events' data, written as Python from their JSON Schemas.

They carry types and meanings, not the publisher's rules (lengths, ranges): a reader is tolerant.
"""

import json
import re
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from tools.contracts.catalogue.entries import Entry

_PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
    "array": "list[Any]",
}
_WIDTH = 96


class NotWritable(ValueError):
    """A schema of which no model can be written."""


def module(service: str, entries: Sequence[Entry]) -> str:
    """Write the module of one service's events."""
    body = "\n\n\n".join(text for entry in entries for text in _classes(entry))
    names = json.dumps(sorted(class_name(entry.name) for entry in entries), indent=4)
    typing = _used(body, "Any", "ClassVar", "Literal")
    pydantic = _used(body, "AwareDatetime", "BaseModel", "ConfigDict")
    return (
        f'"""The events of Matinee\'s {service} service. Generated: do not edit."""\n\n'
        f"from typing import {typing}\n\n"
        + (f"from pydantic import {pydantic}\n\n" if pydantic else "")
        + f"from matinee_events.envelope import EventData\n\n__all__ = {names}\n\n\n{body}\n"
    )


def catalogue(entries: Sequence[Entry]) -> str:
    """Write the module that knows every model, schema and example."""
    services = sorted({entry.service for entry in entries})
    models = {
        (entry.contract.source, entry.name): f"{entry.service}.{class_name(entry.name)}"
        for entry in entries
    }
    rows = "\n".join(
        f'    ("{source}", "{name}"): {model},' for (source, name), model in models.items()
    )
    imports = ", ".join(services)
    return f'''"""Every event of this version of the package. Generated: do not edit."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from matinee_events import {imports}
from matinee_events.envelope import EventData

MODELS: Mapping[tuple[str, str], type[EventData]] = {{
{rows}
}}
"""By source and detail-type."""


def schema(source: str, detail_type: str) -> dict[str, Any]:
    """Answer the JSON Schema of an event's detail. Raises KeyError."""
    return _read(source, detail_type, "json")


def example(source: str, detail_type: str) -> dict[str, Any]:
    """Answer a whole event as EventBridge delivers it, for tests. Raises KeyError."""
    return _read(source, detail_type, "example.json")


def _read(source: str, detail_type: str, ending: str) -> dict[str, Any]:
    version = MODELS[source, detail_type].schema_version
    path = f"schemas/{{source.removeprefix('matinee.')}}/{{detail_type}}/{{version}}.{{ending}}"
    content: dict[str, Any] = json.loads(files("matinee_events").joinpath(path).read_text("utf-8"))
    return content
'''


def class_name(event_type: str) -> str:
    """Answer an event's class: `VoteCast.v2` is VoteCastV2."""
    name, _, edition = event_type.partition(".")
    return name + edition.capitalize()


def _classes(entry: Entry) -> list[str]:
    """Write an event's class, after those of the records in it."""
    records: list[str] = []
    name = class_name(entry.name)
    fields = _fields(name, entry.schema["properties"]["data"], records)
    head = (
        f"class {name}(EventData):\n"
        f"{_docstring(entry.meaning, 4)}\n\n"
        f'    event_type: ClassVar[str] = "{entry.name}"\n'
        f'    source: ClassVar[str] = "{entry.contract.source}"\n'
        f'    schema_version: ClassVar[str] = "{entry.contract.schema_version}"\n'
        f"    about: ClassVar[tuple[str, ...]] = {_tuple(entry.about)}\n"
        f'    order: ClassVar[str] = "{entry.contract.order}"\n'
    )
    return [*records, f"{head}\n{fields}".rstrip()]


def _fields(owner: str, schema: Mapping[str, Any], records: list[str]) -> str:
    """Write a record's fields, those that are always there first."""
    required = set(schema.get("required", ()))
    properties: Mapping[str, Any] = schema.get("properties", {})
    lines = []
    for name in sorted(properties, key=lambda name: name not in required):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            message = f"{owner} has a field {name!r}, which is no name in Python"
            raise NotWritable(message)
        kind = _kind(f"{owner}{_camel(name)}", properties[name], records)
        default = "" if name in required else " | None = None"
        lines.append(f"    {name}: {kind}{default}")
        if description := properties[name].get("description"):
            lines.append(_docstring(description, 4))
    return "\n".join(lines) or "    pass"


def _kind(name: str, schema: Mapping[str, Any], records: list[str]) -> str:
    """Answer a field's type; a record in it becomes a class `name`, put beside the others."""
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(map(repr, values))}]"
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        kinds = [_kind(f"{name}{n}", part, records) for n, part in enumerate(choices, 1)]
        return " | ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return f"list[{_kind(f'{name}Item', schema['items'], records)}]"
    if schema.get("type") == "object":
        return _object(name, schema, records)
    return _scalar(schema)


def _object(name: str, schema: Mapping[str, Any], records: list[str]) -> str:
    if "properties" in schema:
        fields = _fields(name, schema, records)
        text = _docstring(schema.get("description", "A part of an event."), 4)
        config = '    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)\n'
        records.append(f"class {name}(BaseModel):\n{text}\n\n{config}\n{fields}")
        return name
    if isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {_kind(f'{name}Value', schema['additionalProperties'], records)}]"
    return _PLAIN["object"]


def _scalar(schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "AwareDatetime"
    kinds = schema.get("type", [])
    named = [kinds] if isinstance(kinds, str) else kinds
    return " | ".join(_PLAIN[kind] for kind in named) or "Any"


def _used(text: str, *names: str) -> str:
    return ", ".join(name for name in names if re.search(rf"\b{name}\b", text))


def _docstring(text: str, indent: int) -> str:
    margin = " " * indent
    said = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return fill(f'"""{said}"""', _WIDTH, initial_indent=margin, subsequent_indent=margin)


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(map(json.dumps, names))}{',' if len(names) == 1 else ''})"
