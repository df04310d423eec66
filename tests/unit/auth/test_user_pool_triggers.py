"""The user pool's triggers: they do the same as the routes, and nothing twice."""

import pytest

from auth.domain.account import PoolUser
from auth.domain.errors import AccountGone, AccountsUnavailable
from auth.domain.username import Username
from auth.use_cases.sign_in import Login
from auth.use_cases.user_pool_triggers import SELF_SIGN_UP, AutoConfirm
from matinee.events.envelope import Trace
from matinee.principal import USERS
from tests.unit.auth.fakes import CALLER, CODE, NOON, TRACE, AuthApp, WriteFaults

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
POOL = "eu-west-1_Matinee"


@pytest.fixture
def app() -> AuthApp:
    return AuthApp()


@pytest.fixture
def known(app: AuthApp) -> PoolUser:
    """A user who signed up with the pool itself, through an app's own library."""
    app.pool.auto_confirm = True
    app.pool.register(ANN, PASSWORD, "ann")
    return app.pool.find_user(ANN)


def test_a_taken_username_is_replaced_at_the_confirmation(app: AuthApp, known: PoolUser) -> None:
    app.tables.usernames["ann"] = "sub-9"
    app.user_pool_triggers.post_confirmation(POOL, known, TRACE)
    username = app.profile(known.account.user_id).username
    assert username is not None
    assert username.display.startswith("ann_")
    assert app.is_complete(ANN)


@pytest.mark.parametrize(
    ("source", "confirmed"),
    [
        (SELF_SIGN_UP, True),
        ("PreSignUp_ExternalProvider", False),
        ("PreSignUp_AdminCreateUser", False),
    ],
)
def test_auto_confirm_applies_to_self_sign_up_only(source: str, *, confirmed: bool) -> None:
    assert AutoConfirm(enabled=True).confirms(source) is confirmed
    assert not AutoConfirm().confirms(source)


def test_provisions_a_user_who_signed_up_with_the_pool(app: AuthApp, known: PoolUser) -> None:
    app.user_pool_triggers.post_confirmation(POOL, known, TRACE)
    assert app.is_complete(ANN)
    assert app.profile(known.account.user_id).username == Username("ann")


def test_provisions_a_google_user_named_by_their_given_name(app: AuthApp) -> None:
    user = app.pool.add_google_user(ANN, "Ann")
    app.user_pool_triggers.post_confirmation(POOL, app.pool.member(user), TRACE)
    assert user.groups == {USERS}
    username = app.profile(user.user_id).username
    assert username is not None
    assert username.display.startswith("Ann_")
    assert app.tables.published == [
        ("UserRegistered", user.user_id),
        ("UserConfirmed", user.user_id),
    ]


def test_triggers_are_idempotent(app: AuthApp, known: PoolUser) -> None:
    for _ in range(3):
        app.user_pool_triggers.post_confirmation(POOL, known, TRACE)
        app.user_pool_triggers.post_authentication(POOL, known, TRACE)
    assert app.is_complete(ANN)


def test_a_trigger_and_a_route_provision_a_user_once(
    app: AuthApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    verify = app.pool.verify

    def verify_with_trigger(email: str, code: str, trace: Trace) -> None:
        verify(email, code, trace)
        app.user_pool_triggers.post_confirmation(POOL, app.pool.find_user(email), TRACE)

    monkeypatch.setattr(app.pool, "verify", verify_with_trigger)
    app.sign_up.verify(ANN, CODE, CALLER)
    app.user_pool_triggers.post_authentication(POOL, app.pool.find_user(ANN), TRACE)
    app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    assert app.is_complete(ANN)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_sign_in_completes_a_failed_trigger(step: int) -> None:
    # Given a confirmed user and a trigger that cannot do one of its writes
    app = AuthApp(auto_confirm=True)
    app.pool.register(ANN, PASSWORD, "ann")
    app.faults.error = AccountsUnavailable()
    app.faults.restart(step)
    # When it is called, it does not report that to the pool
    app.user_pool_triggers.post_confirmation(POOL, app.pool.find_user(ANN), TRACE)
    assert not app.is_complete(ANN)
    # Then the next sign-in completes the user, by its trigger or by the route
    app.user_pool_triggers.post_authentication(POOL, app.pool.find_user(ANN), TRACE)
    app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    assert app.is_complete(ANN)


def test_records_a_sign_in_with_the_pool_itself(app: AuthApp, known: PoolUser) -> None:
    app.user_pool_triggers.post_authentication(POOL, known, TRACE)
    assert app.is_complete(ANN)
    assert app.profile(known.account.user_id).last_login_at == NOON


def test_a_sign_in_that_cannot_be_recorded_succeeds(known: PoolUser) -> None:
    app = AuthApp(faults=WriteFaults(fail_at=1, error=AccountsUnavailable()))
    app.user_pool_triggers.post_authentication(POOL, known, TRACE)
    assert known.account.user_id not in app.tables


def test_the_pool_refuses_a_user_being_deleted(app: AuthApp, known: PoolUser) -> None:
    app.user_pool_triggers.post_confirmation(POOL, known, TRACE)
    app.tables.begin(known.account, NOON)
    with pytest.raises(AccountGone):
        app.user_pool_triggers.post_authentication(POOL, known, TRACE)
