"""DynamoDB items and plain Python values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

type Item = dict[str, Any]
"""An item in the low-level client's form: attribute name to typed value."""

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()
MAX_PLAIN_INTEGER = 10**38
"""Above it DynamoDB has no exact number; boto3 says so."""


def to_item(values: Mapping[str, object]) -> Item:
    """Serialize plain values as an item. None and empty sets are left out: absent is absent."""
    return {
        name: _typed(value)
        for name, value in values.items()
        if value is not None and (value or not isinstance(value, set | frozenset))
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Parse an item into plain values: int, float, str, bytes, bool, list, dict and set."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever an item may hold
    """Return a typed value: the common ones at once, as boto3 tries all types for each."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is bool:
        return {"BOOL": value}
    if kind is int and abs(value) < MAX_PLAIN_INTEGER:
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": {key: _typed(part) for key, part in value.items() if part is not None}}
    if isinstance(value, tuple | list):
        return {"L": [_typed(part) for part in value]}
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, frozenset):
        value = set(value)
    return dict(_serializer.serialize(value))


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an item may hold
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N" if content.isdecimal():
            return int(content)
        case "M":
            return {key: _plain(part) for key, part in content.items()}
        case "L":
            return [_plain(part) for part in content]
    other = _deserializer.deserialize(value)
    if isinstance(other, Decimal):
        return int(other) if other == other.to_integral_value() else float(other)
    return bytes(other.value) if isinstance(other, Binary) else other  # type: ignore[attr-defined] # the stubs leave it out
