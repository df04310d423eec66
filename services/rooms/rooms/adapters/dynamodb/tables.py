"""The tables, and reads and writes that all repositories share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.batches import UnprocessedItems, batch_get
from matinee.dynamodb.items import Item
from matinee.dynamodb.transactions import NO_RETRY, Action, ConditionFailed, transact_write
from matinee.retry import WriteConflict
from rooms.domain.errors import RoomBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables."""

    rooms: str
    votes: str
    matches: str
    user_matches: str
    visits: str
    outbox: str


def write(client: DynamoDBClient, actions: Sequence[Action]) -> None:
    """Commit actions together; raise WriteConflict when a condition does not hold.

    There is one attempt: a use case reads again before it repeats a write.
    """
    try:
        transact_write(client, actions, NO_RETRY)
    except ConditionFailed as error:
        raise WriteConflict from error


def read_batch(client: DynamoDBClient, wanted: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    """Yield items of any tables by their keys, each with its table.

    Raises RoomBusy when DynamoDB does not process all of the keys.
    """
    try:
        yield from batch_get(client, wanted, time.sleep)
    except UnprocessedItems as error:
        raise RoomBusy from error
