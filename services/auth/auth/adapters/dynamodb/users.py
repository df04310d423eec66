"""The repository of profiles. A change and its event are written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth.adapters.dynamodb.items import (
    IMMEDIATELY,
    NOT_BEING_DELETED,
    Tables,
    read_profile,
    user_key,
)
from auth.adapters.dynamodb.usernames import reserve
from auth.domain.errors import AccountGone, AccountsUnavailable, UsernameTaken, WriteConflict
from matinee.clock import iso
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import (
    ConditionFailed,
    put,
    transact_write,
    translate_client_errors,
    update,
)
from matinee.events.outbox import put_event

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.domain.account import Account, Profile
    from auth.domain.username import Username
    from matinee.events.contract import Contract, Envelope


@dataclass(frozen=True, slots=True)
class DynamoUsers:
    """The profiles in DynamoDB."""

    tables: Tables
    client: DynamoDBClient

    def find(self, user_id: str) -> Profile | None:
        """Return the current profile. Raises AccountGone."""
        with translate_client_errors(AccountsUnavailable):
            response = self.client.get_item(
                TableName=self.tables.profiles, Key=user_key(user_id), ConsistentRead=True
            )
        return read_profile(response.get("Item"))

    def record_login(self, account: Account, at: datetime) -> Profile | None:
        """Record a sign-in in one conditional write (1 write unit) and return the profile."""
        try:
            with translate_client_errors(AccountsUnavailable):
                response = self.client.update_item(
                    TableName=self.tables.profiles,
                    Key=user_key(account.user_id),
                    UpdateExpression="SET lastLoginAt = :now, email = :email",
                    ConditionExpression=f"attribute_exists(createdAt) AND {NOT_BEING_DELETED}",
                    ExpressionAttributeValues=to_item({":now": iso(at), ":email": account.email}),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failure:
            return read_profile(failure.items[0])
        return read_profile(response["Attributes"])

    def set_public_profile(self, user_id: str, name: str | None, avatar: str | None) -> Profile:
        """Replace name and picture in one conditional write (1 write unit)."""
        values = {"displayName": name, "avatar": avatar}
        given = {field: value for field, value in values.items() if value is not None}
        parts = [
            "SET " + ", ".join(f"{field} = :{field}" for field in given) if given else "",
            "REMOVE " + ", ".join(values.keys() - given.keys()) if len(given) < len(values) else "",
        ]
        optional: dict[str, Any] = (
            {"ExpressionAttributeValues": to_item({f":{it}": given[it] for it in given})}
            if given
            else {}
        )
        try:
            with translate_client_errors(AccountsUnavailable):
                response = self.client.update_item(
                    TableName=self.tables.profiles,
                    Key=user_key(user_id),
                    UpdateExpression=" ".join(filter(None, parts)),
                    ConditionExpression=f"attribute_exists(createdAt) AND {NOT_BEING_DELETED}",
                    ReturnValues="ALL_NEW",
                    **optional,
                )
        except ConditionFailed as error:
            raise AccountGone from error
        profile = read_profile(response["Attributes"])
        if profile is None:
            raise AccountGone
        return profile

    def create(
        self,
        account: Account,
        at: datetime,
        event: Envelope[Contract],
        guest_name: str | None = None,
    ) -> bool:
        """Create a profile, that of a guest with their name; return False when the user has one."""
        profile = {
            "sub": account.user_id,
            "email": account.email or None,
            "createdAt": iso(at),
            "displayName": guest_name,
            "guest": True if guest_name else None,
        }
        actions = [
            put(
                self.tables.profiles,
                to_item(profile),
                condition=f"attribute_not_exists(createdAt) AND {NOT_BEING_DELETED}",
            ),
            put_event(self.tables.outbox, event),
        ]
        try:
            with translate_client_errors(AccountsUnavailable, busy=WriteConflict):
                transact_write(self.client, actions, IMMEDIATELY)
        except ConditionFailed:
            return False
        return True

    def confirm(
        self,
        user_id: str,
        username: Username,
        at: datetime,
        *events: Envelope[Contract],
        email: str = "",
    ) -> bool:
        """Reserve a username, write it to the profile and store the events, in one transaction."""
        actions = [
            reserve(self.tables, user_id, username, at),
            update(
                self.tables.profiles,
                user_key(user_id),
                "SET username = :name, usernameKey = :key, confirmedAt = :now"
                f"{', email = :email' if email else ''} REMOVE guest",
                condition="attribute_exists(createdAt) AND attribute_not_exists(confirmedAt)"
                f" AND {NOT_BEING_DELETED}",
                values={
                    ":name": username.display,
                    ":key": username.key,
                    ":now": iso(at),
                    ":email": email or None,
                },
            ),
            *(put_event(self.tables.outbox, event) for event in events),
        ]
        try:
            with translate_client_errors(AccountsUnavailable, busy=WriteConflict):
                transact_write(self.client, actions, IMMEDIATELY)
        except ConditionFailed as failure:
            if not failure.failed[1]:
                raise UsernameTaken from failure
            profile = self.find(user_id)
            if profile and profile.confirmed_at:
                return False
            raise WriteConflict from failure
        return True
