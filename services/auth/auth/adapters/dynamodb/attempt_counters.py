"""Counters of attempts in DynamoDB. Table AuthAttempts: partition key `attempt`; `taken`, `ttl`.

A counter belongs to one window of time, which is part of its key: a new window is a new item, and
the old one expires. Access pattern: one conditional UpdateItem for each attempt (1 write unit).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from matinee.clock import epoch_seconds
from matinee.dynamodb.items import Item, to_item
from matinee.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class DynamoAttempts:
    """The counters in one table."""

    table: str
    client: DynamoDBClient

    def take(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        """Count one more unless so many are counted; return how long the window still lasts."""
        ends = _end(window, now)
        try:
            self.client.update_item(
                TableName=self.table,
                Key=_key(key, ends),
                UpdateExpression="SET #ttl = :ttl ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR taken < :limit",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_item(
                    {":ttl": epoch_seconds(ends + window), ":one": 1, ":limit": limit}
                ),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _REFUSED:
                return ends - now
            raise Unavailable from error
        except BotoCoreError as error:
            raise Unavailable from error
        return None

    def give_back(self, key: str, window: timedelta, now: datetime) -> None:
        """Count one less; nothing happens when the window has changed since."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=_key(key, _end(window, now)),
                UpdateExpression="ADD taken :back",
                ConditionExpression="taken > :none",
                ExpressionAttributeValues=to_item({":back": -1, ":none": 0}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _REFUSED:
                raise Unavailable from error
        except BotoCoreError as error:
            raise Unavailable from error


def _end(window: timedelta, now: datetime) -> datetime:
    """Return when the window ends that a moment is in; windows follow one another since 1970."""
    began = now.timestamp() // window.total_seconds() * window.total_seconds()
    return datetime.fromtimestamp(began, UTC) + window


def _key(key: str, ends: datetime) -> Item:
    return to_item({"attempt": f"{key}#{epoch_seconds(ends)}"})
