"""Guests: made for another service, of their own group, and gone after their time."""

import json
from datetime import timedelta
from typing import cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.domain.errors import AccountsUnavailable
from auth.domain.guest import GUEST_TTL, new_guest_password
from auth.domain.session import Session
from auth.events.published import UserRegistered
from auth.handlers import create_guest
from auth.use_cases.reconcile_accounts import MAX_DELETIONS
from tests.fakes.aws import FakeLambdaContext
from tests.unit.auth.fakes import CALLER, NOON, RESET_CODE, TRACE, AuthApp, Crash

CONTEXT = cast("LambdaContext", FakeLambdaContext())

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AuthApp:
    app = AuthApp(auto_confirm=True)
    monkeypatch.setattr(create_guest, "create_guest", lambda: app.create_guest)
    return app


def guest(app: AuthApp, name: str = "Cleo") -> Session:
    return app.create_guest(name, TRACE)


def groups(app: AuthApp, user_id: str) -> set[str]:
    return next(user.groups for user in app.pool.users.values() if user.user_id == user_id)


def test_a_guest_has_a_name_tokens_and_no_other_group(app: AuthApp) -> None:
    session = guest(app)

    user_id = session.account.user_id
    profile = app.profile(user_id)
    assert (profile.display_name, profile.is_guest, profile.username) == ("Cleo", True, None)
    assert session.groups == {"Guests"}
    assert app.tables.published == [("UserRegistered", user_id)]
    assert cast("UserRegistered", app.tables.outbox[0].data).guest is True


def test_other_users_are_not_told_as_guests(app: AuthApp) -> None:
    app.sign_up.register("ann@example.com", "Popcorn4two", None, CALLER)

    assert cast("UserRegistered", app.tables.outbox[0].data).guest is None


def test_no_trigger_of_the_pool_makes_a_user_of_a_guest(app: AuthApp) -> None:
    user_id = guest(app).account.user_id
    member = app.pool.find_user(user_id)

    app.user_pool_triggers.post_authentication("pool", member, TRACE)
    app.user_pool_triggers.post_confirmation("pool", member, TRACE)

    assert groups(app, user_id) == {"Guests"}
    assert app.tables.published == [("UserRegistered", user_id)]


def test_a_password_that_a_guest_gets_makes_no_user_of_them(app: AuthApp) -> None:
    """An app may change a guest's address in the pool itself, and ask for a new password."""
    user_id = guest(app).account.user_id
    email = next(iter(app.pool.users))
    app.change_password.send_code(email, CALLER)
    app.change_password.reset(email, RESET_CODE, "Popcorn4two", CALLER)
    member = app.pool.find_user(user_id)

    app.user_pool_triggers.post_confirmation("pool", member, TRACE)
    app.user_pool_triggers.post_authentication("pool", member, TRACE)

    assert groups(app, user_id) == {"Guests"}


@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_leaves_nobody_who_can_do_more_than_a_guest(
    app: AuthApp, write: int, *, after: bool
) -> None:
    app.faults.restart(write, after=after)

    with pytest.raises(Crash):
        guest(app)

    for user in app.pool.users.values():
        assert user.groups <= {"Guests"}
        assert not user.refresh_tokens
    app.faults.restart()
    app.now = NOON + GUEST_TTL + timedelta(hours=1)
    app.reconcile_accounts.run(TRACE)
    assert not app.tables.profiles


def test_a_trigger_that_starts_slowly_makes_no_second_guest(
    app: AuthApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticate, attempts = app.pool.authenticate, []

    def slow_at_first(user: str, password: str) -> Session:
        attempts.append(user)
        if len(attempts) == 1:
            raise AccountsUnavailable(response_lost=True)
        return authenticate(user, password)

    monkeypatch.setattr(app.pool, "authenticate", slow_at_first)

    assert guest(app).groups == {"Guests"}
    assert len(app.tables.profiles) == 1


def test_a_guest_is_deleted_like_anybody_after_seven_days(app: AuthApp) -> None:
    user_id = guest(app).account.user_id
    app.sign_up.register("ann@example.com", "Popcorn4two", None, CALLER)
    app.now = NOON + timedelta(days=6, hours=23)
    assert (app.reconcile_accounts.run(TRACE), user_id in app.tables) == (0, True)

    app.now = NOON + timedelta(days=7, hours=1)

    assert app.reconcile_accounts.run(TRACE) == 0
    assert user_id not in app.tables
    assert app.pool.find_by_id(user_id) is None
    assert app.tables.published[-1] == ("UserDeleted", user_id)
    assert app.is_complete("ann@example.com")


def test_many_guests_at_once_are_no_reason_to_doubt_the_pool(app: AuthApp) -> None:
    for _ in range(MAX_DELETIONS + 1):
        guest(app)
    app.now = NOON + timedelta(days=8)

    app.reconcile_accounts.run(TRACE)
    assert len(app.tables.profiles) == 1
    app.reconcile_accounts.run(TRACE)

    assert not app.tables.profiles


def test_a_deletion_that_fails_stops_no_other(app: AuthApp) -> None:
    first, second = (guest(app).account.user_id for _ in range(2))
    app.now = NOON + timedelta(days=8)
    app.faults.error = AccountsUnavailable()
    app.faults.restart(2)

    app.reconcile_accounts.run(TRACE)
    app.now += timedelta(minutes=2)
    app.delete_account.sweep(TRACE)

    for user_id in (first, second):
        assert app.tables.published.count(("UserDeleted", user_id)) == 1


def test_others_see_that_a_guest_is_one(app: AuthApp) -> None:
    public = app.profile(guest(app).account.user_id).public

    assert public is not None
    assert (public.name, public.is_guest) == ("Cleo", True)


def test_passwords_of_guests_meet_the_rules_of_the_pool() -> None:
    for password in (new_guest_password() for _ in range(100)):
        kinds = [str.isupper, str.islower, str.isdigit]
        assert all(any(kind(letter) for letter in password) for kind in kinds)


def test_the_function_returns_the_guest_and_logs_no_token(
    app: AuthApp, caplog: pytest.LogCaptureFixture
) -> None:
    answer = create_guest.handler({"name": "  Cleo ", "correlationId": "evening-7"}, CONTEXT)

    data = answer["data"]
    assert app.profile(data["userId"]).display_name == "Cleo"
    assert (data["accessToken"], data["refreshToken"]) == ("access-1", "refresh-1")
    assert app.tables.outbox[0].metadata.correlation_id == "evening-7"
    assert "access-1" not in caplog.text


@pytest.mark.parametrize("name", ["", "   ", "Cleo\u200b", "x" * 41, None, 7])
def test_a_name_that_nobody_sees_is_refused(app: AuthApp, name: object) -> None:
    answer = create_guest.handler({"name": name}, CONTEXT)

    assert answer["error"]["type"] == "InvalidInput"
    assert json.dumps(answer)
    assert len(app.pool) == 0
