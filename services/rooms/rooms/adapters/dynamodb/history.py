"""The rooms that each user has been in, in the visits table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import delete, put
from rooms.adapters.dynamodb.items import BLOCK, BOUND, block_item, bound_item, visit_key
from rooms.adapters.dynamodb.tables import read_batch, write
from rooms.domain.errors import AccountDeleted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoRoomHistory:
    """The rooms that each user has been in, in the order of their creation.

    Single writes are transactions, too: so conflicts are told from other faults.
    """

    table: str
    client: DynamoDBClient

    def block(self, user_id: str, until: datetime) -> None:
        """Keep a user from creating and joining rooms; raise WriteConflict."""
        write(self.client, [put(self.table, block_item(user_id, until))])

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        """Return room ids, oldest first, after a room id, strongly consistent."""
        response = self.client.query(
            TableName=self.table,
            KeyConditionExpression="userId = :user AND roomId > :after",
            ExpressionAttributeValues=to_item({":user": user_id, ":after": after or BLOCK}),
            Limit=limit,
            ConsistentRead=True,
        )
        return [item["roomId"]["S"] for item in response["Items"]]

    def has(self, user_id: str, room_id: str) -> bool:
        """Return whether a user has been in a room and is not deleted, strongly consistent."""
        keys = [visit_key(user_id, room_id), visit_key(user_id, BLOCK)]
        wanted = {self.table: {"Keys": keys, "ConsistentRead": True}}
        found = [item["roomId"]["S"] for _, item in read_batch(self.client, wanted)]
        return found == [room_id]

    def require(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user."""
        block = self.client.get_item(
            TableName=self.table, Key=visit_key(user_id, BLOCK), ConsistentRead=True
        )
        if "Item" in block:
            raise AccountDeleted

    def bind(self, user_id: str, room_id: str, until: datetime) -> None:
        """Bind a guest to a room; raise WriteConflict."""
        write(self.client, [put(self.table, bound_item(user_id, room_id, until))])

    def room_of(self, user_id: str) -> str | None:
        """Return the room that a guest is bound to."""
        bound = self.client.get_item(
            TableName=self.table, Key=visit_key(user_id, BOUND), ConsistentRead=True
        )
        return bound["Item"]["boundTo"]["S"] if "Item" in bound else None

    def unbind(self, user_id: str) -> None:
        """Delete the room that a guest is bound to; raise WriteConflict."""
        self.delete(user_id, BOUND)

    def delete(self, user_id: str, room_id: str) -> None:
        """Delete a room from a user's history; raise WriteConflict."""
        write(self.client, [delete(self.table, visit_key(user_id, room_id))])
