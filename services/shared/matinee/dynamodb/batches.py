"""Batches: what DynamoDB leaves unprocessed is requested again.

It may process a part of any batch. As long as it processes something, the rest is requested at
once; while it processes nothing at all, after pauses that double.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_STALLED_ATTEMPTS = 5
INITIAL_BACKOFF_SECONDS = 0.05
"""Doubled with each further attempt in a row that processed nothing."""

MAX_BATCH_READS = 100
MAX_BATCH_WRITES = 25
"""DynamoDB's limits for one request."""

type Pause = Callable[[float], None]


class UnprocessedItems(Exception):
    """DynamoDB processes none of what is left, however often it is asked."""


def batch_get(
    client: DynamoDBClient, wanted: Mapping[str, Any], pause: Pause = time.sleep
) -> Iterator[tuple[str, Item]]:
    """Yield the items of a BatchGetItem, each with its table, as they arrive.

    `wanted` maps tables to {"Keys": [...], ...}, at most MAX_BATCH_READS keys. Raises
    UnprocessedItems after everything that could be read has been yielded.
    """
    stalled = 0
    while wanted:
        response = client.batch_get_item(RequestItems=wanted)
        for table, items in response["Responses"].items():
            yield from ((table, item) for item in items)
        left: Mapping[str, Any] = response.get("UnprocessedKeys") or {}
        stalled = stalled + 1 if _keys(left) == _keys(wanted) else 0
        if stalled:
            _wait(stalled, pause)
        wanted = left


def batch_write(
    client: DynamoDBClient, requests: Mapping[str, Sequence[Any]], pause: Pause = time.sleep
) -> None:
    """Send a BatchWriteItem. `requests` maps tables to at most MAX_BATCH_WRITES writes together.

    Raises UnprocessedItems when some of the writes may have been done and some were not.
    """
    stalled = 0
    while requests:
        response = client.batch_write_item(RequestItems=requests)
        left: Mapping[str, Sequence[Any]] = response.get("UnprocessedItems") or {}
        stalled = stalled + 1 if _requests(left) == _requests(requests) else 0
        if stalled:
            _wait(stalled, pause)
        requests = left


def put_request(item: Item) -> Mapping[str, Any]:
    """Return the request of a batch that stores an item."""
    return {"PutRequest": {"Item": item}}


def delete_request(key: Item) -> Mapping[str, Any]:
    """Return the request of a batch that deletes an item if it exists."""
    return {"DeleteRequest": {"Key": key}}


def _keys(batch: Mapping[str, Any]) -> int:
    return sum(len(wanted["Keys"]) for wanted in batch.values())


def _requests(batch: Mapping[str, Sequence[Any]]) -> int:
    return sum(map(len, batch.values()))


def _wait(stalled: int, pause: Pause) -> None:
    if stalled == MAX_STALLED_ATTEMPTS:
        raise UnprocessedItems
    pause(INITIAL_BACKOFF_SECONDS * 2 ** (stalled - 1))
