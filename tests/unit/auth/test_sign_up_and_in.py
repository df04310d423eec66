"""Sign up, sign in and change a password, also when a process crashes in between."""

from datetime import timedelta

import pytest

from auth.domain.account import Account
from auth.domain.errors import (
    AccountsUnavailable,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    SessionExpired,
    UsernameTaken,
    UserNotConfirmed,
    WeakPassword,
)
from auth.domain.username import Username
from auth.use_cases.sign_in import Login
from matinee.errors import TooManyAttempts
from matinee.principal import USERS
from tests.unit.auth.fakes import CALLER, CODE, NOON, TRACE, AuthApp, Crash, WriteFaults

ANN = "ann@example.com"
BOB = "bob@example.com"
PASSWORD = "Popcorn4two"
BY_ADDRESS = Login(email=ANN)


@pytest.fixture
def app() -> AuthApp:
    """A deployment that sends codes."""
    return AuthApp()


@pytest.fixture
def confirming_app() -> AuthApp:
    """A deployment that confirms accounts automatically."""
    return AuthApp(auto_confirm=True)


# ── registering ───────────────────────────────────────────────────────────────────────────────────


def test_registering_creates_a_profile_without_a_username(app: AuthApp) -> None:
    account = app.sign_up.register(ANN, PASSWORD, "ann.frames", CALLER)
    profile = app.profile(account.user_id)
    assert profile.account == Account(account.user_id, ANN)
    assert (profile.created_at, profile.username, profile.confirmed_at) == (NOON, None, None)
    assert app.tables.usernames == {}
    assert app.tables.published == [("UserRegistered", account.user_id)]


def test_the_pools_triggers_continue_the_trace(app: AuthApp) -> None:
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    app.sign_up.verify(ANN, CODE, CALLER)
    assert app.pool.traces == [TRACE, TRACE]


def test_a_new_user_must_verify_before_signing_in(app: AuthApp) -> None:
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(UserNotConfirmed):
        app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    app.sign_up.verify(ANN, CODE, CALLER)
    assert app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER).account.email == ANN


def test_with_auto_confirm_a_new_user_can_sign_in_at_once(
    confirming_app: AuthApp,
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    assert confirming_app.is_complete(ANN)
    assert USERS in confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER).groups


def test_an_address_registers_once(app: AuthApp) -> None:
    first = app.sign_up.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(EmailAlreadyRegistered):
        app.sign_up.register(ANN, "Another1password", None, CALLER)
    assert app.pool.users[ANN].password == PASSWORD
    assert app.profile(first.user_id).created_at == NOON
    assert len(app.tables.outbox) == 1


def test_a_weak_password_is_refused_before_the_pool_is_called(app: AuthApp) -> None:
    with pytest.raises(WeakPassword) as refusal:
        app.sign_up.register(ANN, "popcorn", None, CALLER)
    assert refusal.value.info["fields"] == {
        "password": "needs at least 8 characters, an upper-case letter, a digit"
    }
    assert ANN not in app.pool


def test_a_taken_username_creates_no_account(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "Ann", CALLER)
    with pytest.raises(UsernameTaken):
        confirming_app.sign_up.register(BOB, PASSWORD, "aNN", CALLER)
    assert BOB not in confirming_app.pool


# ── verifying ─────────────────────────────────────────────────────────────────────────────────────


def test_verifying_provisions_the_user_with_the_requested_username(app: AuthApp) -> None:
    account = app.sign_up.register(ANN, PASSWORD, "Ann.Frames", CALLER)
    app.sign_up.verify(ANN, CODE, CALLER)
    assert app.is_complete(ANN)
    assert app.profile(account.user_id).username == Username("Ann.Frames")
    assert app.tables.usernames == {"ann.frames": account.user_id}


def test_a_generated_username_does_not_reveal_the_address(
    app: AuthApp,
) -> None:
    account = app.sign_up.register(ANN, PASSWORD, None, CALLER)
    app.sign_up.verify(ANN, CODE, CALLER)
    username = app.profile(account.user_id).username
    assert username is not None
    assert username.display.startswith("viewer_")
    assert app.is_complete(ANN)


def test_the_first_to_verify_gets_a_username_that_two_requested(app: AuthApp) -> None:
    # Given two users who requested the same username
    ann = app.sign_up.register(ANN, PASSWORD, "frames", CALLER)
    bob = app.sign_up.register(BOB, PASSWORD, "Frames", CALLER)
    # When the second verifies first
    app.sign_up.verify(BOB, CODE, CALLER)
    app.sign_up.verify(ANN, CODE, CALLER)
    # Then they get it, and the other gets a similar one
    assert app.profile(bob.user_id).username == Username("Frames")
    other = app.profile(ann.user_id).username
    assert other is not None
    assert other.display.startswith("frames_")
    assert app.is_complete(ANN)
    assert app.is_complete(BOB)


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_code_and_an_unknown_address_get_the_same_error(app: AuthApp, email: str) -> None:
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(InvalidVerificationCode) as refusal:
        app.sign_up.verify(email, "000000", CALLER)
    assert refusal.value.message == "Invalid verification code"
    assert not app.pool.users[ANN].confirmed


