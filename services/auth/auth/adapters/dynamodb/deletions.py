"""The log of deletions in progress. A deletion is recorded in the profile that it erases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.adapters.dynamodb.items import (
    DELETED_USER_TTL,
    DELETIONS_INDEX,
    IMMEDIATELY,
    Tables,
    read_deletion,
    user_key,
)
from auth.adapters.dynamodb.usernames import release
from auth.domain.errors import AccountsUnavailable, WriteConflict
from matinee.clock import epoch_seconds, iso
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import (
    ConditionFailed,
    put,
    transact_write,
    translate_client_errors,
)
from matinee.events.outbox import put_event

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.domain.account import Account, AccountDeletion
    from matinee.events.contract import Contract, Envelope


@dataclass(frozen=True, slots=True)
class DynamoDeletionLog:
    """The deletions in DynamoDB."""

    tables: Tables
    client: DynamoDBClient

    def begin(
        self, account: Account, at: datetime, *, of_guest: bool = False
    ) -> AccountDeletion | None:
        """Record a deletion in one write, also of a user without a profile."""
        may_begin = "attribute_not_exists(deletedAt) OR deleting = :yes"
        try:
            with translate_client_errors(AccountsUnavailable):
                response = self.client.update_item(
                    TableName=self.tables.profiles,
                    Key=user_key(account.user_id),
                    UpdateExpression=(
                        "SET deleting = :yes, cognitoUsername = :pool,"
                        " deletingSince = if_not_exists(deletingSince, :now)"
                    ),
                    ConditionExpression="attribute_exists(guest)" if of_guest else may_begin,
                    ExpressionAttributeValues=to_item(
                        {":yes": "yes", ":pool": account.cognito_username, ":now": iso(at)}
                    ),
                    ReturnValues="ALL_NEW",
                )
        except ConditionFailed:
            return None
        return read_deletion(response["Attributes"])

    def erase(self, deletion: AccountDeletion, at: datetime, event: Envelope[Contract]) -> None:
        """Reduce the profile to the id, release the username and store the event, together."""
        user_id = deletion.account.user_id
        rest = {
            "sub": user_id,
            "deleting": "yes",
            "deletingSince": iso(deletion.started_at),
            "cognitoUsername": deletion.account.cognito_username,
            "deletedAt": iso(at),
        }
        actions = [
            put(
                self.tables.profiles,
                to_item(rest),
                condition="deleting = :yes AND attribute_not_exists(deletedAt)",
                values={":yes": "yes"},
            ),
            put_event(self.tables.outbox, event),
        ]
        if deletion.username:
            actions.append(release(self.tables, user_id, deletion.username))
        try:
            with translate_client_errors(AccountsUnavailable, busy=WriteConflict):
                transact_write(self.client, actions, IMMEDIATELY)
        except ConditionFailed as failure:
            if not failure.failed[0]:
                raise WriteConflict from failure
            # Otherwise another process has erased it meanwhile.

    def finish(self, deletion: AccountDeletion, at: datetime) -> None:
        """Remove a deletion from the index, and let the rest of the item expire."""
        with translate_client_errors(AccountsUnavailable):
            self.client.update_item(
                TableName=self.tables.profiles,
                Key=user_key(deletion.account.user_id),
                UpdateExpression="SET #ttl = :ttl REMOVE deleting, cognitoUsername",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_item({":ttl": epoch_seconds(at + DELETED_USER_TTL)}),
            )

    def unfinished(self, before: datetime) -> Iterable[AccountDeletion]:
        """Yield the deletions in the index, oldest first, each in its present state."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.profiles,
            IndexName=DELETIONS_INDEX,
            KeyConditionExpression="deleting = :yes AND deletingSince < :before",
            ExpressionAttributeValues=to_item({":yes": "yes", ":before": iso(before)}),
        )
        with translate_client_errors(AccountsUnavailable):
            keys = [user_key(item["sub"]["S"]) for page in pages for item in page["Items"]]
            for key in keys:
                item = self.client.get_item(
                    TableName=self.tables.profiles, Key=key, ConsistentRead=True
                ).get("Item")
                if item and "deleting" in item:
                    yield read_deletion(item)
