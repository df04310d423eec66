"""The feeds of rooms, in DynamoDB.

<room>, feed                the numbers of the feed
<room>, entry#0000000012    an entry
<room>, change#<key>        that the change with this idempotency key has its entry
<room>, progress#<user>     the user's progress as it was told last
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from matinee.clock import from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import (
    NO_RETRY,
    Action,
    ConditionFailed,
    delete,
    put,
    transact_write,
    update,
)
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import expiry_of
from rooms.adapters.dynamodb.tables import write
from rooms.domain.feed import Feed, FeedEntry, ToldProgress
from rooms.domain.room import DELETED_USER, Room
from rooms.ports import AlreadyAppended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEAD = "feed"
_CONFIG = ConfigDict(alias_generator=to_camel, defer_build=True)
_feeds = TypeAdapter(list[Feed], config=_CONFIG)
_entries = TypeAdapter(list[FeedEntry], config=_CONFIG)


@dataclass(frozen=True, slots=True)
class DynamoFeedRepository:
    """The feeds and their entries. Everything of a room expires with it."""

    table: str
    client: DynamoDBClient

    def get(self, room_id: str) -> Feed:
        """Return a room's feed, an empty one where there is none, strongly consistent."""
        item = self._item(room_id, HEAD)
        return _feeds.validate_python([from_item(item)])[0] if item else Feed(room_id)

    def get_entry(self, room_id: str, seq: int) -> FeedEntry | None:
        """Return an entry by its number, strongly consistent."""
        item = self._item(room_id, _entry_name(seq))
        return _entries.validate_python([from_item(item)])[0] if item else None

    def get_told_progress(self, room_id: str, user_id: str) -> ToldProgress:
        """Return a user's progress as it was told last, strongly consistent."""
        item = self._item(room_id, _progress_name(user_id))
        if item is None:
            return ToldProgress()
        values = from_item(item)
        return ToldProgress(values["voted"], from_iso(values["at"]))

    def append(
        self,
        room: Room,
        entry: FeedEntry,
        feed: Feed,
        *,
        change: str | None = None,
        told: ToldProgress | None = None,
    ) -> None:
        """Store an entry with the feed after it, and what it is told once by."""
        ttl = expiry_of(room)
        actions = [
            self._change(feed, ttl),
            put(self.table, _entry_item(entry, ttl), condition="attribute_not_exists(roomId)"),
        ]
        if change:
            mark = _key(room.id, f"change#{change}") | to_item({"ttl": ttl})
            actions.append(put(self.table, mark, condition="attribute_not_exists(roomId)"))
        if told and told.at and entry.user_id:
            values = {"voted": told.voted, "at": iso(told.at), "ttl": ttl}
            key = _key(room.id, _progress_name(entry.user_id))
            actions.append(put(self.table, key | to_item(values)))
        try:
            transact_write(self.client, actions, NO_RETRY)
        except ConditionFailed as error:
            raise (AlreadyAppended if error.failed[-1] else WriteConflict) from error

    def save(self, feed: Feed) -> None:
        """Store a feed; raise WriteConflict unless it is still the one before."""
        write(self.client, [self._change(feed)])

    def list(self, room_id: str, after: int, limit: int) -> Sequence[FeedEntry]:
        """Return the entries after a number, in order, strongly consistent."""
        response = self.client.query(
            TableName=self.table,
            KeyConditionExpression="roomId = :room AND #name BETWEEN :first AND :last",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues=to_item(
                {":room": room_id, ":first": _entry_name(after + 1), ":last": _entry_name(MAX_SEQ)}
            ),
            Limit=limit,
            ConsistentRead=True,
        )
        return _entries.validate_python([from_item(item) for item in response["Items"]])

    def list_by_user(self, room_id: str, user_id: str) -> Iterator[FeedEntry]:
        """Yield the entries that name a user, strongly consistent."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="roomId = :room AND begins_with(#name, :entries)",
            FilterExpression="userId = :user",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues=to_item(
                {":room": room_id, ":entries": ENTRY_PREFIX, ":user": user_id}
            ),
            ConsistentRead=True,
        )
        for page in pages:
            yield from _entries.validate_python([from_item(item) for item in page["Items"]])

    def interrupt_appends(self, room: Room) -> None:
        """Make whoever is about to append read again; raise WriteConflict."""
        feed = self.get(room.id)
        write(self.client, [self._change(feed.next_version(), expiry_of(room))])

    def anonymize(self, room_id: str, user_id: str, seqs: Sequence[int]) -> None:
        """Put DELETED_USER in a user's place in up to 99 entries; forget their progress."""
        actions = [
            delete(self.table, _key(room_id, _progress_name(user_id))),
            *(
                update(
                    self.table,
                    _key(room_id, _entry_name(seq)),
                    "SET userId = :deleted",
                    condition="userId = :user",
                    values={":deleted": DELETED_USER, ":user": user_id},
                )
                for seq in seqs
            ),
        ]
        write(self.client, actions)

    def _change(self, feed: Feed, ttl: int | None = None) -> Action:
        """Store the next version of a feed, which with a `ttl` may be its first one."""
        stored: dict[str, Any] = _feeds.dump_python([feed], by_alias=True, mode="json")[0]
        del stored["roomId"]
        until = feed.publisher_until
        stored |= {"publisherUntil": iso(until) if until else None}
        stored |= {"ttl": ttl} if ttl else {}
        values = {f":{name}": value for name, value in stored.items() if value is not None}
        changes = ", ".join(f"#{name[1:]} = {name}" for name in values)
        absent = ", ".join(f"#{name}" for name, value in stored.items() if value is None)
        return update(
            self.table,
            _key(feed.room_id, HEAD),
            f"SET {changes}" + (f" REMOVE {absent}" if absent else ""),
            condition="#version = :read" if feed.version > 1 else "attribute_not_exists(roomId)",
            names={f"#{name}": name for name in stored},
            values=values | ({":read": feed.version - 1} if feed.version > 1 else {}),
        )

    def _item(self, room_id: str, name: str) -> Mapping[str, Any] | None:
        response = self.client.get_item(
            TableName=self.table, Key=_key(room_id, name), ConsistentRead=True
        )
        return response.get("Item")


ENTRY_PREFIX = "entry#"
MAX_SEQ = 10**10 - 1


def _key(room_id: str, name: str) -> Item:
    return to_item({"roomId": room_id, "name": name})


def _entry_name(seq: int) -> str:
    return f"{ENTRY_PREFIX}{seq:010}"


def _progress_name(user_id: str) -> str:
    return f"progress#{user_id}"


def _entry_item(entry: FeedEntry, ttl: int) -> Item:
    (values,) = _entries.dump_python([entry], by_alias=True, mode="json", exclude_none=True)
    for name, moment in (("at", entry.at), ("closesAt", entry.closes_at)):
        values |= {name: iso(moment)} if moment else {}
    return _key(entry.room_id, _entry_name(entry.seq)) | to_item({**values, "ttl": ttl})
