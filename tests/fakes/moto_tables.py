"""What moto's DynamoDB holds, saved and restored; and its answers, serialized faster."""

import copy
from typing import Any, Self

import pytest
from moto.core.model import Shape
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends


class SavedTables:
    """The items of every table at one moment."""

    def __init__(self, items: dict[str, Any]) -> None:
        self._items = items

    @classmethod
    def of_now(cls) -> Self:
        """Save what the tables hold now."""
        return cls({name: copy.deepcopy(table.items) for name, table in _backend().tables.items()})

    def restore(self) -> None:
        """Put back what the tables held then; tables made since then keep theirs."""
        for name, items in self._items.items():
            _backend().tables[name].items = copy.deepcopy(items)


def serialize_attributes_by_key(patch: pytest.MonkeyPatch) -> None:
    """Look for an attribute's type by its own name alone.

    moto's serializer looks for each of the ten types of a value under seven names, which was a
    third of a call's time. An attribute value is always a dict in the form of the wire.
    """
    by_any_name = ResponseSerializer.get_value

    def get_value(self: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:  # noqa: ANN401 - as moto has it
        parent = getattr(shape, "parent", None)
        if type(value) is dict and parent is not None and parent.name == "AttributeValue":
            return value.get(key)
        return by_any_name(self, value, key, shape)

    patch.setattr(ResponseSerializer, "get_value", get_value)


def _backend() -> DynamoDBBackend:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"]
