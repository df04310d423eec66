"""Accounts of users whom the pool no longer has are deleted like any others."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from auth.domain.account import Account
from auth.domain.errors import AccountsUnavailable
from auth.use_cases.reconcile_accounts import MAX_DELETIONS, TIME_BUDGET, TooManyMissing
from tests.unit.auth.fakes import CALLER, NOON, TRACE, AuthApp

PASSWORD = "Popcorn4two"


@pytest.fixture
def app() -> AuthApp:
    return AuthApp(auto_confirm=True)


def make(app: AuthApp, *names: str) -> list[Account]:
    made = [app.sign_up.register(f"{name}@example.com", PASSWORD, None, CALLER) for name in names]
    app.now = NOON + timedelta(hours=1)
    return made


def run(app: AuthApp) -> int:
    return app.reconcile_accounts.run(TRACE)


def test_deletes_who_has_left_through_the_pool(app: AuthApp) -> None:
    ann, bob = make(app, "ann", "bob")
    app.pool.delete(ann.user_id)
    assert run(app) == 1
    assert ann.user_id not in app.tables
    assert ann.user_id not in app.tables.usernames.values()
    assert app.tables.published[-1] == ("UserDeleted", ann.user_id)
    assert app.is_complete("bob@example.com")
    assert bob.user_id in app.tables


def test_runs_are_idempotent(app: AuthApp) -> None:
    [ann] = make(app, "ann")
    app.pool.delete(ann.user_id)
    assert [run(app) for _ in range(3)] == [1, 0, 0]
    assert app.tables.published.count(("UserDeleted", ann.user_id)) == 1


def test_keeps_a_google_user(app: AuthApp) -> None:
    user = app.pool.add_google_user("ann@example.com", "Ann")
    app.user_pool_triggers.post_confirmation("pool", app.pool.member(user), TRACE)
    app.now = NOON + timedelta(hours=1)
    assert run(app) == 0
    assert user.user_id in app.tables


def test_leaves_a_new_account_to_the_pool(app: AuthApp) -> None:
    """The pool may not list a user who has just signed up."""
    [ann] = make(app, "ann")
    app.now = NOON + timedelta(seconds=30)
    app.pool.users.clear()
    assert run(app) == 0
    assert ann.user_id in app.tables


def test_a_deletion_that_cannot_be_finished_is_left_to_the_sweep(app: AuthApp) -> None:
    ann, bob = make(app, "ann", "bob")
    app.pool.users.clear()
    app.faults.error = AccountsUnavailable()
    app.faults.restart(2)
    assert run(app) == 2
    app.now += timedelta(minutes=2)
    app.delete_account.sweep(TRACE)
    for account in (ann, bob):
        assert app.tables.published.count(("UserDeleted", account.user_id)) == 1


def test_doubts_a_pool_that_misses_many(app: AuthApp) -> None:
    make(app, *(f"user{number}" for number in range(MAX_DELETIONS + 1)))
    app.pool.users.clear()
    with pytest.raises(TooManyMissing):
        run(app)
    assert len(app.tables.profiles) == MAX_DELETIONS + 1
    assert "UserDeleted" not in {name for name, _ in app.tables.published}


def test_an_unavailable_pool_deletes_nobody(app: AuthApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> bool:
        raise AccountsUnavailable

    [ann] = make(app, "ann")
    monkeypatch.setattr(app.pool, "find_by_id", fail)
    with pytest.raises(AccountsUnavailable):
        run(app)
    assert ann.user_id in app.tables


def test_a_run_ends_in_time(app: AuthApp, monkeypatch: pytest.MonkeyPatch) -> None:
    make(app, "ann", "bob", "cem")
    asked = _slowly(app, TIME_BUDGET, app.pool.find_by_id)
    monkeypatch.setattr(app.pool, "find_by_id", asked)
    app.pool.users.clear()
    assert run(app) == 2


def _slowly(
    app: AuthApp, pause: timedelta, find: Callable[[str], object]
) -> Callable[[str], object]:
    def asked(user_id: str) -> object:
        app.now += pause / 2 + timedelta(seconds=1)
        return find(user_id)

    return asked
