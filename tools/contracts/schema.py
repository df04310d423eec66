"""From an event's model to the JSON Schema (2020-12) of its `detail`."""

import copy
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from matinee.events.contract import Contract, EventMetadata

type Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FIRST = ("description", "type", "const", "format")
_LAST = ("required", "properties", "items")


def identifier(service: str, event_type: str, version: str) -> str:
    """Return the `$id` of a schema."""
    return f"urn:matinee:event:{service}:{event_type}:{version}"


def schema_of(service: str, contract: type[Contract]) -> Schema:
    """Return the schema of an event's `detail`, {metadata, data}.

    Unknown properties and later minor versions are allowed: additions must not break readers. A
    field without a value is absent, never null, since that is how it is published
    (`matinee.events.envelope.detail`).
    """
    schema: Schema = json.loads(_schema(service, contract))
    return schema


@lru_cache(maxsize=256)
def _schema(service: str, contract: type[Contract]) -> str:
    """Make a schema once, as JSON: each caller changes its own copy."""
    metadata = _object(EventMetadata.model_json_schema())
    said = {
        "event_type": {"const": contract.event_type},
        "source": {"const": contract.source},
        "schema_version": {"pattern": contract.version_pattern()},
    }
    for name, rule in said.items():
        general = metadata["properties"][name]
        general.pop("pattern", None)
        metadata["properties"][name] = _ordered({**general, **rule})
    data = _object(contract.model_json_schema())
    data.pop("description", None)  # It stands above, as the event's own.
    schema = {
        "$schema": DIALECT,
        "$id": identifier(service, contract.event_type, contract.schema_version),
        "title": contract.event_type,
        "description": contract.__doc__ or "",
        "type": "object",
        "required": ["metadata", "data"],
        "properties": {"metadata": metadata, "data": data},
    }
    return json.dumps(schema)


def text_of(schema: Mapping[str, Any]) -> str:
    """Write a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _object(schema: Schema) -> Schema:
    """Return a model's schema without definitions, generated titles and nulls."""
    definitions = schema.pop("$defs", {})
    return _plain(_inlined(schema, definitions, ()))


def _inlined(node: Any, definitions: Mapping[str, Schema], within: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """Replace every reference by its definition; what stands beside the reference wins."""
    if isinstance(node, list):
        return [_inlined(part, definitions, within) for part in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    reference = node.pop("$ref", None)
    if reference is not None:
        name = reference.rsplit("/", 1)[-1]
        if name in within:
            message = f"{name} contains itself; an event is a flat record"
            raise ValueError(message)
        definition = _inlined(definitions[name], definitions, (*within, name))
        node = {**copy.deepcopy(definition), **node}
    return {key: _inlined(value, definitions, within) for key, value in node.items()}


def _plain(schema: Schema) -> Schema:
    """Drop pydantic's titles, and say of an optional field what it holds when it is there."""
    schema = _without_null({key: value for key, value in schema.items() if key != "title"})
    if "properties" in schema:
        schema["properties"] = {name: _plain(field) for name, field in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _plain(schema[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in schema:
            schema[key] = [_plain(part) for part in schema[key]]
    return _ordered(schema)


def _without_null(schema: Schema) -> Schema:
    if "default" not in schema or schema["default"] is not None:
        return schema
    del schema["default"]
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    return {**kinds[0], **schema} if len(kinds) == 1 else {**schema, "anyOf": kinds}


def _ordered(schema: Schema) -> Schema:
    """Sort a field's type before its rules, and a record's fields to its end."""
    first = [key for key in _FIRST if key in schema]
    last = [key for key in _LAST if key in schema]
    between = [key for key in schema if key not in _FIRST + _LAST]
    return {key: schema[key] for key in (*first, *between, *last)}
