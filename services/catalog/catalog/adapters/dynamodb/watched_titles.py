"""The titles on watchlists, in the Refreshes table: one item for each, in sixteen partitions.

run          part         content
watched#07   movie#550    checkedAt: when its details were last looked at, if ever; ttl

Nobody is named: the catalogue knows of no user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from matinee.clock import Clock, epoch_seconds, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.media import TitleKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 16

WATCHED_TTL = timedelta(days=365)
"""After somebody last put it on a watchlist. The catalogue does not learn who takes it off."""


@dataclass(frozen=True, slots=True)
class DynamoWatchedTitles:
    """`WatchedTitles` in a table."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock

    def add(self, key: TitleKey, at: datetime) -> None:
        """Update the title's item; see the port."""
        ends = epoch_seconds(at + WATCHED_TTL)
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(key),
                UpdateExpression="SET #ttl = :ends",
                ConditionExpression="attribute_not_exists(#ttl) OR #ttl < :ends",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_item({":ends": ends}),
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return

    def list_unchecked(self, shard: int, since: datetime) -> Iterator[TitleKey]:
        """Query a partition page by page; see the port."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="#run = :shard",
            FilterExpression="#ttl > :now AND (attribute_not_exists(checkedAt)"
            " OR checkedAt < :since)",
            ExpressionAttributeNames={"#run": "run", "#ttl": "ttl"},
            ExpressionAttributeValues=to_item(
                {
                    ":shard": _partition(shard),
                    ":now": epoch_seconds(self.now()),
                    ":since": iso(since),
                }
            ),
        )
        for page in pages:
            yield from (TitleKey.parse(from_item(item)["part"]) for item in page["Items"])

    def mark_checked(self, keys: Sequence[TitleKey], at: datetime) -> None:
        """Update the items of titles, unless they have expired meanwhile."""
        for key in keys:
            try:
                self.dynamodb.update_item(
                    TableName=self.table,
                    Key=_key(key),
                    UpdateExpression="SET checkedAt = :at",
                    ConditionExpression="attribute_exists(part)",
                    ExpressionAttributeValues=to_item({":at": iso(at)}),
                )
            except self.dynamodb.exceptions.ConditionalCheckFailedException:
                continue


def _key(key: TitleKey) -> Item:
    return to_item({"run": _partition(crc32(str(key).encode()) % SHARDS), "part": str(key)})


def _partition(shard: int) -> str:
    return f"watched#{shard:02}"
