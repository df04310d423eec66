"""Writing many items outside a transaction: until DynamoDB has left none of them out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from catalog.domain.errors import CacheContended
from matinee.dynamodb.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_WRITES = 25
"""DynamoDB's limit for a batch."""

MAX_STALLED_ATTEMPTS = 8
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds; doubled each time that nothing at all was written."""

type Write = Mapping[str, Any]


def put(item: Item) -> Write:
    """Return the write that stores an item."""
    return {"PutRequest": {"Item": item}}


def delete(key: Item) -> Write:
    """Return the write that deletes an item, if it is there."""
    return {"DeleteRequest": {"Key": key}}


def write_all(
    dynamodb: DynamoDBClient,
    table: str,
    writes: Sequence[Write],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Write everything, what was left out again and again after a pause.

    Raises CacheContended when DynamoDB goes on writing nothing: then some may have been written.
    """
    for batch in batched(writes, MOST_WRITES, strict=False):
        left: Mapping[str, Any] = {table: list(batch)}
        vain = 0
        while left:
            if vain:
                pause(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (vain - 1)))
            unprocessed = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
            nothing = len(unprocessed.get(table, ())) == len(left[table])
            vain = vain + 1 if nothing else min(vain, 1)
            if vain == MAX_STALLED_ATTEMPTS:
                raise CacheContended
            left = unprocessed
