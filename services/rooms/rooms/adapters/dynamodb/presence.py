"""Who is at a room right now, in the participations of the votes table.

A heartbeat is a single write that no transaction waits for: DynamoDB refuses it while the
participant's own vote is being stored, and never the vote because of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from matinee.clock import epoch_seconds, iso
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import CONDITION_FAILED, is_conflict
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import parse_presence, participation_key
from rooms.adapters.dynamodb.tables import Tables, read_batch
from rooms.domain.errors import NotAParticipant, RoomExpired
from rooms.domain.presence import Presence

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoPresenceRepository:
    """When participants joined, and when they were last heard of."""

    tables: Tables
    client: DynamoDBClient

    def record(self, room_id: str, user_id: str, now: datetime) -> None:
        """Record that a participant is there.

        Raises NotAParticipant, RoomExpired, WriteConflict.
        """
        try:
            self.client.update_item(
                TableName=self.tables.votes,
                Key=participation_key(room_id, user_id),
                UpdateExpression="SET seenAt = :now",
                ConditionExpression="expiresAt > :second",
                ExpressionAttributeValues=to_item(
                    {":now": iso(now), ":second": epoch_seconds(now)}
                ),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == f"{CONDITION_FAILED}Exception":
                raise (RoomExpired if "Item" in error.response else NotAParticipant) from error
            if is_conflict(error):
                raise WriteConflict from error
            raise

    def find(self, room_id: str, user_ids: Collection[str]) -> Mapping[str, Presence]:
        """Return the presence of those of some users who are in a room."""
        keys = [participation_key(room_id, user_id) for user_id in user_ids]
        wanted = {self.tables.votes: {"Keys": keys}} if keys else {}
        return {
            item["userId"]["S"]: parse_presence(item) for _, item in read_batch(self.client, wanted)
        }
