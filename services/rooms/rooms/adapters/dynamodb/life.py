"""Until when rooms are open, in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import Action, update
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from rooms.adapters.dynamodb.items import (
    CLOSING_INDEX,
    code_key,
    parse_room,
    participation_key,
    room_key,
)
from rooms.adapters.dynamodb.tables import Tables, write
from rooms.domain.room import Room

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoRoomLifeRepository:
    """The closing times of rooms."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""
        response = self.client.get_item(
            TableName=self.tables.rooms, Key=room_key(room_id), ConsistentRead=True
        )
        return parse_room(response["Item"]) if "code" in response.get("Item", {}) else None

    def set_closing_time(self, room: Room, event: Envelope[Contract]) -> None:
        """Store an open room that closes later, or at once for a reason; raise WriteConflict.

        Its participations and codes have the same time: votes and new rooms ask them, not the room.
        """
        expires = epoch_seconds(room.expires_at)
        actions = [
            self._change(room, "expiresAt > :now"),
            *(
                update(
                    self.tables.votes,
                    participation_key(room.id, user_id),
                    "SET roomVersion = :version, expiresAt = :expires",
                    condition="attribute_exists(roomId)",
                    values={":version": room.version, ":expires": expires},
                )
                for user_id in room.participants
            ),
            *(
                update(
                    self.tables.rooms,
                    code_key(code),
                    "SET expiresAt = :expires",
                    condition="roomId = :room",
                    values={":expires": expires, ":room": room.id},
                )
                for code in room.codes
            ),
            put_event(self.tables.outbox, event),
        ]
        write(self.client, actions)

    def list_expired(self, shard: int, now: datetime) -> Iterator[str]:
        """Yield the ids of a shard's rooms whose time is over, first those that closed first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.rooms,
            IndexName=CLOSING_INDEX,
            KeyConditionExpression="closingShard = :shard AND expiresAt <= :now",
            ExpressionAttributeValues=to_item({":shard": str(shard), ":now": epoch_seconds(now)}),
        )
        for page in pages:
            yield from (item["id"]["S"] for item in page["Items"])

    def record_closed(self, room: Room, event: Envelope[Contract]) -> None:
        """Store that an expired room has closed; raise WriteConflict."""
        write(
            self.client,
            [self._change(room, "expiresAt <= :now"), put_event(self.tables.outbox, event)],
        )

    def _change(self, room: Room, time: str) -> Action:
        """Store closing time and reason, if the room is still the one before, and not closed."""
        values: dict[str, object] = {
            ":expires": epoch_seconds(room.expires_at),
            ":version": room.version,
            ":read": room.version - 1,
            ":now": epoch_seconds(self.now()),
        }
        closing = ""
        if room.closed:
            closing = ", closed = :closed REMOVE closingShard"
            values[":closed"] = room.closed.value
        return update(
            self.tables.rooms,
            room_key(room.id),
            f"SET expiresAt = :expires, version = :version{closing}",
            condition=f"version = :read AND attribute_not_exists(closed) AND {time}",
            values=values,
        )
