"""Preferences in DynamoDB: one item for each user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import preferences_item, preferences_key, read_preferences
from library.domain.errors import AccountDeleted
from library.domain.preferences import Preferences
from library.ports import Overtaken
from library.writing import ConditionFailed, answering, write
from matinee.dynamodb.batches import Pause
from matinee.dynamodb.items import to_item
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoPreferences:
    """The preferences of all users."""

    table: str
    outbox: str
    client: DynamoDBClient
    pause: Pause = time.sleep

    def find(self, user_id: str) -> Preferences:
        """Get a user's item."""
        with answering():
            item = self.client.get_item(
                TableName=self.table, Key=preferences_key(user_id), ConsistentRead=True
            ).get("Item")
        found = read_preferences(item)
        if found is None:
            raise AccountDeleted
        return found

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        """Write an item with its event on condition that it is the version before."""
        before = preferences.version - 1
        put: dict[str, Any] = {
            "TableName": self.table,
            "Item": preferences_item(user_id, preferences),
            "ConditionExpression": "attribute_not_exists(userId)",
        }
        if before:
            put["ConditionExpression"] = "#version = :before"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = to_item({":before": before})
        actions: list[Mapping[str, Any]] = [{"Put": put}, put_event(self.outbox, event)]
        try:
            write(self.client, actions, self.pause)
        except ConditionFailed as refused:
            raise Overtaken from refused
