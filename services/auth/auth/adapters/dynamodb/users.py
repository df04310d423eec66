"""Profiles, usernames and departures in DynamoDB. Every change is one commit with its event.

    UserProfiles   sub               email, createdAt, username, usernameKey, confirmedAt,
                                     lastLoginAt; of who leaves: departing, departingSince,
                                     poolName, deletedAt, ttl
    Usernames      username (key)    userId, writtenAs, createdAt

Of a user who has left an item with nothing but his id and the moment stays for a while: what was
on its way when he left (a sign-in, a trigger, a token's last hour) must not make him a new profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from auth.domain.account import Account, Departure, Profile, Username
from auth.domain.errors import AccountGone, AccountsUnavailable, Contended, UsernameTaken
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from matinee.errors import MatineeError
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_FOR = timedelta(days=30)
"""How long an id is remembered after its account is gone. Access tokens live for an hour."""

DEPARTING_INDEX = "departing"
"""Key: departing ("yes" or absent), departingSince. It holds what has not been finished."""

_STAYS = "attribute_not_exists(departingSince)"
_REFUSED = "ConditionalCheckFailed"
_RACES = 5

type Refuse = Callable[[Sequence[bool]], MatineeError | None]
"""Says what it means that these of a transaction's actions were refused; None: nothing to do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the service's tables."""

    profiles: str
    usernames: str
    outbox: str


@dataclass(frozen=True, slots=True)
class DynamoUsers:
    """The profiles and usernames of who stays."""

    tables: Tables
    client: DynamoDBClient

    def find(self, user_id: str) -> Profile | None:
        """Return a profile as of now. Raises AccountGone."""
        with _answering():
            item = self.client.get_item(
                TableName=self.tables.profiles, Key=_user(user_id), ConsistentRead=True
            ).get("Item")
        return _read_profile(item)

    def greet(self, account: Account, at: datetime) -> Profile | None:
        """Note a sign-in in one conditional write (1 write unit); return the profile."""
        try:
            with _answering():
                answer = self.client.update_item(
                    TableName=self.tables.profiles,
                    Key=_user(account.user_id),
                    UpdateExpression="SET lastLoginAt = :now, email = :email",
                    ConditionExpression=f"attribute_exists(createdAt) AND {_STAYS}",
                    ExpressionAttributeValues=to_item({":now": iso(at), ":email": account.email}),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except _Refused as refusal:
            return _read_profile(refusal.item)
        return _read_profile(answer["Attributes"])

    def open(self, account: Account, at: datetime, event: Envelope[Contract]) -> bool:
        """Keep a new profile with the event that tells it."""
        profile = to_item(
            {"sub": account.user_id, "email": account.email or None, "createdAt": iso(at)}
        )
        actions = [
            _put(self.tables.profiles, profile, "attribute_not_exists(createdAt) AND " + _STAYS),
            put_event(self.tables.outbox, event),
        ]
        return _write(self.client, actions, lambda _: None)

    def confirm(
        self, user_id: str, username: Username, at: datetime, event: Envelope[Contract]
    ) -> bool:
        """Reserve a username, name it in the profile and tell it, in one transaction."""
        named = {
            "Update": {
                "TableName": self.tables.profiles,
                "Key": _user(user_id),
                "UpdateExpression": (
                    "SET username = :name, usernameKey = :key, confirmedAt = :now"
                ),
                "ConditionExpression": (
                    "attribute_exists(createdAt) AND attribute_not_exists(confirmedAt)"
                    f" AND {_STAYS}"
                ),
                "ExpressionAttributeValues": to_item(
                    {":name": username.written, ":key": username.key, ":now": iso(at)}
                ),
            }
        }
        actions = [
            self._reserve(user_id, username, at),
            named,
            put_event(self.tables.outbox, event),
        ]

        def refused(by: Sequence[bool]) -> MatineeError | None:
            if not by[1]:
                return UsernameTaken()
            profile = self.find(user_id)
            return None if profile and profile.confirmed_at else Contended()

        return _write(self.client, actions, refused)

    def owner_of(self, username: Username) -> str | None:
        """Return whose a username is, as of now."""
        with _answering():
            item = self.client.get_item(
                TableName=self.tables.usernames, Key=_name(username), ConsistentRead=True
            ).get("Item")
        return item["userId"]["S"] if item else None

    def rename(self, profile: Profile, username: Username, at: datetime) -> None:
        """Reserve one name and free another in one transaction with the profile."""
        user_id, old = profile.account.user_id, profile.username
        before = "usernameKey = :old" if old else "attribute_not_exists(usernameKey)"
        update = {
            "Update": {
                "TableName": self.tables.profiles,
                "Key": _user(user_id),
                "UpdateExpression": "SET username = :name, usernameKey = :key",
                "ConditionExpression": f"attribute_exists(createdAt) AND {before} AND {_STAYS}",
                "ExpressionAttributeValues": to_item(
                    {
                        ":name": username.written,
                        ":key": username.key,
                        ":old": old.key if old else None,
                    }
                ),
            }
        }
        actions = [self._reserve(user_id, username, at), update]
        if old and old.key != username.key:
            actions.append(_free(self.tables.usernames, old, user_id))
        _write(self.client, actions, lambda by: Contended() if any(by[1:]) else UsernameTaken())

    def _reserve(self, user_id: str, username: Username, at: datetime) -> Mapping[str, Any]:
        item = {
            "username": username.key,
            "userId": user_id,
            "writtenAs": username.written,
            "createdAt": iso(at),
        }
        return _put(
            self.tables.usernames,
            to_item(item),
            "attribute_not_exists(username) OR userId = :user",
            {":user": user_id},
        )


@dataclass(frozen=True, slots=True)
class DynamoDepartures:
    """The deletions on their way, each beside the profile that it erases."""

    tables: Tables
    client: DynamoDBClient

    def begin(self, account: Account, at: datetime) -> Departure | None:
        """Note that a user leaves, in one write. He who has no profile is noted too."""
        try:
            with _answering():
                answer = self.client.update_item(
                    TableName=self.tables.profiles,
                    Key=_user(account.user_id),
                    UpdateExpression=(
                        "SET departing = :yes, poolName = :pool,"
                        " departingSince = if_not_exists(departingSince, :now)"
                    ),
                    ConditionExpression="attribute_not_exists(deletedAt) OR departing = :yes",
                    ExpressionAttributeValues=to_item(
                        {":yes": "yes", ":pool": account.known_as, ":now": iso(at)}
                    ),
                    ReturnValues="ALL_NEW",
                )
        except _Refused:
            return None
        return _read_departure(answer["Attributes"])

    def erase(self, departure: Departure, at: datetime, event: Envelope[Contract]) -> None:
        """Leave the id alone of a profile, free its username and tell it, in one transaction."""
        remains = {
            "sub": departure.account.user_id,
            "departing": "yes",
            "departingSince": iso(departure.since),
            "poolName": departure.account.known_as,
            "deletedAt": iso(at),
        }
        actions = [
            _put(
                self.tables.profiles,
                to_item(remains),
                "departing = :yes AND attribute_not_exists(deletedAt)",
                {":yes": "yes"},
            ),
            put_event(self.tables.outbox, event),
        ]
        if departure.username:
            user_id = departure.account.user_id
            actions.append(_free(self.tables.usernames, departure.username, user_id))
        # Refused: somebody else has erased it meanwhile.
        _write(self.client, actions, lambda by: None if by[0] else Contended())

    def finish(self, departure: Departure, at: datetime) -> None:
        """Take a departure out of the index, and let the rest of it expire."""
        with _answering():
            self.client.update_item(
                TableName=self.tables.profiles,
                Key=_user(departure.account.user_id),
                UpdateExpression="SET #ttl = :ttl REMOVE departing, poolName",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_item({":ttl": epoch_seconds(at + REMEMBERED_FOR)}),
            )

    def unfinished(self, before: datetime) -> Iterable[Departure]:
        """Iterate over the index of departures, oldest first, each looked up as it is now."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.profiles,
            IndexName=DEPARTING_INDEX,
            KeyConditionExpression="departing = :yes AND departingSince < :before",
            ExpressionAttributeValues=to_item({":yes": "yes", ":before": iso(before)}),
        )
        with _answering():
            keys = [_user(item["sub"]["S"]) for page in pages for item in page["Items"]]
            for key in keys:
                item = self.client.get_item(
                    TableName=self.tables.profiles, Key=key, ConsistentRead=True
                ).get("Item")
                if item and "departing" in item:
                    yield _read_departure(item)


