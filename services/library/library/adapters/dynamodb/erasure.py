"""What the library's tables hold of a user, as far as it is erased."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import (
    ERASED,
    erased_list_item,
    erased_preferences_item,
    list_key,
)
from library.domain.titles import ListName
from library.writing import answering, write
from matinee.clock import Clock, utc_now
from matinee.dynamodb.batches import Pause, batch_write
from matinee.dynamodb.items import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoErasable:
    """The three tables."""

    preferences: str
    lists: Mapping[ListName, str]
    client: DynamoDBClient
    now: Clock = utc_now
    pause: Pause = time.sleep

    def bar(self, user_id: str, until: datetime) -> None:
        """Write the marks, together: a change that is under way is over when they stand."""
        marks = [
            (self.preferences, erased_preferences_item(user_id, self.now(), until)),
            *((table, erased_list_item(user_id, until)) for table in self.lists.values()),
        ]
        write(
            self.client,
            [{"Put": {"TableName": table, "Item": item}} for table, item in marks],
            self.pause,
        )

    def titles(self, user_id: str, name: ListName, limit: int) -> Sequence[str]:
        """Query what stands behind the mark."""
        with answering():
            answer = self.client.query(
                TableName=self.lists[name],
                KeyConditionExpression="userId = :user AND mediaKey > :mark",
                ExpressionAttributeValues=to_item({":user": user_id, ":mark": ERASED}),
                ProjectionExpression="mediaKey",
                ConsistentRead=True,
                Limit=limit,
            )
        return [item["mediaKey"]["S"] for item in answer["Items"]]

    def erase(self, user_id: str, name: ListName, keys: Sequence[str]) -> None:
        """Delete in a batch. Raises LibraryBusy when DynamoDB leaves some of it undone."""
        deletions: Sequence[Any] = [
            {"DeleteRequest": {"Key": list_key(user_id, key)}} for key in keys
        ]
        with answering():
            batch_write(self.client, {self.lists[name]: deletions}, self.pause)
