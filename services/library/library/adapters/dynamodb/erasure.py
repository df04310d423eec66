"""What the library's tables hold of a user, as far as it is erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from library.adapters.dynamodb.import_items import import_block_item, item_key
from library.adapters.dynamodb.items import (
    BLOCK_KEY,
    block_item,
    blocked_preferences_item,
    list_key,
)
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.titles import ListName
from matinee.clock import Clock, utc_now
from matinee.dynamodb.batches import batch_write, delete_request
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import put, transact_write
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoDBErasureRepository:
    """The tables with personal data."""

    preferences: str
    imports: str
    lists: Mapping[ListName, str]
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = WRITE_BACKOFF

    def block(self, user_id: str, until: datetime) -> None:
        """Write the blocks in one transaction: a concurrent change has ended when they exist."""
        blocks = [
            put(self.preferences, blocked_preferences_item(user_id, self.now(), until)),
            put(self.imports, import_block_item(user_id, until)),
            *(put(table, block_item(user_id, until)) for table in self.lists.values()),
        ]
        with translated():
            transact_write(self.client, blocks, self.backoff)

    def get_import_keys(self, user_id: str, limit: int) -> Sequence[str]:
        """Query what follows the block."""
        with translated():
            response = self.client.query(
                TableName=self.imports,
                KeyConditionExpression="userId = :user AND itemKey > :block",
                ExpressionAttributeValues=to_item({":user": user_id, ":block": BLOCK_KEY}),
                ProjectionExpression="itemKey",
                ConsistentRead=True,
                Limit=limit,
            )
        return [item["itemKey"]["S"] for item in response["Items"]]

    def delete_imports(self, user_id: str, keys: Sequence[str]) -> None:
        """Delete in a batch. Raises LibraryBusy when DynamoDB leaves some of it undone."""
        deletions = [delete_request(item_key(user_id, key)) for key in keys]
        with translated():
            batch_write(self.client, {self.imports: deletions}, self.backoff.sleep)

    def get_title_keys(self, user_id: str, name: ListName, limit: int) -> Sequence[str]:
        """Query what follows the block."""
        with translated():
            response = self.client.query(
                TableName=self.lists[name],
                KeyConditionExpression="userId = :user AND mediaKey > :block",
                ExpressionAttributeValues=to_item({":user": user_id, ":block": BLOCK_KEY}),
                ProjectionExpression="mediaKey",
                ConsistentRead=True,
                Limit=limit,
            )
        return [item["mediaKey"]["S"] for item in response["Items"]]

    def delete_titles(self, user_id: str, name: ListName, keys: Sequence[str]) -> None:
        """Delete in a batch. Raises LibraryBusy when DynamoDB leaves some of it undone."""
        deletions = [delete_request(list_key(user_id, key)) for key in keys]
        with translated():
            batch_write(self.client, {self.lists[name]: deletions}, self.backoff.sleep)
