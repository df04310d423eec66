"""DynamoDB items and plain Python values, and the reasons for which a transaction is refused."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

type Item = dict[str, Any]
"""An item as the low-level client takes and gives it: attribute name to typed value."""

_CONTENTION = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_item(values: Mapping[str, object]) -> Item:
    """Write plain values as an item. None and empty sets are left out: absent is absent."""
    return {
        name: _serializer.serialize(_storable(value))
        for name, value in values.items()
        if value is not None and value not in (set(), frozenset())
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as plain values: whole numbers as int, others as float, sets as set.

    Binary values are bytes.
    """
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


def cancellation_reasons(error: ClientError) -> Sequence[str]:
    """Answer why a transaction was cancelled, one code for each of its actions.

    Empty when the error is no cancellation. Codes: None, ConditionalCheckFailed,
    TransactionConflict, ThrottlingError, ...
    """
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return ()
    reasons: Sequence[Mapping[str, str]] = error.response.get("CancellationReasons", ())  # type: ignore[assignment]
    return tuple(reason.get("Code", "None") for reason in reasons)


def was_contended(error: ClientError) -> bool:
    """Tell whether a write lost a race and deserves another look at the state."""
    code = error.response["Error"]["Code"]
    return code in _CONTENTION or any(
        reason in _CONTENTION for reason in cancellation_reasons(error)
    )
