"""Typed models of the events' data, generated from their JSON Schemas.

They carry types and meanings, not the publisher's rules (lengths, ranges): a reader is tolerant.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, NamingStrategy
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from datamodel_code_generator.parser import LiteralType

from tools.contracts.catalogue.entries import Entry

_TEMPLATES = Path(__file__).with_name("templates")
_ENVELOPE = "matinee_events.envelope"
_RULES = {
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minProperties", "maxProperties", "propertyNames"),
}
"""What a publisher keeps and a reader does not check."""


class NotWritable(ValueError):
    """A schema of which no model can be written."""


def module(service: str, entries: Sequence[Entry]) -> str:
    """Return the module of one service's events."""
    definitions = {
        class_name(entry.name): {
            **_for_readers(entry.name, entry.schema["properties"]["data"]),
            "title": class_name(entry.name),
            "description": _docstring(entry.meaning),
            "customBasePath": f"{_ENVELOPE}.EventData",
        }
        for entry in entries
    }
    constants = {class_name(entry.name): {"constants": _constants(entry)} for entry in entries}
    text = generate(
        json.dumps({"$defs": definitions}),
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        base_class=f"{_ENVELOPE}.Record",
        custom_template_dir=_TEMPLATES,
        custom_file_header=f'"""The events of Matinee\'s {service} service. Generated."""',
        extra_template_data=defaultdict(dict, constants),
        additional_imports=["typing.ClassVar"],
        skip_root_model=True,
        naming_strategy=NamingStrategy.ParentPrefixed,
        use_schema_description=True,
        use_field_description=True,
        enum_field_as_literal=LiteralType.All,
        output_datetime_class=DatetimeClassType.Awaredatetime,
        formatters=[Formatter.RUFF_FORMAT],
    )
    return str(text)


def catalogue(entries: Sequence[Entry]) -> str:
    """Return the module that knows every model, schema and example."""
    services = sorted({entry.service for entry in entries})
    rows = "\n".join(
        f'    ("{entry.contract.source}", "{entry.name}"): '
        f"{entry.service}.{class_name(entry.name)},"
        for entry in entries
    )
    text = (_TEMPLATES / "catalogue.py.txt").read_text(encoding="utf-8")
    return text.replace("SERVICES", ", ".join(services)).replace("    ROWS", rows)


def class_name(event_type: str) -> str:
    """Return the name of an event's class: `VoteCast.v2` is VoteCastV2."""
    name, _, edition = event_type.partition(".")
    return name + edition.capitalize()


def _constants(entry: Entry) -> list[str]:
    """Return what an event's class says about its type."""
    return [
        f"event_type: ClassVar[str] = {json.dumps(entry.name)}",
        f"source: ClassVar[str] = {json.dumps(entry.contract.source)}",
        f"schema_version: ClassVar[str] = {json.dumps(entry.contract.schema_version)}",
        f"entity_keys: ClassVar[tuple[str, ...]] = {entry.entity_keys!r}",
        f"ordering_field: ClassVar[str] = {json.dumps(entry.contract.ordering_field)}",
    ]


def _for_readers(owner: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without the publisher's rules. Raises NotWritable."""
    kept = {key: _kept(owner, key, value) for key, value in schema.items() if key not in _RULES}
    for name in kept.get("properties", {}):
        if not name.isidentifier():
            message = f"{owner} has a field {name!r}, which is no name in Python"
            raise NotWritable(message)
    return kept


def _kept(owner: str, key: str, value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    match key, value:
        case "properties", dict():
            return {name: _for_readers(owner, field) for name, field in value.items()}
        case "anyOf" | "oneOf", list():
            return [_for_readers(owner, choice) for choice in value]
        case "description", str():
            return _docstring(value)
        case _, dict():
            return _for_readers(owner, value)
    return value


def _docstring(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
