"""The repositories of profiles, usernames and deletions, also under concurrent writes."""

import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from auth.adapters.dynamodb.deletions import DynamoDeletionLog
from auth.adapters.dynamodb.items import Tables
from auth.adapters.dynamodb.profiles import DynamoProfiles
from auth.adapters.dynamodb.usernames import DynamoUsernames
from auth.adapters.dynamodb.users import DynamoUsers
from auth.domain.account import Account
from auth.domain.errors import AccountGone, AccountsUnavailable, UsernameTaken, WriteConflict
from auth.domain.username import Username
from auth.events.factory import AuthEventFactory
from matinee.dynamodb.items import from_item
from tests.unit.auth.fakes import TRACE

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ANN = Account("5f0c7a2b", "ann@example.com")
BOB = Account("7b1d9c3e", "bob@example.com")
EVENTS = AuthEventFactory()


def usernames(users: DynamoUsers) -> DynamoUsernames:
    return DynamoUsernames(users.tables, users.client)


def open_and_confirm(users: DynamoUsers, account: Account, username: str) -> None:
    user_id = account.user_id
    assert users.create(account, NOON, EVENTS.user_registered(user_id, NOON, TRACE))
    event = EVENTS.user_confirmed(user_id, NOON, TRACE)
    assert users.confirm(user_id, Username(username), NOON, event)


def items(client: DynamoDBClient, table: str) -> list[dict[str, Any]]:
    return [from_item(item) for item in client.scan(TableName=table)["Items"]]


def published_types(users: DynamoUsers) -> list[str]:
    return sorted(item["detail_type"] for item in items(users.client, users.tables.outbox))


# ── creating and confirming ───────────────────────────────────────────────────────────────────────


def test_stores_a_profile_with_the_seeds_attribute_names(users: DynamoUsers) -> None:
    assert users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))
    assert items(users.client, users.tables.profiles) == [
        {"sub": "5f0c7a2b", "email": "ann@example.com", "createdAt": "2026-01-31T12:00:00.000Z"}
    ]


def test_creating_a_profile_twice_changes_nothing(users: DynamoUsers) -> None:
    users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))
    other = Account("5f0c7a2b", "other@example.com")
    later = NOON + timedelta(days=1)
    assert not users.create(other, later, EVENTS.user_registered(ANN.user_id, later, TRACE))
    profile = users.find("5f0c7a2b")
    assert profile is not None
    assert (profile.account, profile.created_at) == (ANN, NOON)
    assert published_types(users) == ["UserRegistered"]


def test_events_identify_users_by_id_only(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "Ann.Frames")
    for item in items(users.client, users.tables.outbox):
        assert json.loads(item["detail"])["data"] == {"user_id": "5f0c7a2b"}
        assert "ann" not in item["detail"].lower()


def test_stores_a_username_by_its_key(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "Ann.Frames")
    assert items(users.client, users.tables.usernames) == [
        {
            "username": "ann.frames",
            "userId": "5f0c7a2b",
            "writtenAs": "Ann.Frames",
            "createdAt": "2026-01-31T12:00:00.000Z",
        }
    ]
    assert usernames(users).find_owner(Username("ANN.FRAMES")) == "5f0c7a2b"
    assert usernames(users).find_owner(Username("frames")) is None
    profile = users.find("5f0c7a2b")
    assert profile is not None
    assert (profile.username, profile.confirmed_at) == (Username("Ann.Frames"), NOON)


