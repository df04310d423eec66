"""Delete an account: a process may end at any step, and nobody signs in to a half-deleted one."""

from contextlib import suppress
from datetime import timedelta

import pytest

from auth.domain.account import Account, PoolUser
from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    DeletionUnfinished,
    InvalidCredentials,
    SessionExpired,
)
from auth.use_cases.sign_in import Login
from tests.unit.auth.fakes import CALLER, NOON, TRACE, AuthApp, Crash

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
DELETING_TAKES = 5
"""Writes: begin, disable, erase, delete, finish."""


@pytest.fixture
def app() -> AuthApp:
    return AuthApp(auto_confirm=True)


@pytest.fixture
def ann(app: AuthApp) -> Account:
    return app.sign_up.register(ANN, PASSWORD, "ann", CALLER)


def nothing_is_left(app: AuthApp, account: Account) -> bool:
    return (
        ANN not in app.pool
        and account.user_id not in app.tables
        and "ann" not in app.tables.usernames
        and app.tables.deletions == {}
        and app.tables.published.count(("UserDeleted", account.user_id)) == 1
    )


def test_deletes_everything_and_publishes_it_once(app: AuthApp, ann: Account) -> None:
    app.delete_account.delete(ann, TRACE)
    assert nothing_is_left(app, ann)
    [deleted] = [event for event in app.tables.outbox if event.data.event_type == "UserDeleted"]
    assert deleted.data.model_dump() == {"user_id": ann.user_id}
    assert deleted.metadata.correlation_id == TRACE.correlation_id


def test_deleting_is_idempotent(app: AuthApp, ann: Account) -> None:
    app.delete_account.delete(ann, TRACE)
    app.delete_account.delete(ann, TRACE)
    assert nothing_is_left(app, ann)


def test_deleting_takes_the_writes_that_are_interrupted_here(app: AuthApp, ann: Account) -> None:
    app.faults.restart()
    app.delete_account.delete(ann, TRACE)
    assert app.faults.writes == DELETING_TAKES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, DELETING_TAKES + 1))
def test_nobody_signs_in_to_an_account_without_its_data(
    app: AuthApp, ann: Account, step: int, *, after: bool
) -> None:
    # Given a deletion that ended before or after one of its writes
    app.faults.restart(step, after=after)
    with pytest.raises(Crash):
        app.delete_account.delete(ann, TRACE)
    # When the user signs in
    try:
        app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    except InvalidCredentials:
        return
    # Then, if that is possible, nothing has been erased or published
    assert (step, after) == (1, False)
    assert app.is_complete(ANN)
    assert ("UserDeleted", ann.user_id) not in app.tables.published


@pytest.mark.parametrize("resumed_by", ["the user", "the sweep"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, DELETING_TAKES + 1))
def test_a_deletion_is_resumed_wherever_it_ended(
    app: AuthApp, ann: Account, step: int, resumed_by: str, *, after: bool
) -> None:
    app.faults.restart(step, after=after)
    with pytest.raises(Crash):
        app.delete_account.delete(ann, TRACE)
    app.now = NOON + timedelta(minutes=2)
    if resumed_by == "the user" or (step, after) == (1, False):  # nothing was recorded yet
        app.delete_account.delete(ann, TRACE)
    else:
        assert app.delete_account.sweep(TRACE) == 0
    assert nothing_is_left(app, ann)


@pytest.mark.parametrize("first", range(1, DELETING_TAKES + 1))
@pytest.mark.parametrize("second", range(1, DELETING_TAKES + 1))
def test_a_deletion_may_be_interrupted_twice(
    app: AuthApp, ann: Account, first: int, second: int
) -> None:
    for step in (first, second):
        app.faults.restart(step)
        with suppress(Crash):  # resumed, it may take fewer writes than that
            app.delete_account.delete(ann, TRACE)
    app.faults.restart()
    app.delete_account.delete(ann, TRACE)
    assert nothing_is_left(app, ann)


