"""Imports in DynamoDB: an item for each import, and one for every hundred rows.

a POST that ends midway      parts without an import: nobody sees them, and they expire; the
same file stores the rest
a worker that ends midway    a part is stored as a whole, its end in one transaction with the
import's counts
a deleted account            the block in the transaction of each new item
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from library.adapters.dynamodb.import_items import (
    IMPORT_PREFIX,
    import_item,
    import_key,
    item_key,
    part_item,
    part_key,
    part_prefix,
    read_import,
    read_part,
)
from library.adapters.dynamodb.items import BLOCK_KEY
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.errors import AccountDeleted
from library.domain.imports import IMPORT_TTL, Import, ImportPart
from library.ports import ImportConflict
from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import Action, ConditionFailed, check, put, transact_write
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_PARTS_PER_WRITE = 20
"""A transaction has 4 MB at most; a part seldom has 10 KB, and 200 KB at most."""

_IS_NEW = "attribute_not_exists(itemKey) OR #ttl <= :now"
_IS_THE_ONE_BEFORE = "version = :before"


@dataclass(frozen=True, slots=True)
class DynamoDBImportRepository:
    """`ImportRepository` and `ImportParts`."""

    table: str
    outbox: str
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = field(default=WRITE_BACKOFF)

    def get(self, user_id: str, import_id: str) -> Import | None:
        """Get one item; one that has expired counts as absent."""
        item = self._get(import_key(user_id, import_id))
        if item is None:
            self._require_account(user_id)
            return None
        return read_import(item) if self._is_alive(int(item["ttl"]["N"])) else None

    def list(self, user_id: str) -> Sequence[Import]:
        """Query all imports of a user: there are few, and they are small."""
        found = []
        self._require_account(user_id)
        with translated():
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="userId = :user AND begins_with(itemKey, :prefix)",
                ExpressionAttributeValues=to_item({":user": user_id, ":prefix": IMPORT_PREFIX}),
                ConsistentRead=True,
            )
            for page in pages:
                found += [item for item in page["Items"] if self._is_alive(int(item["ttl"]["N"]))]
        return sorted(map(read_import, found), key=lambda one: (one.created_at, one.id))[::-1]

    def put_parts(self, user_id: str, import_id: str, parts: Sequence[ImportPart]) -> None:
        """Store parts in transactions that check the block."""
        for chunk in batched(parts, MAX_PARTS_PER_WRITE, strict=False):
            left = list(chunk)
            while left:
                failed = self._put_new(user_id, import_id, left)
                left = [part for part, exists in zip(left, failed, strict=True) if not exists]
                if not any(failed):
                    break

    def create(self, new: Import, event: Envelope[Contract] | None) -> Import:
        """Store an import with its event, if it is complete from the beginning."""
        actions: list[Action] = [self._check_block(new.user_id), self._put_if_new(import_item(new))]
        if event:
            actions.append(put_event(self.outbox, event))
        try:
            with translated():
                transact_write(self.client, actions, self.backoff)
        except ConditionFailed as refused:
            if refused.failed[0]:
                raise AccountDeleted from refused
            return self.get(new.user_id, new.id) or new
        return new

    def save(
        self, part: ImportPart, changed: Import | None, of: Import, event: Envelope[Contract] | None
    ) -> None:
        """Store the next versions in one transaction."""
        item = part_item(of.user_id, of.id, part, of.created_at + IMPORT_TTL)
        actions: list[Action] = [self._put_next(item, part.version)]
        if changed:
            actions.append(self._put_next(import_item(changed), changed.version))
        if event:
            actions.append(put_event(self.outbox, event))
        try:
            with translated():
                transact_write(self.client, actions, self.backoff)
        except ConditionFailed as refused:
            raise ImportConflict from refused

    def get_part(self, user_id: str, import_id: str, number: int) -> ImportPart | None:
        """Get one item."""
        item = self._get(part_key(user_id, import_id, number))
        return read_part(item) if item else None

    def get_parts(
        self, user_id: str, import_id: str, first: int, limit: int
    ) -> Sequence[ImportPart]:
        """Query parts in order."""
        start = part_key(user_id, import_id, first)["itemKey"]
        with translated():
            response = self.client.query(
                TableName=self.table,
                KeyConditionExpression="userId = :user AND itemKey BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":first": start,
                    **to_item({":user": user_id, ":last": f"{part_prefix(import_id)}~"}),
                },
                ConsistentRead=True,
                Limit=limit,
            )
        return [read_part(item) for item in response["Items"]]

    def _put_new(self, user_id: str, import_id: str, parts: Sequence[ImportPart]) -> Sequence[bool]:
        """Store parts unless one exists; return for each whether it does."""
        expires_at = self.now() + IMPORT_TTL
        actions = [self._check_block(user_id)]
        actions += [
            self._put_if_new(part_item(user_id, import_id, part, expires_at)) for part in parts
        ]
        try:
            with translated():
                transact_write(self.client, actions, self.backoff)
        except ConditionFailed as refused:
            if refused.failed[0]:
                raise AccountDeleted from refused
            return refused.failed[1:]
        return [False] * len(parts)

    def _get(self, key: Item) -> Item | None:
        with translated():
            response = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return response.get("Item")

    def _require_account(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user: they have no imports, or will not soon."""
        if self._get(item_key(user_id, BLOCK_KEY)):
            raise AccountDeleted

    def _check_block(self, user_id: str) -> Action:
        return check(
            self.table, item_key(user_id, BLOCK_KEY), condition="attribute_not_exists(itemKey)"
        )

    def _put_if_new(self, item: Item) -> Action:
        now = epoch_seconds(self.now())
        return put(self.table, item, condition=_IS_NEW, names={"#ttl": "ttl"}, values={":now": now})

    def _put_next(self, item: Item, version: int) -> Action:
        return put(self.table, item, condition=_IS_THE_ONE_BEFORE, values={":before": version - 1})

    def _is_alive(self, ttl: int) -> bool:
        return ttl > epoch_seconds(self.now())