def test_a_taken_username_confirms_nobody(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    users.create(BOB, NOON, EVENTS.user_registered(BOB.user_id, NOON, TRACE))
    with pytest.raises(UsernameTaken):
        users.confirm(BOB.user_id, Username("ANN"), NOON, EVENTS.user_confirmed("b", NOON, TRACE))
    profile = users.find(BOB.user_id)
    assert profile is not None
    assert profile.confirmed_at is None
    assert published_types(users) == ["UserConfirmed", "UserRegistered", "UserRegistered"]


def test_a_user_is_confirmed_once(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    event = EVENTS.user_confirmed(ANN.user_id, NOON, TRACE)
    assert not users.confirm(ANN.user_id, Username("other"), NOON, event)
    assert usernames(users).find_owner(Username("other")) is None
    assert published_types(users) == ["UserConfirmed", "UserRegistered"]


def test_a_user_without_a_profile_is_not_confirmed(users: DynamoUsers) -> None:
    with pytest.raises(WriteConflict):
        users.confirm("nobody", Username("ann"), NOON, EVENTS.user_confirmed("nobody", NOON, TRACE))
    assert usernames(users).find_owner(Username("ann")) is None


def together(number: int, action: Callable[[int], object]) -> list[object]:
    """The results of concurrent calls of an action; an error is the name of its class."""

    def one(index: int) -> object:
        try:
            return action(index)
        except (UsernameTaken, WriteConflict, AccountGone) as error:
            return type(error).__name__

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(one, range(number)))


def test_one_of_many_concurrent_users_gets_a_username(users: DynamoUsers) -> None:
    people = [Account(f"user-{number}", f"{number}@example.com") for number in range(8)]
    for person in people:
        users.create(person, NOON, EVENTS.user_registered(person.user_id, NOON, TRACE))

    def take(number: int) -> object:
        user_id = people[number].user_id
        event = EVENTS.user_confirmed(user_id, NOON, TRACE)
        return users.confirm(user_id, Username("frames"), NOON, event)

    results = together(8, take)
    assert results.count(True) == 1
    assert set(results) == {True, "UsernameTaken"}
    [winner] = [people[number].user_id for number, what in enumerate(results) if what is True]
    assert usernames(users).find_owner(Username("frames")) == winner
    assert published_types(users).count("UserConfirmed") == 1


def test_concurrent_confirmations_confirm_a_user_once(users: DynamoUsers) -> None:
    users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))

    def confirm(number: int) -> object:
        event = EVENTS.user_confirmed(ANN.user_id, NOON, TRACE)
        return users.confirm(ANN.user_id, Username(f"name{number}"), NOON, event)

    assert together(8, confirm).count(True) == 1
    assert len(items(users.client, users.tables.usernames)) == 1
    assert published_types(users).count("UserConfirmed") == 1


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


