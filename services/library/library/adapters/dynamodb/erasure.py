"""What the library's tables hold of a user, as far as it is erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from library.adapters.dynamodb.items import BLOCK_KEY, blocked_preferences_item
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.titles import ListName
from library.ports import OtherStore, Store
from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.batches import batch_write, delete_request
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import put, transact_write
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_SORT_KEYS: Mapping[Store, str] = {
    **dict.fromkeys(ListName, "mediaKey"),
    OtherStore.IMPORTS: "itemKey",
    OtherStore.NOTICES: "noticeKey",
}


@dataclass(frozen=True, slots=True)
class DynamoDBErasureRepository:
    """The tables with personal data."""

    preferences: str
    tables: Mapping[Store, str]
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = WRITE_BACKOFF

    def block(self, user_id: str, until: datetime) -> None:
        """Write the blocks in one transaction: a concurrent change has ended when they exist."""
        blocks = [
            put(self.preferences, blocked_preferences_item(user_id, self.now(), until)),
            *(put(self.tables[store], _block(user_id, store, until)) for store in _SORT_KEYS),
        ]
        with translated():
            transact_write(self.client, blocks, self.backoff)

    def get_keys(self, user_id: str, store: Store, limit: int) -> Sequence[str]:
        """Query what follows the block."""
        name = _SORT_KEYS[store]
        with translated():
            response = self.client.query(
                TableName=self.tables[store],
                KeyConditionExpression=f"userId = :user AND {name} > :block",
                ExpressionAttributeValues=to_item({":user": user_id, ":block": BLOCK_KEY}),
                ProjectionExpression=name,
                ConsistentRead=True,
                Limit=limit,
            )
        return [item[name]["S"] for item in response["Items"]]

    def delete(self, user_id: str, store: Store, keys: Sequence[str]) -> None:
        """Delete in a batch. Raises LibraryBusy when DynamoDB leaves some of it undone."""
        name = _SORT_KEYS[store]
        deletions = [delete_request(to_item({"userId": user_id, name: key})) for key in keys]
        with translated():
            batch_write(self.client, {self.tables[store]: deletions}, self.backoff.sleep)


def _block(user_id: str, store: Store, until: datetime) -> Item:
    """Serialize the block of a user's store: nothing may be added until a time."""
    return to_item({"userId": user_id, _SORT_KEYS[store]: BLOCK_KEY, "ttl": epoch_seconds(until)})
