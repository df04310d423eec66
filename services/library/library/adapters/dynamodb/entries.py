"""The lists in DynamoDB: one request for each operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import (
    BLOCK_KEY,
    NEWEST_INDEX,
    attribute,
    entry_item,
    list_key,
    read_entry,
    read_state,
    removal_item,
)
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.errors import AccountDeleted
from library.domain.titles import Entry, ListName, Page, Position
from library.ports import (
    AddEntry,
    Change,
    CompleteEntry,
    Conflict,
    ConflictingChanges,
    EntryKey,
    EntryState,
    RemoveEntry,
    ReviseEntry,
)
from matinee.clock import iso
from matinee.dynamodb.batches import batch_get
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import (
    Action,
    ConditionFailed,
    check,
    put,
    transact_write,
    update,
)
from matinee.events.outbox import put_event
from matinee.media import MediaType
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_IS_ENTRY = "restoredAt = :moment OR (attribute_not_exists(restoredAt) AND addedAt = :moment)"
"""The entry that is ordered by a time is on the list."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables. A function that works on one list has no other."""

    lists: Mapping[ListName, str]
    outbox: str


@dataclass(frozen=True, slots=True)
class DynamoDBEntryRepository:
    """The lists of all users."""

    tables: Tables
    client: DynamoDBClient
    backoff: Backoff = WRITE_BACKOFF

    def page(
        self,
        user_id: str,
        name: ListName,
        limit: int,
        after: Position | None,
        media_type: MediaType | None = None,
    ) -> Page:
        """Query the index backwards; one entry more than the limit shows whether there is more."""
        found: list[Entry] = []
        start: dict[str, Any] = {"ExclusiveStartKey": _start_key(user_id, after)} if after else {}
        while True:
            with translated():
                response = self.client.query(
                    TableName=self.tables.lists[name],
                    IndexName=NEWEST_INDEX,
                    KeyConditionExpression="userId = :user",
                    ExpressionAttributeValues=to_item({":user": user_id}),
                    ScanIndexForward=False,
                    ConsistentRead=True,
                    Limit=limit + 1,
                    **start,
                )
            entries = map(read_entry, response["Items"])
            found += [it for it in entries if media_type in {None, it.title.key.media_type}]
            more = "LastEvaluatedKey" in response
            # A query reads 1 MB at most: a page ends before its limit when its items are large
            is_large = more and len(response["Items"]) <= limit
            if len(found) > limit or not more or (found and (is_large or media_type is None)):
                break
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
        if not found:
            self._require_account(user_id, name)
        return Page(tuple(found[:limit]), more or len(found) > limit)

    def get_entries(self, user_id: str, keys: Sequence[EntryKey]) -> Sequence[EntryState]:
        """Get the items of titles, from several tables at once; of a repeated title once."""
        wanted: dict[str, list[Item]] = {}
        for name, key in dict.fromkeys(keys):
            wanted.setdefault(self.tables.lists[name], []).append(list_key(user_id, key))
        batch = {
            table: {"Keys": table_keys, "ConsistentRead": True}
            for table, table_keys in wanted.items()
        }
        with translated():
            found = {
                (table, item["mediaKey"]["S"]): read_state(item)
                for table, item in batch_get(self.client, batch, self.backoff.sleep)
            }
        return [found.get((self.tables.lists[name], str(key))) for name, key in keys]

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        """Write changes with their events, on condition that the user is not blocked.

        A user is blocked on all lists before any of them is emptied: checking one is enough.
        """
        actions = [
            *(self._action(user_id, change) for change in changes),
            *(put_event(self.tables.outbox, it.event) for it in changes if it.event),
            check(
                self.tables.lists[changes[0].list_name],
                list_key(user_id, BLOCK_KEY),
                condition="attribute_not_exists(userId)",
            ),
        ]
        try:
            with translated():
                transact_write(self.client, actions, self.backoff)
        except ConditionFailed as refused:
            if refused.failed[-1]:
                raise AccountDeleted from refused
            found = zip(refused.failed, refused.items, strict=True)
            conflicts = [Conflict(failed, read_state(item)) for failed, item in found]
            raise ConflictingChanges(conflicts[: len(changes)]) from refused

    def _require_account(self, user_id: str, name: ListName) -> None:
        """Raise AccountDeleted for a blocked user: their lists are empty, or will be soon."""
        block = {"Keys": [list_key(user_id, BLOCK_KEY)], "ConsistentRead": True}
        with translated():
            blocked = batch_get(self.client, {self.tables.lists[name]: block}, self.backoff.sleep)
            if any(True for _ in blocked):
                raise AccountDeleted

    def _action(self, user_id: str, change: Change) -> Action:
        table = self.tables.lists[change.list_name]
        match change:
            case AddEntry(entry=entry):
                return put(
                    table,
                    entry_item(user_id, entry),
                    condition="attribute_not_exists(mediaKey) OR removedAt < :moment",
                    values={":moment": iso(entry.ordered_at)},
                    return_existing=True,
                )
            case ReviseEntry(entry=entry, before=moment):
                return put(
                    table,
                    entry_item(user_id, entry),
                    condition=_IS_ENTRY,
                    values={":moment": iso(moment)},
                    return_existing=True,
                )
            case RemoveEntry(removal=removal, added_at=moment):
                return put(
                    table,
                    removal_item(user_id, removal),
                    condition=_IS_ENTRY,
                    values={":moment": iso(moment)},
                    return_existing=True,
                )
            case CompleteEntry(entry=entry, missing=missing):
                names = {f"#{name}": attribute(name) for name in missing}
                details = {f":{name}": entry.title.details[name] for name in missing}
                absent = (f"attribute_not_exists({name})" for name in names)
                return update(
                    table,
                    list_key(user_id, entry.title.key),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in missing),
                    condition=" AND ".join((f"({_IS_ENTRY})", *absent)),
                    names=names,
                    values={":moment": iso(entry.ordered_at), **details},
                    return_existing=True,
                )


def _start_key(user_id: str, after: Position) -> Item:
    return list_key(user_id, after.key) | to_item({"addedAt": iso(after.added_at)})