def test_resends_a_code_to_an_unconfirmed_account_only(app: AuthApp) -> None:
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    app.sign_up.resend_code(ANN, CALLER)
    app.sign_up.resend_code(BOB, CALLER)
    assert app.pool.codes_sent == [ANN]


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_one_error(
    confirming_app: AuthApp, email: str
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(InvalidCredentials) as refusal:
        confirming_app.sign_in.sign_in(Login(email=email), "Wrong1password", CALLER)
    assert refusal.value.message == "Invalid email or password"


@pytest.mark.parametrize("written", ["Ann.Frames", "ANN.FRAMES", "ann.frames"])
def test_signs_in_by_a_username_in_any_case(confirming_app: AuthApp, written: str) -> None:
    account = confirming_app.sign_up.register(ANN, PASSWORD, "Ann.Frames", CALLER)
    login = Login(username=Username(written))
    assert confirming_app.sign_in.sign_in(login, PASSWORD, CALLER).account == account


def test_an_unknown_username_calls_the_pool_like_a_known_one(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    for name in ("ann", "nobody"):
        with pytest.raises(InvalidCredentials):
            confirming_app.sign_in.sign_in(Login(username=Username(name)), "Wrong1password", CALLER)
    known, unknown = confirming_app.pool.attempted
    assert known == confirming_app.pool.users[ANN].user_id
    assert unknown not in {"nobody", "None", ""}


def test_a_complete_user_signs_in_with_one_call_and_one_write(
    confirming_app: AuthApp,
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    confirming_app.faults.restart()
    confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert (confirming_app.pool.sessions, confirming_app.faults.writes) == (1, 1)


def test_signing_in_records_the_time_only(confirming_app: AuthApp) -> None:
    account = confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    confirming_app.now = NOON + timedelta(days=1)
    confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    profile = confirming_app.profile(account.user_id)
    assert (profile.created_at, profile.confirmed_at) == (NOON, NOON)
    assert profile.last_login_at == NOON + timedelta(days=1)


def test_a_sign_in_provisions_a_user_made_by_an_operator(app: AuthApp) -> None:
    # Given a confirmed user without group and profile
    app.pool.auto_confirm = True
    app.pool.register(ANN, PASSWORD, "ann")
    # When they sign in
    session = app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then they are complete, and their tokens name the group
    assert app.is_complete(ANN)
    assert session.groups == {USERS}
    assert session.access_token == "access-2"


def test_syncs_a_username_that_the_tokens_do_not_carry(
    confirming_app: AuthApp,
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    session = confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    username = confirming_app.profile(session.account.user_id).username
    assert username == Username(session.preferred_username or "")


def test_the_repr_of_a_session_hides_its_tokens(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    printed = repr(confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER))
    for secret in ("access-1", "id-1", "refresh-1", ANN):
        assert secret not in printed


# ── sessions and passwords ────────────────────────────────────────────────────────────────────────


def test_a_refresh_token_works_until_the_user_signs_out(confirming_app: AuthApp) -> None:
    account = confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    session = confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    refreshed = confirming_app.refresh_session.refresh(session.refresh_token)
    assert refreshed.access_token != session.access_token
    assert refreshed.refresh_token == session.refresh_token
    confirming_app.sign_out.sign_out(account)
    confirming_app.sign_out.sign_out(account)
    with pytest.raises(SessionExpired):
        confirming_app.refresh_session.refresh(session.refresh_token)


def test_a_new_password_ends_the_old_sessions(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    session = confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    confirming_app.change_password.send_code(ANN, CALLER)
    confirming_app.change_password.reset(ANN, "654321", "Popcorn4three", CALLER)
    with pytest.raises(SessionExpired):
        confirming_app.refresh_session.refresh(session.refresh_token)
    with pytest.raises(InvalidCredentials):
        confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    confirming_app.sign_in.sign_in(BY_ADDRESS, "Popcorn4three", CALLER)


def test_sets_a_password_though_old_sessions_cannot_be_ended(
    confirming_app: AuthApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    confirming_app.change_password.send_code(ANN, CALLER)

    def fail(_: str) -> None:
        raise AccountsUnavailable

    monkeypatch.setattr(confirming_app.pool, "sign_out", fail)
    confirming_app.change_password.reset(ANN, "654321", "Popcorn4three", CALLER)
    assert confirming_app.pool.users[ANN].password == "Popcorn4three"


def test_sends_a_reset_code_to_existing_accounts_only(
    confirming_app: AuthApp,
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    confirming_app.change_password.send_code(ANN, CALLER)
    confirming_app.change_password.send_code(BOB, CALLER)
    assert confirming_app.pool.codes_sent == [ANN]


def test_a_weak_new_password_does_not_use_up_the_code(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    confirming_app.change_password.send_code(ANN, CALLER)
    with pytest.raises(WeakPassword):
        confirming_app.change_password.reset(ANN, "654321", "popcorn", CALLER)
    confirming_app.change_password.reset(ANN, "654321", "Popcorn4three", CALLER)


# ── interrupted ───────────────────────────────────────────────────────────────────────────────────

REGISTERING_TAKES = 4
"""Writes: the account, the profile, the username with the confirmation, the group."""


def test_registering_takes_the_writes_that_are_interrupted_here(
    confirming_app: AuthApp,
) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    assert confirming_app.faults.writes == REGISTERING_TAKES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, REGISTERING_TAKES + 1))
def test_a_sign_in_completes_a_crashed_registration(step: int, *, after: bool) -> None:
    # Given a registration that ended before or after one of its writes
    app = AuthApp(auto_confirm=True, faults=WriteFaults(fail_at=step, after=after))
    with pytest.raises(Crash):
        app.sign_up.register(ANN, PASSWORD, None, CALLER)
    # When the user tries again
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    session = app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing is missing, and no event was published twice
    assert app.is_complete(ANN)
    assert USERS in session.groups


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 5))
def test_a_sign_in_completes_a_crashed_verification(step: int, *, after: bool) -> None:
    # Given a user who registered while the tables did not answer, and a verification that crashes
    app = AuthApp(faults=WriteFaults(fail_at=2, error=AccountsUnavailable()))
    app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    app.faults.error = Crash()
    app.faults.restart(step, after=after)
    with pytest.raises(Crash):
        app.sign_up.verify(ANN, CODE, CALLER)
    # When they continue
    if not app.pool.users[ANN].confirmed:
        app.sign_up.verify(ANN, CODE, CALLER)
    session = app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing is missing
    assert app.is_complete(ANN)
    assert app.profile(session.account.user_id).username == Username("ann")
    assert USERS in session.groups


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_sign_in_completes_a_crashed_sign_in(step: int, *, after: bool) -> None:
    # Given a user with an account only, and a sign-in that crashes
    app = AuthApp(auto_confirm=True)
    app.pool.register(ANN, PASSWORD, None)
    app.faults.restart(step, after=after)
    with pytest.raises(Crash):
        app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # When they sign in once more
    session = app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing is missing
    assert app.is_complete(ANN)
    assert USERS in session.groups


@pytest.mark.parametrize("error", [AccountsUnavailable(), TooManyAttempts()])
@pytest.mark.parametrize("step", range(2, REGISTERING_TAKES + 1))
def test_registering_succeeds_whatever_fails_after_the_pool(step: int, error: Exception) -> None:
    app = AuthApp(auto_confirm=True, faults=WriteFaults(fail_at=step, error=error))
    account = app.sign_up.register(ANN, PASSWORD, None, CALLER)
    assert account.user_id == app.pool.users[ANN].user_id
    app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert app.is_complete(ANN)


@pytest.mark.parametrize("step", [2, 3, 4])
def test_verifying_succeeds_whatever_fails_after_the_pool(step: int) -> None:
    app = AuthApp(faults=WriteFaults(fail_at=2, error=AccountsUnavailable()))
    app.sign_up.register(ANN, PASSWORD, None, CALLER)
    app.faults.restart(step)
    app.sign_up.verify(ANN, CODE, CALLER)
    app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert app.is_complete(ANN)


def test_a_sign_in_succeeds_when_the_profile_is_unavailable(confirming_app: AuthApp) -> None:
    # Given a user in the group, and a table that does not answer
    account = confirming_app.sign_up.register(ANN, PASSWORD, None, CALLER)
    confirming_app.faults.restart(1)
    confirming_app.faults.error = AccountsUnavailable()
    # When they sign in
    session = confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then they are signed in, and the next time it is recorded
    assert USERS in session.groups
    assert confirming_app.profile(account.user_id).last_login_at is None
    confirming_app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert confirming_app.profile(account.user_id).last_login_at == NOON


def test_a_sign_in_fails_when_the_group_cannot_be_added(app: AuthApp) -> None:
    app.pool.auto_confirm = True
    app.pool.register(ANN, PASSWORD, None)
    app.faults.restart(3)
    app.faults.error = AccountsUnavailable()
    with pytest.raises(AccountsUnavailable):
        app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert USERS in app.sign_in.sign_in(BY_ADDRESS, PASSWORD, CALLER).groups


def test_provisioning_is_idempotent(confirming_app: AuthApp) -> None:
    confirming_app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    before = (dict(confirming_app.tables.profiles), dict(confirming_app.tables.usernames))
    confirming_app.provisioning.provision(confirming_app.pool.find_user(ANN), TRACE)
    assert (confirming_app.tables.profiles, confirming_app.tables.usernames) == before
    assert confirming_app.is_complete(ANN)