@pytest.mark.parametrize("step", range(2, DELETING_TAKES + 1))
def test_an_unfinished_deletion_is_reported_and_completed(
    app: AuthApp, ann: Account, step: int
) -> None:
    app.faults.restart(step)
    app.faults.error = AccountsUnavailable()
    with pytest.raises(DeletionUnfinished):
        app.delete_account.delete(ann, TRACE)
    app.now = NOON + timedelta(minutes=2)
    app.delete_account.sweep(TRACE)
    assert nothing_is_left(app, ann)


def test_a_deletion_that_has_not_begun_is_unavailable(app: AuthApp, ann: Account) -> None:
    app.faults.restart(1)
    app.faults.error = AccountsUnavailable()
    with pytest.raises(AccountsUnavailable):
        app.delete_account.delete(ann, TRACE)
    assert app.is_complete(ANN)


def test_the_sweep_leaves_a_new_deletion_to_its_request(app: AuthApp, ann: Account) -> None:
    app.faults.restart(2)
    with pytest.raises(Crash):
        app.delete_account.delete(ann, TRACE)
    app.delete_account.sweep(TRACE)
    assert ANN in app.pool


def test_a_failing_deletion_does_not_stop_the_sweep(
    app: AuthApp, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two interrupted deletions
    bob = app.sign_up.register("bob@example.com", PASSWORD, "bob", CALLER)
    for account in (ann, bob):
        app.faults.restart(2)
        with pytest.raises(Crash):
            app.delete_account.delete(account, TRACE)
    app.faults.restart()
    # When the pool does not answer for the first
    bar = app.pool.disable

    def fail_for_ann(user: str) -> None:
        if user == ann.user_id:
            raise AccountsUnavailable
        bar(user)

    monkeypatch.setattr(app.pool, "disable", fail_for_ann)
    app.now = NOON + timedelta(minutes=2)
    # Then the second is completed, and one is left
    assert app.delete_account.sweep(TRACE) == 1
    assert "bob@example.com" not in app.pool
    assert list(app.tables.deletions) == [ann.user_id]


def test_a_deletion_ends_sessions_and_sign_ins_at_once(app: AuthApp, ann: Account) -> None:
    session = app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    app.delete_account.delete(ann, TRACE)
    with pytest.raises(SessionExpired):
        app.refresh_session.refresh(session.refresh_token)
    with pytest.raises(InvalidCredentials):
        app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)


def test_a_later_account_with_the_same_address_starts_empty(app: AuthApp, ann: Account) -> None:
    app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    app.delete_account.delete(ann, TRACE)
    again = app.sign_up.register(ANN, PASSWORD, None, CALLER)
    profile = app.profile(again.user_id)
    assert again.user_id != ann.user_id
    assert profile.last_login_at is None
    assert profile.username is not None
    assert profile.username.display != "ann"
    assert app.is_complete(ANN)


def test_a_late_trigger_creates_no_new_profile(app: AuthApp, ann: Account) -> None:
    member = app.pool.find_user(ANN)
    app.delete_account.delete(ann, TRACE)
    with pytest.raises(AccountGone):
        app.provisioning.provision(member, TRACE)
    with pytest.raises(AccountGone):
        app.user_pool_triggers.post_authentication("pool", member, TRACE)
    app.user_pool_triggers.post_confirmation("pool", member, TRACE)
    assert nothing_is_left(app, ann)


def test_deletes_a_google_user_by_the_pools_own_name(app: AuthApp) -> None:
    user = app.pool.add_google_user(ANN, "Ann")
    app.user_pool_triggers.post_confirmation("pool", app.pool.member(user), TRACE)
    app.delete_account.delete(
        Account(user.user_id, federated_username=user.federated_username), TRACE
    )
    assert len(app.pool) == 0
    assert app.tables.published[-1] == ("UserDeleted", user.user_id)


def test_deletes_a_user_without_a_profile(app: AuthApp) -> None:
    result = app.pool.register(ANN, PASSWORD, None)
    app.delete_account.delete(result.account, TRACE)
    assert nothing_is_left(app, result.account)
    app.provisioning.create_profile(PoolUser(result.account), TRACE)
    assert result.account.user_id not in app.tables
