"""A request that was carried out succeeds, also when its response is lost or it is repeated."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from auth.domain.errors import (
    AccountsUnavailable,
    CodeNotSent,
    EmailAlreadyRegistered,
    InvalidResetCode,
    InvalidVerificationCode,
    UsernameTaken,
)
from auth.domain.rate_limits import SIGN_UP
from auth.use_cases.sign_in import Login
from matinee.errors import TooManyAttempts
from matinee.events.envelope import Trace
from tests.unit.auth.fakes import CALLER, CODE, RESET_CODE, AuthApp, WriteFaults

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
NEW_PASSWORD = "Popcorn4three"
LOST = AccountsUnavailable(response_lost=True)


def sign_up(app: AuthApp, password: str = PASSWORD, username: str | None = "ann") -> str:
    return app.sign_up.register(ANN, password, username, CALLER).user_id


def verify(app: AuthApp, code: str = CODE) -> None:
    app.sign_up.verify(ANN, code, CALLER)


def reset(app: AuthApp, password: str = NEW_PASSWORD, code: str = RESET_CODE) -> None:
    app.change_password.reset(ANN, code, password, CALLER)


@pytest.fixture(params=[False, True], ids=["by a code", "at once"])
def app(request: pytest.FixtureRequest) -> AuthApp:
    """A deployment that confirms accounts in one of the two ways."""
    return AuthApp(auto_confirm=request.param)


@pytest.fixture
def registered() -> AuthApp:
    """A deployment that sends codes, with an account that waits for one."""
    app = AuthApp()
    sign_up(app)
    return app


@pytest.fixture
def forgetful() -> AuthApp:
    """A deployment with a user who has asked for a new password."""
    app = AuthApp(auto_confirm=True)
    sign_up(app)
    app.change_password.send_code(ANN, CALLER)
    return app


def test_a_sign_up_whose_response_is_lost_succeeds(app: AuthApp) -> None:
    app.faults.error = LOST
    app.faults.restart(1, after=True)
    assert sign_up(app) == app.pool.users[ANN].user_id
    assert app.tables.published[0] == ("UserRegistered", app.pool.users[ANN].user_id)


def test_a_sign_up_that_was_not_carried_out_is_unavailable(app: AuthApp) -> None:
    app.faults.error = LOST
    app.faults.restart(1)
    with pytest.raises(AccountsUnavailable):
        sign_up(app)
    assert sign_up(app) == app.pool.users[ANN].user_id


def test_a_sign_up_may_be_repeated_by_its_author(app: AuthApp) -> None:
    first = sign_up(app)
    app.now += timedelta(minutes=10)
    assert sign_up(app) == first
    assert len(app.tables.outbox) == len(set(app.tables.published))
    assert len(app.pool) == 1


def test_a_sign_up_with_an_unsent_code_may_be_repeated(
    app: AuthApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = app.pool.register

    def fail(email: str, password: str, username: str | None, trace: Trace) -> None:
        register(email, password, username, trace)
        raise CodeNotSent

    with monkeypatch.context() as patch:
        patch.setattr(app.pool, "register", fail)
        with pytest.raises(CodeNotSent):
            sign_up(app)
    assert sign_up(app) == app.pool.users[ANN].user_id


@pytest.mark.parametrize("username", ["ann", "bob", None])
def test_another_password_is_another_author(app: AuthApp, username: str | None) -> None:
    sign_up(app)
    for _ in range(2):
        with pytest.raises((EmailAlreadyRegistered, UsernameTaken)):
            sign_up(app, "Another1password", username)
    assert app.pool.users[ANN].password == PASSWORD


def test_an_older_account_is_already_registered(app: AuthApp) -> None:
    sign_up(app)
    app.now += timedelta(minutes=16)
    for _ in range(2):
        with pytest.raises((EmailAlreadyRegistered, UsernameTaken)):
            sign_up(app)


def test_a_refused_sign_up_claims_no_later_account(app: AuthApp) -> None:
    # Given somebody whose sign-up with an address was refused
    app.tables.usernames["ann"] = "sub-9"
    with pytest.raises(UsernameTaken):
        sign_up(app)
    # When its owner signs up with the same password
    app.requests.begun.clear()
    sign_up(app, username="bob")
    app.requests.begun.clear()
    # Then the first is still refused
    with pytest.raises(UsernameTaken):
        sign_up(app)


def test_repeated_sign_ups_guess_no_password(app: AuthApp) -> None:
    sign_up(app, username=None)
    for number in range(SIGN_UP.per_identifier):
        with pytest.raises(EmailAlreadyRegistered):
            sign_up(app, f"Guess1password{number}", None)
    with pytest.raises(TooManyAttempts):
        sign_up(app, username=None)


def test_a_code_whose_response_is_lost_verifies(registered: AuthApp) -> None:
    registered.faults.error = LOST
    registered.faults.restart(1, after=True)
    verify(registered)
    assert registered.is_complete(ANN)


def test_a_right_code_may_be_repeated(registered: AuthApp) -> None:
    verify(registered)
    verify(registered)
    assert registered.is_complete(ANN)


def test_a_wrong_code_stays_wrong(registered: AuthApp) -> None:
    for _ in range(2):
        with pytest.raises(InvalidVerificationCode):
            verify(registered, "000000")
    verify(registered)
    with pytest.raises(InvalidVerificationCode):
        verify(registered, "000000")


def test_a_new_password_whose_response_is_lost_is_set(forgetful: AuthApp) -> None:
    forgetful.faults.error = LOST
    forgetful.faults.restart(1, after=True)
    reset(forgetful)
    forgetful.sign_in.sign_in(Login(email=ANN), NEW_PASSWORD, CALLER)


def test_setting_a_new_password_may_be_repeated(forgetful: AuthApp) -> None:
    reset(forgetful)
    reset(forgetful)
    forgetful.sign_in.sign_in(Login(email=ANN), NEW_PASSWORD, CALLER)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda app: reset(app, PASSWORD, "000000"),
        lambda app: reset(app, "Another1password"),
    ],
    ids=["the present password with a wrong code", "another password with a used code"],
)
def test_only_the_same_request_is_a_repeat(
    forgetful: AuthApp, attempt: Callable[[AuthApp], None]
) -> None:
    reset(forgetful)
    for _ in range(2):
        with pytest.raises(InvalidResetCode):
            attempt(forgetful)


def test_a_request_that_was_not_sent_is_forgotten() -> None:
    app = AuthApp(faults=WriteFaults(fail_at=1, error=AccountsUnavailable()))
    with pytest.raises(AccountsUnavailable):
        sign_up(app)
    assert "signup" not in app.requests
