"""The rate limiter's counters. Table <Service>Attempts: partition key `attempt`; `taken`, `ttl`.

A counter belongs to one window of time, which is part of its key: a new window is a new item, and
the old one expires. Access pattern: one conditional UpdateItem for each attempt (1 write unit).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.config import Config

from matinee.clock import epoch_seconds
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import ConditionFailed, translate_client_errors
from matinee.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COUNTER_CALLS = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1})
"""Seconds. No user waits for the rate limiter: while it fails, everybody is let through."""


@dataclass(frozen=True, slots=True)
class DynamoAttemptCounters:
    """The counters in one table."""

    table: str
    client: DynamoDBClient

    def increment(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        """Count one attempt, or return the time until the window ends when the limit is reached."""
        ends = _window_end(window, now)
        try:
            with translate_client_errors(Unavailable):
                self.client.update_item(
                    TableName=self.table,
                    Key=_counter_key(key, ends),
                    UpdateExpression="SET #ttl = :ttl ADD taken :one",
                    ConditionExpression="attribute_not_exists(taken) OR taken < :limit",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=to_item(
                        {":ttl": epoch_seconds(ends + window), ":one": 1, ":limit": limit}
                    ),
                )
        except ConditionFailed:
            return ends - now
        return None

    def decrement(self, key: str, window: timedelta, now: datetime) -> None:
        """Count one attempt less; do nothing when its window has ended."""
        with suppress(ConditionFailed), translate_client_errors(Unavailable):
            self.client.update_item(
                TableName=self.table,
                Key=_counter_key(key, _window_end(window, now)),
                UpdateExpression="ADD taken :minus_one",
                ConditionExpression="taken > :zero",
                ExpressionAttributeValues=to_item({":minus_one": -1, ":zero": 0}),
            )


def _window_end(window: timedelta, now: datetime) -> datetime:
    """Return the end of the window that contains a time; windows are contiguous since 1970."""
    start = now.timestamp() // window.total_seconds() * window.total_seconds()
    return datetime.fromtimestamp(start, UTC) + window


def _counter_key(key: str, ends: datetime) -> Item:
    return to_item({"attempt": f"{key}#{epoch_seconds(ends)}"})
