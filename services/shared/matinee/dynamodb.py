"""DynamoDB items and plain Python values, and the reasons for which a transaction is refused."""

from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import Any

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

_DIGITS = Context(prec=38, traps=[Clamped, Overflow, Inexact, Rounded, Underflow])
"""What DynamoDB keeps of a number. One that would lose a digit is refused here."""


def to_item(values: Mapping[str, object]) -> Item:
    """Write plain values as an item. None and empty sets are left out: absent is absent."""
    return {
        name: _typed(value)
        for name, value in values.items()
        if value is not None and value not in (set(), frozenset())
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as plain values: whole numbers as int, others as float, sets as set."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: object) -> Item:
    """Write one value with its type, as the low-level API takes it. Raises TypeError."""
    match value:
        case Mapping():
            return {"M": {key: _typed(part) for key, part in value.items() if part is not None}}
        case list() | tuple():
            return {"L": [_typed(part) for part in value]}
        case set() | frozenset():
            return _typed_set(value)
        case _:
            return _typed_scalar(value)


def _typed_scalar(value: object) -> Item:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case bytes() | bytearray():
            return {"B": bytes(value)}
        case int() | float() | Decimal():
            return {"N": _number(value)}
    message = f"{type(value).__name__} cannot be stored"
    raise TypeError(message)


def _typed_set(values: Set[object]) -> Item:
    if all(isinstance(value, str) for value in values):
        return {"SS": sorted(map(str, values))}
    if all(isinstance(value, int | float | Decimal) for value in values):
        return {"NS": [_number(value) for value in values]}  # type: ignore[arg-type]
    message = "a set holds texts alone, or numbers alone"
    raise TypeError(message)


def _number(value: float | Decimal) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        message = f"{value} is no number that can be stored"
        raise TypeError(message)
    return str(_DIGITS.create_decimal(exact))


def _plain(typed: Mapping[str, Any]) -> object:
    """Read one typed value. Raises KeyError for a type that no table holds."""
    ((kind, value),) = typed.items()
    return _READ[kind](value)


def _read_number(text: str) -> float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


_READ: Mapping[str, Callable[[Any], object]] = {
    "S": lambda text: text,
    "N": _read_number,
    "BOOL": lambda truth: truth,
    "NULL": lambda _: None,
    "B": lambda octets: octets,
    "M": lambda parts: {key: _plain(part) for key, part in parts.items()},
    "L": lambda parts: [_plain(part) for part in parts],
    "SS": set,
    "NS": lambda texts: {_read_number(text) for text in texts},
    "BS": set,
}
"""How to read a value of each of DynamoDB's types."""


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
