"""Our schemas (JSON Schema 2020-12) as EventBridge's schema registry takes them: draft 4."""

from collections.abc import Callable, Mapping
from typing import Any

from tools.contracts.schema import Schema

DIALECT = "http://json-schema.org/draft-04/schema#"

_SAME = frozenset(
    {
        *("title", "description", "type", "format", "enum", "pattern", "default", "required"),
        *("minimum", "maximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    }
)
"""What means the same in both."""

_LEFT_OUT = frozenset({"$schema", "$id", "$comment", "examples"})
"""What only says something of the schema itself."""


class NotConvertible(ValueError):
    """A keyword that draft 4 has not, and that nothing in it can stand for."""


def converted(schema: Mapping[str, Any]) -> Schema:
    """Write a schema in draft 4: the same instances are valid. Raises NotConvertible.

    Its dialect is to be named by who puts it at the top of a document.
    """
    answer: Schema = {}
    for keyword, value in schema.items():
        if keyword in _CONVERTED:
            answer |= _CONVERTED[keyword](value)
        elif keyword in _SAME:
            answer[keyword] = value
        elif keyword not in _LEFT_OUT:
            message = f"{keyword} cannot be said in draft 4"
            raise NotConvertible(message)
    if not answer.get("required", True):
        del answer["required"]  # Draft 4 knows no empty list there.
    return answer


def _one_of_each(schemas: Mapping[str, Any]) -> Schema:
    return {name: converted(schema) for name, schema in schemas.items()}


def _whole(keyword: str) -> Callable[[Any], Schema]:
    return lambda value: {keyword: value if isinstance(value, bool) else converted(value)}


def _all(keyword: str) -> Callable[[Any], Schema]:
    return lambda schemas: {keyword: [converted(schema) for schema in schemas]}


_CONVERTED: Mapping[str, Callable[[Any], Schema]] = {
    "const": lambda value: {"enum": [value]},
    "exclusiveMinimum": lambda value: {"minimum": value, "exclusiveMinimum": True},
    "exclusiveMaximum": lambda value: {"maximum": value, "exclusiveMaximum": True},
    "properties": lambda schemas: {"properties": _one_of_each(schemas)},
    "patternProperties": lambda schemas: {"patternProperties": _one_of_each(schemas)},
    "additionalProperties": _whole("additionalProperties"),
    "items": lambda value: {} if value is True else {"items": converted(value)},
    "prefixItems": _all("items"),
    "anyOf": _all("anyOf"),
    "oneOf": _all("oneOf"),
    "allOf": _all("allOf"),
    "not": _whole("not"),
}
