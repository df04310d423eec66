"""How the tables are written: every write is one transaction with the event that tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from matinee.dynamodb.batches import UnprocessedItems, batch_get
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from rooms.domain.errors import RoomBusy
from rooms.ports import Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


REFUSED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the service's tables."""

    rooms: str
    votes: str
    matches: str
    user_matches: str
    visits: str
    outbox: str


def batch(
    client: DynamoDBClient, wanted: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read items of any tables by their keys; return each with its table.

    Raises RoomBusy when DynamoDB goes on answering nothing.
    """
    try:
        yield from batch_get(client, wanted, time.sleep)
    except UnprocessedItems as left:
        raise RoomBusy from left


def delete(table: str, key: Item) -> Mapping[str, Any]:
    """Return the action that deletes an item."""
    return {"Delete": {"TableName": table, "Key": key}}


def put(
    table: str,
    item: Item,
    *,
    condition: str | None = None,
    values: Mapping[str, object] | None = None,
) -> Mapping[str, Any]:
    """Return the action that stores an item; `values` are those of the condition."""
    action: dict[str, Any] = {"TableName": table, "Item": item}
    if condition:
        action["ConditionExpression"] = condition
    if values:
        action["ExpressionAttributeValues"] = to_item(values)
    return {"Put": action}


def write(
    client: DynamoDBClient,
    actions: Sequence[Mapping[str, Any]],
    *,
    refused: Callable[[Sequence[str]], Exception],
) -> None:
    """Commit actions together.

    Raises what `refused` makes of the reasons when a condition does not hold, and Contended when
    another transaction holds one of the items.
    """
    try:
        client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
    except ClientError as error:
        reasons = cancellation_reasons(error)
        if REFUSED in reasons:
            raise refused(reasons) from error
        if is_conflict(error):
            raise Contended from error
        raise
