"""Many items in one request: what DynamoDB leaves undone is asked for again.

It may do a part of any batch. As long as it does something, the rest is asked for at once; while it
does nothing at all, after pauses that double.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matinee.dynamodb import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VAIN_ATTEMPTS = 5
FIRST_PAUSE = 0.05
"""Seconds; doubled with each further attempt in a row that did nothing."""

type Pause = Callable[[float], None]


class Unprocessed(Exception):
    """DynamoDB does none of what is left, however often it is asked."""


def get_all(
    client: DynamoDBClient, wanted: Mapping[str, Any], pause: Pause = time.sleep
) -> Iterator[tuple[str, Item]]:
    """Walk through the items of a BatchGetItem, each with its table, as they are answered.

    `wanted` maps tables to {"Keys": [...], ...}, at most 100 keys. Raises Unprocessed, when what
    could be had has been answered.
    """
    vain = 0
    while wanted:
        answer = client.batch_get_item(RequestItems=wanted)
        for table, items in answer["Responses"].items():
            yield from ((table, item) for item in items)
        left: Mapping[str, Any] = answer.get("UnprocessedKeys") or {}
        vain = vain + 1 if _keys(left) == _keys(wanted) else 0
        if vain:
            _wait(vain, pause)
        wanted = left


def write_all(
    client: DynamoDBClient, requests: Mapping[str, Sequence[Any]], pause: Pause = time.sleep
) -> None:
    """Do a BatchWriteItem. `requests` maps tables to puts and deletions, at most 25 together.

    Raises Unprocessed, when some of them may have been done.
    """
    vain = 0
    while requests:
        answer = client.batch_write_item(RequestItems=requests)
        left: Mapping[str, Sequence[Any]] = answer.get("UnprocessedItems") or {}
        vain = vain + 1 if _requests(left) == _requests(requests) else 0
        if vain:
            _wait(vain, pause)
        requests = left


def _keys(batch: Mapping[str, Any]) -> int:
    return sum(len(wanted["Keys"]) for wanted in batch.values())


def _requests(batch: Mapping[str, Sequence[Any]]) -> int:
    return sum(map(len, batch.values()))


def _wait(vain: int, pause: Pause) -> None:
    if vain == VAIN_ATTEMPTS:
        raise Unprocessed
    pause(FIRST_PAUSE * 2 ** (vain - 1))
