"""DynamoDB items and plain Python values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

type Item = dict[str, Any]
"""An item in the low-level client's form: attribute name to typed value."""

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_item(values: Mapping[str, object]) -> Item:
    """Serialize plain values as an item. None and empty sets are left out: absent is absent."""
    return {
        name: _serializer.serialize(_storable(value))
        for name, value in values.items()
        if value is not None and value not in (set(), frozenset())
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Parse an item into plain values: int, float, str, bytes, bool, list, dict and set."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _storable(value: object) -> object:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {key: _storable(part) for key, part in value.items() if part is not None}
    if isinstance(value, frozenset):
        return set(value)
    if isinstance(value, tuple | list):
        return [_storable(part) for part in value]
    return value


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Binary):
        return bytes(value.value)  # type: ignore[attr-defined] # the stubs leave it out
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
