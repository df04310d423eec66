"""How the tables are written: every write is one transaction with the event that tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from matinee.dynamodb import Item, cancellation_reasons, to_item, was_contended
from rooms.errors import RoomBusy
from rooms.ports import Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


REFUSED = "ConditionalCheckFailed"

VAIN_ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds before keys of which none was processed are asked for again; doubled each time."""


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
    """Read items of any tables by their keys; answers each with its table.

    What DynamoDB leaves unprocessed is asked for again, after pauses that double while it answers
    nothing at all. Raises RoomBusy when it goes on answering nothing.
    """
    vain = 0
    while wanted:
        if vain:
            time.sleep(FIRST_PAUSE * 2 ** (vain - 1))
        answer = client.batch_get_item(RequestItems=wanted)
        for table, items in answer["Responses"].items():
            yield from ((table, item) for item in items)
        vain = vain + 1 if answer["UnprocessedKeys"] == wanted else 0
        if vain == VAIN_ATTEMPTS:
            raise RoomBusy
        wanted = answer["UnprocessedKeys"]


def delete(table: str, key: Item) -> Mapping[str, Any]:
    """Answer the action that deletes an item."""
    return {"Delete": {"TableName": table, "Key": key}}


def put(
    table: str,
    item: Item,
    *,
    condition: str | None = None,
    values: Mapping[str, object] | None = None,
) -> Mapping[str, Any]:
    """Answer the action that stores an item; `values` are those of the condition."""
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
        if was_contended(error):
            raise Contended from error
        raise
