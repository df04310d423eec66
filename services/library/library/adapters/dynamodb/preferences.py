"""Preferences in DynamoDB: one item for each user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from library.adapters.dynamodb.items import preferences_item, preferences_key, read_preferences
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.errors import AccountDeleted
from library.domain.preferences import Preferences
from library.ports import VersionConflict
from matinee.dynamodb.transactions import ConditionFailed, put, transact_write
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoDBPreferencesRepository:
    """The preferences of all users."""

    table: str
    outbox: str
    client: DynamoDBClient
    backoff: Backoff = WRITE_BACKOFF

    def get(self, user_id: str) -> Preferences:
        """Get a user's item."""
        with translated():
            item = self.client.get_item(
                TableName=self.table, Key=preferences_key(user_id), ConsistentRead=True
            ).get("Item")
        found = read_preferences(item)
        if found is None:
            raise AccountDeleted
        return found

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        """Write an item with its event, on condition that the stored version is the one before.

        The block of a deleted account has no version, so it is never replaced.
        """
        item = preferences_item(user_id, preferences)
        if preferences.version == 1:
            action = put(self.table, item, condition="attribute_not_exists(userId)")
        else:
            action = put(
                self.table,
                item,
                condition="#version = :before",
                names={"#version": "version"},
                values={":before": preferences.version - 1},
            )
        try:
            with translated():
                transact_write(self.client, [action, put_event(self.outbox, event)], self.backoff)
        except ConditionFailed as refused:
            raise VersionConflict from refused