class _Refused(Exception):
    """A condition does not hold; `item` is what stands there."""

    def __init__(self, item: Mapping[str, Any] | None) -> None:
        self.item = item
        super().__init__("a condition does not hold")


@contextmanager
def _answering() -> Iterator[None]:
    """Turn DynamoDB's errors into ours, but for a condition that does not hold: _Refused."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            item: Mapping[str, Any] | None = error.response.get("Item")  # type: ignore[assignment]
            raise _Refused(item) from error
        raise _broken(code) from error
    except BotoCoreError as error:
        raise _broken(type(error).__name__) from error


def _write(client: DynamoDBClient, actions: Sequence[Mapping[str, Any]], refused: Refuse) -> bool:
    """Write a transaction, again while it only races; return whether it was written.

    Raises what `refused` makes of the conditions that do not hold.
    """
    for _ in range(_RACES):
        try:
            client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except ClientError as error:
            reasons = cancellation_reasons(error)
            if _REFUSED in reasons:
                refusal = refused([reason == _REFUSED for reason in reasons])
                if refusal:
                    raise refusal from error
                return False
            if not is_conflict(error):
                raise _broken(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise _broken(type(error).__name__) from error
        else:
            return True
    raise Contended


def _put(
    table: str, item: Item, condition: str, values: Mapping[str, object] | None = None
) -> Mapping[str, Any]:
    action: dict[str, Any] = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": condition,
    }
    if values:
        action["ExpressionAttributeValues"] = to_item(values)
    return {"Put": action}


def _free(table: str, username: Username, user_id: str) -> Mapping[str, Any]:
    return {
        "Delete": {
            "TableName": table,
            "Key": _name(username),
            "ConditionExpression": "attribute_not_exists(username) OR userId = :user",
            "ExpressionAttributeValues": to_item({":user": user_id}),
        }
    }


def _user(user_id: str) -> Item:
    return to_item({"sub": user_id})


def _name(username: Username) -> Item:
    return to_item({"username": username.key})


def _read_profile(item: Mapping[str, Any] | None) -> Profile | None:
    """Read an item; raises AccountGone for one that tells of a departure."""
    if item is None:
        return None
    values = from_item(item)
    if "departingSince" in values:
        raise AccountGone
    return Profile(
        Account(values["sub"], values.get("email", "")),
        from_iso(values["createdAt"]),
        username=Username(values["username"]) if "username" in values else None,
        confirmed_at=_moment(values, "confirmedAt"),
        last_login_at=_moment(values, "lastLoginAt"),
    )


def _read_departure(item: Mapping[str, Any]) -> Departure:
    values = from_item(item)
    user_id, pool_name = values["sub"], values["poolName"]
    return Departure(
        Account(user_id, pool_name=pool_name if pool_name != user_id else None),
        from_iso(values["departingSince"]),
        username=Username(values["username"]) if "username" in values else None,
        erased="deletedAt" in values,
    )


def _moment(values: Mapping[str, Any], name: str) -> datetime | None:
    return from_iso(values[name]) if name in values else None


def _broken(reason: str) -> AccountsUnavailable:
    logger.error("accounts_table_failed", extra={"reason": reason})
    return AccountsUnavailable()
