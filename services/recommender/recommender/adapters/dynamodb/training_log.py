"""What the next training has to look at, and who trains, in DynamoDB.

part "changed#07"   item <userId>     token       a user whose favourites have changed
part "trainer"      item "lease"      run, until  who trains now
part "trainer"      item "run#<id>"               a run of which the pointer has not yet told
part "trainer"      item "announced"  version     of which model was told last
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from matinee.clock import epoch_seconds
from matinee.dynamodb.batches import Pause, UnprocessedItems, batch_write
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons
from matinee.errors import Unavailable
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.ids import NewId, new_id
from recommender.ports import Change

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 16
"""A partition takes a thousand writes a second: so many can change favourites at a time."""

LEASE_TTL = timedelta(minutes=16)
"""Longer than a function can run: who holds it and has not come back is dead."""

MAX_BATCH_WRITES = 25
_TRAINER = "trainer"
_RUN = "run#"


def mark(user_id: str, token: str) -> Item:
    """Return the item that says that a user's favourites have changed."""
    shard = blake2b(user_id.encode(), digest_size=1).digest()[0] % SHARDS
    return to_item({"part": _part(shard), "item": user_id, "token": token})


@dataclass(frozen=True, slots=True)
class TrainingLogRepository:
    """The log over one table."""

    table: str
    outbox: str
    client: DynamoDBClient
    new_id: NewId = new_id
    pause: Pause = time.sleep

    def begin(self, run: str, now: datetime) -> Sequence[str] | None:
        """Take the lease; answer the earlier runs that are not settled, None while one holds it."""
        lease: Item = {
            "Put": {
                "TableName": self.table,
                "Item": to_item(
                    {
                        "part": _TRAINER,
                        "item": "lease",
                        "run": run,
                        "until": epoch_seconds(now + LEASE_TTL),
                    }
                ),
                "ConditionExpression": "attribute_not_exists(part) OR #until < :now",
                "ExpressionAttributeNames": {"#until": "until"},
                "ExpressionAttributeValues": to_item({":now": epoch_seconds(now)}),
            }
        }
        begun: Item = {"Put": {"TableName": self.table, "Item": _run(run)}}
        try:
            self.client.transact_write_items(TransactItems=[lease, begun])  # type: ignore[list-item]
        except ClientError as error:
            if "ConditionalCheckFailed" in cancellation_reasons(error):
                return None
            raise
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="part = :part AND begins_with(#item, :run)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=to_item({":part": _TRAINER, ":run": _RUN}),
            ConsistentRead=True,
        )
        unsettled = (
            item["item"]["S"].removeprefix(_RUN) for page in pages for item in page["Items"]
        )
        return [other for other in unsettled if other != run]

    def settle(self, runs: Iterable[str]) -> None:
        """Forget runs of which the pointer now says whether they led to what stands."""
        for run in runs:
            self.client.delete_item(TableName=self.table, Key=_run(run))

    def end(self, run: str) -> None:
        """Give the lease back, unless it has become another's."""
        self._delete_if(to_item({"part": _TRAINER, "item": "lease"}), "run", run)

    def changes(self) -> Iterator[Change]:
        """Iterate over the marks, shard by shard."""
        for shard in range(SHARDS):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="part = :part",
                ExpressionAttributeValues=to_item({":part": _part(shard)}),
                ConsistentRead=True,
            )
            for page in pages:
                for values in map(from_item, page["Items"]):
                    yield Change(values["item"], values["token"])

    def mark_all(self, user_ids: Iterable[str]) -> int:
        """Mark users as changed; answer how many."""
        marked = 0
        for some in batched(user_ids, MAX_BATCH_WRITES, strict=False):
            marks = [{"PutRequest": {"Item": mark(user, self.new_id())}} for user in some]
            try:
                batch_write(self.client, {self.table: marks}, self.pause)
            except UnprocessedItems as left:
                message = "the table does not take the marks"
                raise Unavailable(message) from left
            marked += len(some)
        return marked

    def done(self, changes: Iterable[Change]) -> None:
        """Take marks away which have not changed since."""
        for change in changes:
            key = mark(change.user_id, change.token)
            del key["token"]
            self._delete_if(key, "token", change.token)

    def announced(self) -> str | None:
        """Return the version of the model of which was told last."""
        found = self.client.get_item(
            TableName=self.table, Key=_announced(), ConsistentRead=True
        ).get("Item")
        return from_item(found)["version"] if found else None

    def announce(self, version: str, event: Envelope[Contract]) -> None:
        """Store the event and that it is told, at once; nothing when it was told already."""
        told: Item = {
            "Put": {
                "TableName": self.table,
                "Item": {**_announced(), **to_item({"version": version})},
                "ConditionExpression": "attribute_not_exists(part) OR version <> :version",
                "ExpressionAttributeValues": to_item({":version": version}),
            }
        }
        try:
            self.client.transact_write_items(TransactItems=[told, put_event(self.outbox, event)])  # type: ignore[list-item]
        except ClientError as error:
            if "ConditionalCheckFailed" not in cancellation_reasons(error):
                raise

    def _delete_if(self, key: Item, name: str, value: str) -> None:
        try:
            self.client.delete_item(
                TableName=self.table,
                Key=key,
                ConditionExpression="#name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=to_item({":value": value}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return


def _part(shard: int) -> str:
    return f"changed#{shard:02}"


def _run(run: str) -> Item:
    return to_item({"part": _TRAINER, "item": f"{_RUN}{run}"})


def _announced() -> Item:
    return to_item({"part": _TRAINER, "item": "announced"})
