"""What crews said no to, in DynamoDB.

    <crew>, refused#<room>      the titles that a room of the crew refused; expires after 90 days

It names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import NO_RETRY, ConditionFailed, put, transact_write
from matinee.media import TitleKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REFUSED = "refused#"


@dataclass(frozen=True, slots=True)
class DynamoRefusedTitles:
    """What crews said no to."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now

    def record(
        self, crew_id: str, room_id: str, titles: Sequence[TitleKey], until: datetime
    ) -> bool:
        """Store what a room of a crew refused; return whether that was new.

        Raises WriteConflict.
        """
        item = to_item(
            {
                "ownerId": crew_id,
                "entry": f"{_REFUSED}{room_id}",
                "titles": [str(title) for title in titles],
                "ttl": epoch_seconds(until),
            }
        )
        once = put(self.table, item, condition="attribute_not_exists(ownerId)")
        try:
            transact_write(self.client, [once], NO_RETRY)
        except ConditionFailed:
            return False
        return True

    def list_by_crew(self, crew_id: str) -> Sequence[TitleKey]:
        """Return what a crew said no to, the latest rooms first: those of a megabyte of items."""
        response = self.client.query(
            TableName=self.table,
            KeyConditionExpression="ownerId = :crew AND begins_with(entry, :refused)",
            FilterExpression="#ttl > :now",  # DynamoDB deletes what has expired days later.
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=to_item(
                {":crew": crew_id, ":refused": _REFUSED, ":now": epoch_seconds(self.now())}
            ),
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        found = (from_item(item)["titles"] for item in response["Items"])
        return [TitleKey.parse(title) for titles in found for title in titles]
