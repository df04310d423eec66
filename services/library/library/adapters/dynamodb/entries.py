"""Favourites and watchlists in DynamoDB: one request for each thing that is done."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import (
    ERASED,
    NEWEST_INDEX,
    entry_item,
    entry_key,
    list_key,
    media_key,
    read_entry,
    read_standing,
    removal_item,
)
from library.domain.errors import AccountDeleted
from library.domain.titles import Entry, ListName, Page, Position, Removal
from library.ports import Addition, Change, Departure, InTheWay, Obstacle, Place, Standing
from library.writing import ConditionFailed, answering, write
from matinee.clock import iso
from matinee.dynamodb.batches import Pause, batch_get
from matinee.dynamodb.items import Item, to_item
from matinee.events.outbox import put_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables. A function that works on one list knows no other."""

    lists: Mapping[ListName, str]
    outbox: str


@dataclass(frozen=True, slots=True)
class DynamoLists:
    """The lists of all users."""

    tables: Tables
    client: DynamoDBClient
    pause: Pause = time.sleep

    def page(self, user_id: str, name: ListName, limit: int, after: Position | None) -> Page:
        """Query the index backwards; one more than asked for tells whether there is more."""
        start = {"ExclusiveStartKey": _start_key(user_id, after)} if after else {}
        with answering():
            answer = self.client.query(
                TableName=self.tables.lists[name],
                IndexName=NEWEST_INDEX,
                KeyConditionExpression="userId = :user",
                ExpressionAttributeValues=to_item({":user": user_id}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit + 1,
                **start,  # type: ignore[arg-type]
            )
        found = [read_entry(item) for item in answer["Items"]]
        # A page ends before its limit when its items are large: 1 MB is what a query reads.
        more = len(found) > limit or "LastEvaluatedKey" in answer
        return Page(tuple(found[:limit]), more)

    def standing(self, user_id: str, wanted: Sequence[Place]) -> Sequence[Standing]:
        """Get the items of titles, from several tables at once."""
        found: dict[tuple[str, str], Entry | Removal] = {}
        asked: dict[str, list[Item]] = {}
        for name, key in wanted:
            asked.setdefault(self.tables.lists[name], []).append(entry_key(user_id, key))
        batch = {table: _consistently(keys) for table, keys in asked.items()}
        with answering():
            for table, item in batch_get(self.client, batch, self.pause):
                found[table, item["mediaKey"]["S"]] = read_standing(item)
        return [found.get((self.tables.lists[name], media_key(key))) for name, key in wanted]

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        """Write changes with their events, on condition that the user is not barred.

        Whoever is barred is so on all lists before any of them is emptied: one mark is enough.
        """
        actions = [
            *(self._change(user_id, change) for change in changes),
            *(put_event(self.tables.outbox, change.event) for change in changes),
            _unless_barred(self.tables.lists[_list_of(changes[0])], user_id),
        ]
        try:
            write(self.client, actions, self.pause)
        except ConditionFailed as refused:
            if refused.found[-1][0]:
                raise AccountDeleted from refused
            raise InTheWay(
                [_obstacle(failed, item) for failed, item in refused.found[: len(changes)]]
            ) from refused

    def _change(self, user_id: str, change: Change) -> Mapping[str, Any]:
        match change:
            case Addition(to=name, entry=entry):
                item = entry_item(user_id, entry)
                condition = "attribute_not_exists(mediaKey) OR removedAt < :moment"
                moment = entry.added_at
            case Departure(of=name, removal=removal, added_at=moment):
                item, condition = removal_item(user_id, removal), "addedAt = :moment"
        return _put(self.tables.lists[name], item, condition, moment)


def _start_key(user_id: str, after: Position) -> Item:
    return entry_key(user_id, after.key) | to_item({"addedAt": iso(after.added_at)})


def _consistently(keys: Sequence[Item]) -> Mapping[str, Any]:
    return {"Keys": keys, "ConsistentRead": True}


def _list_of(change: Change) -> ListName:
    return change.to if isinstance(change, Addition) else change.of


def _put(table: str, item: Item, condition: str, moment: datetime) -> Mapping[str, Any]:
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": to_item({":moment": iso(moment)}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _unless_barred(table: str, user_id: str) -> Mapping[str, Any]:
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": list_key(user_id, ERASED),
            "ConditionExpression": "attribute_not_exists(userId)",
        }
    }


def _obstacle(failed: bool, item: Item | None) -> Obstacle:  # noqa: FBT001 - as it was found
    return Obstacle(failed, read_standing(item) if item else None)
