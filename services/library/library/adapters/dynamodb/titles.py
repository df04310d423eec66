"""The catalogue's titles in DynamoDB: the projection of its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from library.adapters.dynamodb.items import read_title, title_item, title_key
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.titles import Title
from library.ports import MAX_TITLES_READ
from matinee.clock import Clock, iso, utc_now
from matinee.dynamodb.batches import batch_get
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import ConditionFailed
from matinee.media import TitleKey
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoDBTitleFacts:
    """What the catalogue knows of titles: one item for each."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = WRITE_BACKOFF

    def get(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, Title]:
        """Get the items of titles, MAX_TITLES_READ in a request; eventually consistent."""
        found: dict[TitleKey, Title] = {}
        for chunk in batched(keys, MAX_TITLES_READ, strict=False):
            wanted = {self.table: {"Keys": [title_key(key) for key in chunk]}}
            with translated():
                for _, item in batch_get(self.client, wanted, self.backoff.sleep):
                    if title := read_title(item, self.now()):
                        found[title.key] = title
        return found

    def save(self, title: Title, cached_at: datetime, expires_at: datetime) -> bool:
        """Put an item unless a later one is there."""
        try:
            with translated():
                self.client.put_item(
                    TableName=self.table,
                    Item=title_item(title, cached_at, expires_at),
                    ConditionExpression="attribute_not_exists(cachedAt) OR cachedAt < :cachedAt",
                    ExpressionAttributeValues=to_item({":cachedAt": iso(cached_at)}),
                )
        except ConditionFailed:
            return False
        return True
