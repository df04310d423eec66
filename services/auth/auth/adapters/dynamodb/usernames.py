"""The repository of usernames: an item for each, under the form in which names are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.adapters.dynamodb.items import (
    IMMEDIATELY,
    NOT_BEING_DELETED,
    Tables,
    user_key,
    username_key,
)
from auth.domain.errors import AccountsUnavailable, UsernameTaken, WriteConflict
from matinee.clock import iso
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import (
    ConditionFailed,
    delete,
    put,
    transact_write,
    translate_client_errors,
    update,
)

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.domain.account import Profile
    from auth.domain.username import Username
    from matinee.dynamodb.transactions import Action

_AVAILABLE_TO_USER = "attribute_not_exists(username) OR userId = :user"


@dataclass(frozen=True, slots=True)
class DynamoUsernames:
    """The usernames in DynamoDB."""

    tables: Tables
    client: DynamoDBClient

    def find_owner(self, username: Username) -> str | None:
        """Return the id of the user to whom a username belongs now."""
        with translate_client_errors(AccountsUnavailable):
            response = self.client.get_item(
                TableName=self.tables.usernames, Key=username_key(username), ConsistentRead=True
            )
        return response["Item"]["userId"]["S"] if "Item" in response else None

    def change(self, profile: Profile, username: Username, at: datetime) -> None:
        """Reserve one name, write it to the profile and release the other, in one transaction."""
        user_id, old = profile.account.user_id, profile.username
        unchanged = "usernameKey = :old" if old else "attribute_not_exists(usernameKey)"
        actions = [
            reserve(self.tables, user_id, username, at),
            update(
                self.tables.profiles,
                user_key(user_id),
                "SET username = :name, usernameKey = :key",
                condition=f"attribute_exists(createdAt) AND {unchanged} AND {NOT_BEING_DELETED}",
                values={
                    ":name": username.display,
                    ":key": username.key,
                    ":old": old.key if old else None,
                },
            ),
        ]
        if old and old.key != username.key:
            actions.append(release(self.tables, user_id, old))
        try:
            with translate_client_errors(AccountsUnavailable, busy=WriteConflict):
                transact_write(self.client, actions, IMMEDIATELY)
        except ConditionFailed as failure:
            raise (WriteConflict if any(failure.failed[1:]) else UsernameTaken) from failure


def reserve(tables: Tables, user_id: str, username: Username, at: datetime) -> Action:
    """Return the action that gives a username to a user unless it belongs to another one."""
    item = {
        "username": username.key,
        "userId": user_id,
        "writtenAs": username.display,
        "createdAt": iso(at),
    }
    return put(
        tables.usernames, to_item(item), condition=_AVAILABLE_TO_USER, values={":user": user_id}
    )


def release(tables: Tables, user_id: str, username: Username) -> Action:
    """Return the action that makes a user's username available."""
    return delete(
        tables.usernames,
        username_key(username),
        condition=_AVAILABLE_TO_USER,
        values={":user": user_id},
    )