def test_records_time_and_address_of_a_sign_in(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    later = NOON + timedelta(hours=1)
    profile = users.record_login(Account("5f0c7a2b", "new@example.com"), later)
    assert profile is not None
    assert (profile.last_login_at, profile.account.email) == (later, "new@example.com")
    assert (profile.created_at, profile.username) == (NOON, Username("ann"))
    assert users.find("5f0c7a2b") == profile


def test_recording_a_sign_in_creates_no_profile(users: DynamoUsers) -> None:
    assert users.record_login(ANN, NOON) is None
    assert users.find(ANN.user_id) is None


# ── changing a username ───────────────────────────────────────────────────────────────────────────


def rename(users: DynamoUsers, username: str, account: Account = ANN) -> None:
    profile = users.find(account.user_id)
    assert profile is not None
    usernames(users).change(profile, Username(username), NOON)


def test_changing_a_username_releases_the_former_one(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    rename(users, "Frames")
    assert usernames(users).find_owner(Username("ann")) is None
    assert usernames(users).find_owner(Username("frames")) == ANN.user_id
    profile = users.find(ANN.user_id)
    assert profile is not None
    assert profile.username == Username("Frames")


def test_changing_the_case_keeps_the_username(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    rename(users, "ANN")
    assert usernames(users).find_owner(Username("ann")) == ANN.user_id
    assert len(items(users.client, users.tables.usernames)) == 1


def test_a_taken_username_releases_none(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    open_and_confirm(users, BOB, "bob")
    with pytest.raises(UsernameTaken):
        rename(users, "BOB")
    assert usernames(users).find_owner(Username("ann")) == ANN.user_id
    assert usernames(users).find_owner(Username("bob")) == BOB.user_id


def test_a_changed_profile_is_a_write_conflict(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    before = users.find(ANN.user_id)
    assert before is not None
    rename(users, "frames")
    with pytest.raises(WriteConflict):
        usernames(users).change(before, Username("third"), NOON)
    assert usernames(users).find_owner(Username("third")) is None


def test_one_of_two_concurrent_users_takes_a_username(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    open_and_confirm(users, BOB, "bob")
    results = together(2, lambda number: rename(users, "frames", (ANN, BOB)[number]))
    assert sorted(map(str, results)) == ["None", "UsernameTaken"]
    assert len(items(users.client, users.tables.usernames)) == 2


def test_concurrent_changes_leave_one_username(users: DynamoUsers) -> None:
    open_and_confirm(users, ANN, "ann")
    together(8, lambda number: rename(users, f"name{number}"))
    [kept] = items(users.client, users.tables.usernames)
    profile = users.find(ANN.user_id)
    assert profile is not None
    assert profile.username == Username(kept["writtenAs"])


# ── deleting an account ───────────────────────────────────────────────────────────────────────────


def depart(deletions: DynamoDeletionLog, account: Account = ANN) -> None:
    deletion = deletions.begin(account, NOON)
    assert deletion is not None
    deletions.erase(deletion, NOON, EVENTS.user_deleted(account.user_id, NOON, TRACE))
    deletions.finish(deletion, NOON)


def test_a_finished_deletion_leaves_the_id_for_a_limited_time(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    open_and_confirm(users, ANN, "ann")
    depart(deletions)
    [remains] = items(users.client, users.tables.profiles)
    assert remains == {
        "sub": "5f0c7a2b",
        "deletingSince": "2026-01-31T12:00:00.000Z",
        "deletedAt": "2026-01-31T12:00:00.000Z",
        "ttl": int((NOON + timedelta(days=30)).timestamp()),
    }
    assert items(users.client, users.tables.usernames) == []
    assert published_types(users).count("UserDeleted") == 1


def test_a_begun_deletion_blocks_every_write(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    open_and_confirm(users, ANN, "ann")
    before = users.find(ANN.user_id)
    assert before is not None
    deletions.begin(ANN, NOON)
    for attempt in (
        lambda: users.find(ANN.user_id),
        lambda: users.record_login(ANN, NOON),
        lambda: users.confirm(
            ANN.user_id, Username("b"), NOON, EVENTS.user_confirmed("x", NOON, TRACE)
        ),
    ):
        with pytest.raises(AccountGone):
            attempt()
    with pytest.raises(WriteConflict):
        usernames(users).change(before, Username("frames"), NOON)
    assert not users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))


def test_a_finished_deletion_blocks_every_write(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    open_and_confirm(users, ANN, "ann")
    depart(deletions)
    assert not users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))
    with pytest.raises(AccountGone):
        users.record_login(ANN, NOON)
    with pytest.raises(AccountGone):
        users.confirm(ANN.user_id, Username("b"), NOON, EVENTS.user_confirmed("x", NOON, TRACE))
    assert deletions.begin(ANN, NOON) is None


def test_beginning_a_deletion_is_idempotent(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    open_and_confirm(users, ANN, "ann")
    begun = deletions.begin(ANN, NOON)
    again = deletions.begin(ANN, NOON + timedelta(hours=1))
    assert begun == again
    assert again is not None
    assert (again.started_at, again.username, again.erased) == (NOON, Username("ann"), False)


def test_erasing_twice_publishes_one_event(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    open_and_confirm(users, ANN, "ann")
    deletion = deletions.begin(ANN, NOON)
    assert deletion is not None
    together(
        6, lambda _: deletions.erase(deletion, NOON, EVENTS.user_deleted(ANN.user_id, NOON, TRACE))
    )
    assert published_types(users).count("UserDeleted") == 1
    erased = deletions.begin(ANN, NOON)
    assert erased is not None
    assert erased.erased


def test_a_deletion_without_a_profile_is_recorded_too(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    depart(deletions)
    assert not users.create(ANN, NOON, EVENTS.user_registered(ANN.user_id, NOON, TRACE))


def test_finds_unfinished_deletions_only(users: DynamoUsers, deletions: DynamoDeletionLog) -> None:
    google = Account("9e2f", "g@example.com", federated_username="Google_108")
    for account, username in ((ANN, "ann"), (BOB, "bob"), (google, "goo")):
        open_and_confirm(users, account, username)
    depart(deletions, BOB)
    deletions.begin(ANN, NOON)
    erased = deletions.begin(google, NOON + timedelta(seconds=1))
    assert erased is not None
    deletions.erase(erased, NOON, EVENTS.user_deleted(google.user_id, NOON, TRACE))
    found = list(deletions.unfinished(NOON + timedelta(minutes=1)))
    assert [(one.account.user_id, one.account.cognito_username, one.erased) for one in found] == [
        ("5f0c7a2b", "5f0c7a2b", False),
        ("9e2f", "Google_108", True),
    ]
    assert list(deletions.unfinished(NOON)) == []


# ── an unavailable table ──────────────────────────────────────────────────────────────────────────

CALLS: dict[str, Callable[[DynamoUsers, DynamoDeletionLog], object]] = {
    "get_item": lambda users, _: users.find("5f0c7a2b"),
    "update_item": lambda users, _: users.record_login(ANN, NOON),
    "transact_write_items": lambda users, _: users.create(
        ANN, NOON, EVENTS.user_registered("5f0c7a2b", NOON, TRACE)
    ),
    "query": lambda _, deletions: list(deletions.unfinished(NOON)),
}


def refusing() -> tuple[Stubber, DynamoUsers, DynamoDeletionLog]:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    tables = Tables("UserProfiles", "Usernames", "AuthOutbox")
    return Stubber(client), DynamoUsers(tables, client), DynamoDeletionLog(tables, client)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "code", ["InternalServerError", "AccessDenied", "ResourceNotFoundException"]
)
def test_a_failing_profile_table_is_unavailable(operation: str, code: str) -> None:
    stub, users, deletions = refusing()
    with stub:
        stub.add_client_error(operation, code)
        with pytest.raises(AccountsUnavailable):
            CALLS[operation](users, deletions)


@pytest.mark.parametrize("operation", ["get_item", "update_item", "transact_write_items"])
def test_an_unreachable_table_is_unavailable(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb.example")

    _, users, deletions = refusing()
    monkeypatch.setattr(users.client, operation, unreachable)
    with pytest.raises(AccountsUnavailable):
        CALLS[operation](users, deletions)


def conflict() -> dict[str, Any]:
    return {
        "service_error_code": "TransactionCanceledException",
        "modeled_fields": {
            "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}]
        },
    }


def test_a_transaction_conflict_is_retried() -> None:
    stub, users, _ = refusing()
    with stub:
        for _ in range(3):
            stub.add_client_error("transact_write_items", **conflict())
        stub.add_response("transact_write_items", {})
        assert users.create(ANN, NOON, EVENTS.user_registered("5f0c7a2b", NOON, TRACE))


def test_a_lasting_transaction_conflict_is_reported() -> None:
    stub, users, _ = refusing()
    with stub:
        for _ in itertools.repeat(None, 5):
            stub.add_client_error("transact_write_items", **conflict())
        with pytest.raises(WriteConflict):
            users.create(ANN, NOON, EVENTS.user_registered("5f0c7a2b", NOON, TRACE))


# ── all profiles ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("start", ["", "5f0c7a2b", "7b1d9c3e", "somewhere"])
def test_yields_every_profile_once_from_anywhere(users: DynamoUsers, start: str) -> None:
    for account in (ANN, BOB):
        users.create(account, NOON, EVENTS.user_registered(account.user_id, NOON, TRACE))
    profiles = DynamoProfiles(users.tables, users.client)
    found = [profile.account for profile in profiles.everybody(start or "0")]
    assert sorted(found, key=lambda account: account.user_id) == [ANN, BOB]


def test_leaves_out_accounts_that_are_being_deleted(
    users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    for account in (ANN, BOB):
        users.create(account, NOON, EVENTS.user_registered(account.user_id, NOON, TRACE))
    deletions.begin(ANN, NOON)
    profiles = DynamoProfiles(users.tables, users.client)
    assert [profile.account for profile in profiles.everybody("0")] == [BOB]


def test_reads_all_pages_of_profiles(users: DynamoUsers) -> None:
    ids = {f"user-{number}" for number in range(250)}
    for user_id in ids:
        users.create(Account(user_id), NOON, EVENTS.user_registered(user_id, NOON, TRACE))
    profiles = DynamoProfiles(users.tables, users.client)
    found = [profile.account.user_id for profile in profiles.everybody("user-100")]
    assert (len(found), set(found)) == (250, ids)


def upgrade(users: DynamoUsers) -> bool:
    """Make a user of Ann, who was let in as a guest."""
    events = [
        EVENTS.user_confirmed(ANN.user_id, NOON, TRACE),
        EVENTS.guest_upgraded(ANN.user_id, NOON, TRACE),
    ]
    return users.confirm(ANN.user_id, Username("ann"), NOON, *events, email=ANN.email)


@pytest.fixture
def guest(users: DynamoUsers) -> Account:
    account = Account(ANN.user_id)
    event = EVENTS.user_registered(ANN.user_id, NOON, TRACE, guest=True)
    assert users.create(account, NOON, event, guest_name="Ann")
    return account


def test_a_guest_becomes_a_user_once_in_one_transaction(users: DynamoUsers, guest: Account) -> None:
    assert [upgrade(users), upgrade(users)] == [True, False]

    profile = users.find(guest.user_id)
    assert profile is not None
    assert (profile.is_guest, profile.account.email) == (False, ANN.email)
    assert (profile.display_name, profile.username) == ("Ann", Username("ann"))
    assert published_types(users) == ["GuestUpgraded", "UserConfirmed", "UserRegistered"]


def test_a_guest_s_deletion_spares_a_user(
    users: DynamoUsers, deletions: DynamoDeletionLog, guest: Account
) -> None:
    upgrade(users)

    assert deletions.begin(guest, NOON, of_guest=True) is None

    assert users.find(guest.user_id) is not None


def test_who_is_deleted_as_a_guest_becomes_no_user(
    users: DynamoUsers, deletions: DynamoDeletionLog, guest: Account
) -> None:
    for _ in range(2):
        assert deletions.begin(guest, NOON, of_guest=True)

    with pytest.raises(AccountGone):
        upgrade(users)

    assert published_types(users) == ["UserRegistered"]


def test_of_an_upgrade_and_a_guest_s_deletion_at_once_one_happens(
    users: DynamoUsers, deletions: DynamoDeletionLog, guest: Account
) -> None:
    def either(number: int) -> object:
        return deletions.begin(guest, NOON, of_guest=True) if number % 2 else upgrade(users)

    upgraded, deleted = together(2, either)

    assert (upgraded is True) == (deleted is None)
    assert (upgraded == "AccountGone") == (deleted is not None)
