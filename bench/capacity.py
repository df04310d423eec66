"""What DynamoDB charges: the size of an item and the capacity units of a request.

Source: the Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats" and "DynamoDB read
and write operations"; for transactions "Amazon DynamoDB Transactions: How it works".

    attribute     its name's bytes in UTF-8, and its value
    string        its bytes in UTF-8
    number        1, and 1 for every two significant digits; one more below zero
    binary        its bytes
    true, null    1
    list, map     3, 1 for each element, the elements, and in a map the names
    set           its elements
    item          its attributes

The guide says "approximately" of numbers and nothing of sets: a byte here or there decides nothing
as long as an item does not end right at a unit's border.
"""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

READ_UNIT = 4 * 1024
"""Bytes. A strongly consistent read of so much is one read unit."""

WRITE_UNIT = 1024
"""Bytes. A write of so much is one write unit."""

TRANSACTIONAL = 2
"""A transaction prepares and commits: each of its items counts twice, also a ConditionCheck."""

_CONTAINER = 3
_ELEMENT = 1


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item in the low-level form, attribute name to typed value."""
    return sum(_text(name) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return the bytes of one typed value, for example {"S": "abc"}. Raises ValueError."""
    ((kind, content),) = value.items()
    match kind:
        case "L":
            return _CONTAINER + sum(_ELEMENT + value_size(element) for element in content)
        case "M":
            return _CONTAINER + item_size(content) + _ELEMENT * len(content)
        case "SS" | "NS" | "BS":
            return sum(map(_SCALARS[kind[0]], content))
        case _ if kind in _SCALARS:
            return _SCALARS[kind](content)
        case _:
            message = f"DynamoDB knows no type {kind}"
            raise ValueError(message)


def read_units(size: int, *, consistent: bool) -> float:
    """Return the units for reading so many bytes; what is not there costs as much as the least."""
    units = max(1, math.ceil(size / READ_UNIT))
    return units if consistent else units / 2


def write_units(before: int, after: int) -> int:
    """Return the units for making an item of one size into one of another; absent is 0.

    The larger one counts. A check of an item's condition, and a write that a condition refuses,
    count as if the item were written as it is.
    """
    return max(1, math.ceil(max(before, after) / WRITE_UNIT))


def _text(text: str) -> int:
    return len(text.encode())


def _number(text: str) -> int:
    number = Decimal(text)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return 1 + math.ceil(len(digits) / 2) + (number < 0)


_SCALARS: Mapping[str, Callable[[Any], int]] = {
    "S": _text,
    "N": _number,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
