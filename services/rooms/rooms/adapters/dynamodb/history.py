"""Who has been in which rooms, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import to_item
from rooms.adapters.dynamodb.items import ERASURE, erasure_item, visit_key
from rooms.adapters.dynamodb.tables import delete, put, write
from rooms.ports import Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoVisits:
    """Who has been in which rooms, in DynamoDB, in the order of the rooms' opening."""

    table: str
    client: DynamoDBClient

    def bar(self, user_id: str, until: datetime) -> None:
        """Let a user open and join no room from now on. Raises Contended."""
        self._commit(put(self.table, erasure_item(user_id, until)))

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        """Return ids of rooms as of now, oldest first, after a room id."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="userId = :user AND roomId > :after",
            ExpressionAttributeValues=to_item({":user": user_id, ":after": after or ERASURE}),
            Limit=limit,
            ConsistentRead=True,
        )
        return [item["roomId"]["S"] for item in answer["Items"]]

    def forget(self, user_id: str, room_id: str) -> None:
        """Forget that a user has been in a room. Raises Contended."""
        self._commit(delete(self.table, visit_key(user_id, room_id)))

    def _commit(self, action: Mapping[str, Any]) -> None:
        """Write as a transaction: its conflicts with others are told apart from other faults."""
        write(self.client, [action], refused=lambda _: Contended())
