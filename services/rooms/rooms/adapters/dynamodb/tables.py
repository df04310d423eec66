"""The tables, and reads and writes that all repositories share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.batches import UnprocessedItems, batch_get
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import NO_RETRY, Action, ConditionFailed, transact_write
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import TALLY_PREFIX, parse_tally
from rooms.domain.errors import RoomBusy
from rooms.domain.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables, as far as a function uses them."""

    rooms: str = ""
    votes: str = ""
    matches: str = ""
    user_matches: str = ""
    visits: str = ""
    outbox: str = ""
    feeds: str = ""
    crews: str = ""


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


def list_tallies(client: DynamoDBClient, votes: str, room_id: str) -> Sequence[Tally]:
    """Return a room's tallies of all its candidates, strongly consistent."""
    pages = client.get_paginator("query").paginate(
        TableName=votes,
        KeyConditionExpression="roomId = :room AND begins_with(userMovieId, :tally)",
        ExpressionAttributeValues=to_item({":room": room_id, ":tally": TALLY_PREFIX}),
        ConsistentRead=True,
    )
    return [parse_tally(item) for page in pages for item in page["Items"]]
