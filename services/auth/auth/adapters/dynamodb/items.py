"""The items of the tables, and what they are in Python.

    UserProfiles   sub               email, createdAt, username, usernameKey, confirmedAt,
                                     lastLoginAt, displayName, avatar, guest; while the account is
                                     deleted: deleting, deletingSince, cognitoUsername,
                                     deletedAt, ttl
    Usernames      username (key)    userId, writtenAs, createdAt

After a deletion an item with only the id and the time stays for DELETED_USER_TTL: a sign-in, a
trigger or an access token that outlives the account must not create a new profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auth.domain.account import Account, AccountDeletion, Profile
from auth.domain.errors import AccountGone
from auth.domain.username import Username
from matinee.clock import from_iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.retry import Backoff

DELETED_USER_TTL = timedelta(days=30)
"""Access tokens are valid for an hour."""

DELETIONS_INDEX = "deleting"
"""Key: deleting ("yes" or absent), deletingSince. It contains the unfinished deletions only."""

NOT_BEING_DELETED = "attribute_not_exists(deletingSince)"

IMMEDIATELY = Backoff(attempts=5, initial=0)
"""A transaction that meets another writer is repeated without a pause, since the caller waits."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables."""

    profiles: str
    usernames: str
    outbox: str


def user_key(user_id: str) -> Item:
    """Return the key of a profile."""
    return to_item({"sub": user_id})


def username_key(username: Username) -> Item:
    """Return the key of a username."""
    return to_item({"username": username.key})


def read_profile(item: Mapping[str, Any] | None) -> Profile | None:
    """Parse a profile; raise AccountGone when the account is deleted or being deleted."""
    if item is None:
        return None
    values = from_item(item)
    if "deletingSince" in values:
        raise AccountGone
    return Profile(
        Account(values["sub"], values.get("email", "")),
        from_iso(values["createdAt"]),
        username=_username(values),
        confirmed_at=_time(values, "confirmedAt"),
        last_login_at=_time(values, "lastLoginAt"),
        display_name=values.get("displayName"),
        avatar=values.get("avatar"),
        is_guest=values.get("guest", False),
    )


def read_deletion(item: Mapping[str, Any]) -> AccountDeletion:
    """Parse a deletion in progress."""
    values = from_item(item)
    user_id, pool_name = values["sub"], values["cognitoUsername"]
    return AccountDeletion(
        Account(user_id, federated_username=pool_name if pool_name != user_id else None),
        from_iso(values["deletingSince"]),
        username=_username(values),
        erased="deletedAt" in values,
    )


def _username(values: Mapping[str, Any]) -> Username | None:
    return Username(values["username"]) if "username" in values else None


def _time(values: Mapping[str, Any], name: str) -> datetime | None:
    return from_iso(values[name]) if name in values else None
