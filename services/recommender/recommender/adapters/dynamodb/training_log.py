"""The training log in DynamoDB: changed users, the lease, runs, and the last published model.

part "changed#07"   item <userId>     token       a user whose favourites have changed
part "trainer"      item "lease"      run, until  the run that holds the lease
part "trainer"      item "run#<id>"               a run that the manifest does not confirm yet
part "trainer"      item "announced"  version     the last model whose event was stored
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import batched
from typing import TYPE_CHECKING

from matinee.clock import epoch_seconds
from matinee.dynamodb.batches import (
    MAX_BATCH_WRITES,
    Pause,
    UnprocessedItems,
    batch_write,
    put_request,
)
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import NO_RETRY, ConditionFailed, put, transact_write
from matinee.errors import Unavailable
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.ids import NewId, new_id
from recommender.domain.training_state import DirtyUser

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 16
"""A partition takes a thousand writes a second: so many can change favourites at a time."""

LEASE_TTL = timedelta(minutes=16)
"""Longer than a function can run: a run that holds an older lease is dead."""

_TRAINER = "trainer"
_RUN = "run#"


def dirty_mark(user_id: str, token: str) -> Item:
    """Return the item that marks a user's favourites as changed."""
    return {**_mark_key(user_id), **to_item({"token": token})}


@dataclass(frozen=True, slots=True)
class TrainingLogRepository:
    """The log over one table."""

    table: str
    outbox: str
    client: DynamoDBClient
    new_id: NewId = new_id
    pause: Pause = time.sleep

    def begin(self, run: str, now: datetime) -> Sequence[str] | None:
        """Acquire the lease; return the earlier unconfirmed runs, None while it is taken."""
        lease = _key("lease") | to_item({"run": run, "until": epoch_seconds(now + LEASE_TTL)})
        acquire = put(
            self.table,
            lease,
            condition="attribute_not_exists(part) OR #until < :now",
            names={"#until": "until"},
            values={":now": epoch_seconds(now)},
        )
        try:
            transact_write(self.client, [acquire, put(self.table, _run_key(run))], NO_RETRY)
        except ConditionFailed:
            return None
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="part = :part AND begins_with(#item, :run)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=to_item({":part": _TRAINER, ":run": _RUN}),
            ConsistentRead=True,
        )
        runs = (item["item"]["S"].removeprefix(_RUN) for page in pages for item in page["Items"])
        return [other for other in runs if other != run]

    def confirm(self, runs: Iterable[str]) -> None:
        """Delete runs of which the manifest now says whether they are included."""
        for run in runs:
            self.client.delete_item(TableName=self.table, Key=_run_key(run))

    def end(self, run: str) -> None:
        """Release the lease, unless another run has acquired it."""
        self._delete_if(_key("lease"), "run", run)

    def list_dirty(self) -> Iterator[DirtyUser]:
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
                    yield DirtyUser(values["item"], values["token"])

    def mark_all_dirty(self, user_ids: Iterable[str]) -> int:
        """Mark users; return how many."""
        marked = 0
        for users in batched(user_ids, MAX_BATCH_WRITES, strict=False):
            marks = [put_request(dirty_mark(user, self.new_id())) for user in users]
            try:
                batch_write(self.client, {self.table: marks}, self.pause)
            except UnprocessedItems as error:
                message = "the table does not accept the marks"
                raise Unavailable(message) from error
            marked += len(users)
        return marked

    def clear(self, users: Iterable[DirtyUser]) -> None:
        """Delete the marks that have not changed since."""
        for user in users:
            self._delete_if(_mark_key(user.user_id), "token", user.token)

    def published_version(self) -> str | None:
        """Return the version of the last model whose event was stored."""
        found = self.client.get_item(
            TableName=self.table, Key=_key("announced"), ConsistentRead=True
        ).get("Item")
        return from_item(found)["version"] if found else None

    def publish_once(self, version: str, event: Envelope[Contract]) -> None:
        """Store a model's event together with its version; nothing if it is stored already."""
        published = put(
            self.table,
            _key("announced") | to_item({"version": version}),
            condition="attribute_not_exists(part) OR version <> :version",
            values={":version": version},
        )
        try:
            transact_write(self.client, [published, put_event(self.outbox, event)], NO_RETRY)
        except ConditionFailed:
            return

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


def _mark_key(user_id: str) -> Item:
    shard = blake2b(user_id.encode(), digest_size=1).digest()[0] % SHARDS
    return to_item({"part": _part(shard), "item": user_id})


def _key(item: str) -> Item:
    return to_item({"part": _TRAINER, "item": item})


def _run_key(run: str) -> Item:
    return _key(f"{_RUN}{run}")
