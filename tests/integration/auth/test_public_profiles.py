"""What users show of themselves, in its table."""

from datetime import UTC, datetime

import pytest

from auth.adapters.dynamodb.deletions import DynamoDeletionLog
from auth.adapters.dynamodb.public_profiles import DynamoPublicProfiles
from auth.adapters.dynamodb.users import DynamoUsers
from auth.domain.account import Account
from auth.domain.display_name import PublicProfile
from auth.domain.errors import AccountGone
from auth.domain.username import Username
from auth.events.factory import AuthEventFactory
from matinee.dynamodb.items import from_item
from tests.unit.auth.fakes import TRACE

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ANN, BOB = Account("5f0c7a2b", "ann@example.com"), Account("7b1d9c3e", "bob@example.com")
EVENTS = AuthEventFactory()


def open_account(users: DynamoUsers, account: Account, username: str | None) -> None:
    user_id = account.user_id
    users.create(account, NOON, EVENTS.user_registered(user_id, NOON, TRACE))
    if username:
        event = EVENTS.user_confirmed(user_id, NOON, TRACE)
        users.confirm(user_id, Username(username), NOON, event)


def delete(users: DynamoUsers, account: Account) -> None:
    log = DynamoDeletionLog(users.tables, users.client)
    deletion = log.begin(account, NOON)
    assert deletion
    log.erase(deletion, NOON, EVENTS.user_deleted(account.user_id, NOON, TRACE))


def public(users: DynamoUsers, *user_ids: str) -> list[PublicProfile]:
    profiles = DynamoPublicProfiles(users.tables, users.client)
    return sorted(profiles.list_public(user_ids), key=lambda it: it.user_id)


@pytest.mark.parametrize(
    ("name", "avatar"), [("Ann", "owl"), ("Ann", None), (None, "owl"), (None, None)]
)
def test_what_is_chosen_is_shown(users: DynamoUsers, name: str | None, avatar: str | None) -> None:
    open_account(users, ANN, "ann.frames")
    users.set_public_profile(ANN.user_id, "Before", "red-panda")

    changed = users.set_public_profile(ANN.user_id, name, avatar)

    expected = PublicProfile(ANN.user_id, name or "ann.frames", avatar)
    assert changed == users.find(ANN.user_id)
    assert changed.public == expected
    assert public(users, ANN.user_id, "nobody") == [expected]


def test_whoever_has_no_name_yet_is_left_out(users: DynamoUsers) -> None:
    open_account(users, ANN, None)
    open_account(users, BOB, "bob")

    assert [it.name for it in public(users, ANN.user_id, BOB.user_id)] == ["bob"]


def test_name_and_picture_are_gone_with_the_account(users: DynamoUsers) -> None:
    open_account(users, ANN, "ann")
    users.set_public_profile(ANN.user_id, "Ann of the third floor", "red-panda")
    delete(users, ANN)

    kept = [from_item(item) for item in users.client.scan(TableName=users.tables.profiles)["Items"]]

    assert public(users, ANN.user_id) == []
    assert "third floor" not in str(kept)
    assert "red-panda" not in str(kept)
    with pytest.raises(AccountGone):
        users.set_public_profile(ANN.user_id, "Ann", None)


def test_nobody_gets_a_profile_by_naming_themselves(users: DynamoUsers) -> None:
    with pytest.raises(AccountGone):
        users.set_public_profile("nobody", "Nobody", None)
