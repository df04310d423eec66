"""The use cases of who comes in, and what a crash in between comes to."""

from datetime import timedelta

import pytest

from auth.domain.account import USERS, Account, Username
from auth.domain.errors import (
    AccountsUnavailable,
    AddressRefused,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    SessionExpired,
    TooManyAttempts,
    UsernameTaken,
    UserNotConfirmed,
    WeakPassword,
)
from auth.ports import SignUpRefused
from auth.use_cases.sign_up import Login
from tests.unit.auth.fakes import CALLER, CODE, NOON, TRACE, Crash, Steps, World

ANN = "ann@example.com"
BOB = "bob@example.com"
PASSWORD = "Popcorn4two"
BY_ADDRESS = Login(email=ANN)


@pytest.fixture
def world() -> World:
    """A deployment that sends codes."""
    return World()


@pytest.fixture
def open_world() -> World:
    """A deployment that confirms accounts by itself."""
    return World(auto_confirm=True)


# ── registering ───────────────────────────────────────────────────────────────────────────────────


def test_who_registers_has_a_profile_and_no_username_before_he_is_confirmed(world: World) -> None:
    account = world.accounts.register(ANN, PASSWORD, "ann.frames", CALLER)
    profile = world.profile(account.user_id)
    assert profile.account == Account(account.user_id, ANN)
    assert (profile.created_at, profile.username, profile.confirmed_at) == (NOON, None, None)
    assert world.tables.usernames == {}
    assert world.tables.told == [("UserRegistered", account.user_id)]


def test_who_registers_must_verify_before_signing_in(world: World) -> None:
    world.accounts.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(UserNotConfirmed):
        world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    world.accounts.verify(ANN, CODE, CALLER)
    assert world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER).account.email == ANN


def test_where_accounts_are_confirmed_by_themselves_signing_in_follows_at_once(
    open_world: World,
) -> None:
    open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    assert open_world.is_complete(ANN)
    assert USERS in open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER).groups


def test_an_address_registers_once(world: World) -> None:
    first = world.accounts.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(EmailAlreadyRegistered):
        world.accounts.register(ANN, "Another1password", None, CALLER)
    assert world.pool.users[ANN].password == PASSWORD
    assert world.profile(first.user_id).created_at == NOON
    assert len(world.tables.outbox) == 1


def test_a_weak_password_is_refused_before_the_pool_is_asked(world: World) -> None:
    with pytest.raises(WeakPassword) as refusal:
        world.accounts.register(ANN, "popcorn", None, CALLER)
    assert refusal.value.info["fields"] == {
        "password": "needs at least 8 characters, an upper-case letter, a digit"
    }
    assert ANN not in world.pool


def test_a_username_that_is_taken_opens_no_account(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, "Ann", CALLER)
    with pytest.raises(UsernameTaken):
        open_world.accounts.register(BOB, PASSWORD, "aNN", CALLER)
    assert BOB not in open_world.pool


def test_the_pools_own_refusal_is_of_the_username_if_it_has_been_taken_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        world.tables.usernames["ann"] = "somebody"
        raise SignUpRefused

    monkeypatch.setattr(world.pool, "register", refuse)
    with pytest.raises(UsernameTaken):
        world.accounts.register(ANN, PASSWORD, "ann", CALLER)


def test_the_pools_own_refusal_is_of_the_address_otherwise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SignUpRefused

    monkeypatch.setattr(world.pool, "register", refuse)
    with pytest.raises(AddressRefused):
        world.accounts.register(ANN, PASSWORD, "ann", CALLER)


# ── verifying ─────────────────────────────────────────────────────────────────────────────────────


def test_who_verifies_is_complete_with_the_username_he_wished_for(world: World) -> None:
    account = world.accounts.register(ANN, PASSWORD, "Ann.Frames", CALLER)
    world.accounts.verify(ANN, CODE, CALLER)
    assert world.is_complete(ANN)
    assert world.profile(account.user_id).username == Username("Ann.Frames")
    assert world.tables.usernames == {"ann.frames": account.user_id}


def test_who_wished_for_no_username_gets_one_that_tells_nothing_of_his_address(
    world: World,
) -> None:
    account = world.accounts.register(ANN, PASSWORD, None, CALLER)
    world.accounts.verify(ANN, CODE, CALLER)
    username = world.profile(account.user_id).username
    assert username is not None
    assert username.written.startswith("viewer_")
    assert world.is_complete(ANN)


def test_of_two_who_wish_for_one_username_the_first_to_verify_gets_it(world: World) -> None:
    # Given two who registered with the same wish
    ann = world.accounts.register(ANN, PASSWORD, "frames", CALLER)
    bob = world.accounts.register(BOB, PASSWORD, "Frames", CALLER)
    # When the second verifies first
    world.accounts.verify(BOB, CODE, CALLER)
    world.accounts.verify(ANN, CODE, CALLER)
    # Then he has it, and the other has one like it
    assert world.profile(bob.user_id).username == Username("Frames")
    other = world.profile(ann.user_id).username
    assert other is not None
    assert other.written.startswith("frames_")
    assert world.is_complete(ANN)
    assert world.is_complete(BOB)


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_code_and_an_unknown_address_are_not_told_apart(world: World, email: str) -> None:
    world.accounts.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(InvalidVerificationCode) as refusal:
        world.accounts.verify(email, "000000", CALLER)
    assert refusal.value.message == "Invalid verification code"
    assert not world.pool.users[ANN].confirmed


def test_a_new_code_is_sent_to_who_waits_for_one_and_nobody_else_is_told(world: World) -> None:
    world.accounts.register(ANN, PASSWORD, None, CALLER)
    world.accounts.send_code(ANN, CALLER)
    world.accounts.send_code(BOB, CALLER)
    assert world.pool.codes_sent == [ANN]


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_not_told_apart(
    open_world: World, email: str
) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    with pytest.raises(InvalidCredentials) as refusal:
        open_world.accounts.sign_in(Login(email=email), "Wrong1password", CALLER)
    assert refusal.value.message == "Invalid email or password"


@pytest.mark.parametrize("written", ["Ann.Frames", "ANN.FRAMES", "ann.frames"])
def test_a_username_signs_in_in_any_case(open_world: World, written: str) -> None:
    account = open_world.accounts.register(ANN, PASSWORD, "Ann.Frames", CALLER)
    login = Login(username=Username(written))
    assert open_world.accounts.sign_in(login, PASSWORD, CALLER).account == account


def test_an_unknown_username_asks_the_pool_as_a_known_one_does(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    for name in ("ann", "nobody"):
        with pytest.raises(InvalidCredentials):
            open_world.accounts.sign_in(Login(username=Username(name)), "Wrong1password", CALLER)
    known, unknown = open_world.pool.asked
    assert known == open_world.pool.users[ANN].user_id
    assert unknown not in {"nobody", "None", ""}


def test_a_complete_user_signs_in_with_one_call_to_the_pool_and_one_write(
    open_world: World,
) -> None:
    open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    open_world.steps.begin_again()
    open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert (open_world.pool.sessions, open_world.steps.taken) == (1, 1)


def test_signing_in_notes_when_and_nothing_else(open_world: World) -> None:
    account = open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    open_world.now = NOON + timedelta(days=1)
    open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    profile = open_world.profile(account.user_id)
    assert (profile.created_at, profile.confirmed_at) == (NOON, NOON)
    assert profile.last_login_at == NOON + timedelta(days=1)


def test_a_user_whom_an_operator_made_is_completed_when_he_signs_in(world: World) -> None:
    # Given a confirmed user without group and profile
    world.pool.auto_confirm = True
    world.pool.register(ANN, PASSWORD, "ann")
    # When he signs in
    session = world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then he is complete, and his tokens name the group
    assert world.is_complete(ANN)
    assert session.groups == {USERS}
    assert session.access_token == "access-2"


def test_a_username_that_the_tokens_do_not_carry_is_told_to_the_pool(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    session = open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    username = open_world.profile(session.account.user_id).username
    assert username == Username(session.preferred_username or "")


def test_a_session_does_not_show_its_tokens_when_printed(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    printed = repr(open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER))
    for secret in ("access-1", "id-1", "refresh-1", ANN):
        assert secret not in printed


# ── staying in, going out, another password ───────────────────────────────────────────────────────


def test_a_refresh_token_gets_new_tokens_until_the_user_signs_out(open_world: World) -> None:
    account = open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    session = open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    refreshed = open_world.sessions.refresh(session.refresh_token)
    assert refreshed.access_token != session.access_token
    assert refreshed.refresh_token == session.refresh_token
    open_world.sessions.sign_out(account)
    open_world.sessions.sign_out(account)
    with pytest.raises(SessionExpired):
        open_world.sessions.refresh(session.refresh_token)


def test_a_new_password_ends_the_sessions_of_the_old_one(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    session = open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    open_world.passwords.forgot(ANN, CALLER)
    open_world.passwords.reset(ANN, "654321", "Popcorn4three", CALLER)
    with pytest.raises(SessionExpired):
        open_world.sessions.refresh(session.refresh_token)
    with pytest.raises(InvalidCredentials):
        open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    open_world.accounts.sign_in(BY_ADDRESS, "Popcorn4three", CALLER)


def test_a_new_password_is_set_even_if_old_sessions_cannot_be_ended(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    open_world.passwords.forgot(ANN, CALLER)

    def fail(_: str) -> None:
        raise AccountsUnavailable

    monkeypatch.setattr(open_world.pool, "sign_out", fail)
    open_world.passwords.reset(ANN, "654321", "Popcorn4three", CALLER)
    assert open_world.pool.users[ANN].password == "Popcorn4three"


def test_a_code_for_a_new_password_is_sent_to_who_has_an_account_and_nobody_else_is_told(
    open_world: World,
) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    open_world.passwords.forgot(ANN, CALLER)
    open_world.passwords.forgot(BOB, CALLER)
    assert open_world.pool.codes_sent == [ANN]


def test_a_weak_new_password_costs_no_code(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    open_world.passwords.forgot(ANN, CALLER)
    with pytest.raises(WeakPassword):
        open_world.passwords.reset(ANN, "654321", "popcorn", CALLER)
    open_world.passwords.reset(ANN, "654321", "Popcorn4three", CALLER)


# ── cut short ─────────────────────────────────────────────────────────────────────────────────────

REGISTERING_TAKES = 4
"""Writes: the account, the profile, the username with the confirmation, the group."""


def test_registering_takes_as_many_writes_as_these_tests_stop_it_at(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    assert open_world.steps.taken == REGISTERING_TAKES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, REGISTERING_TAKES + 1))
def test_a_crash_at_any_step_of_registering_is_mended_by_the_next_sign_in(
    step: int, *, after: bool
) -> None:
    # Given a registration that ended before or after one of its writes
    world = World(auto_confirm=True, steps=Steps(stop_at=step, after=after))
    with pytest.raises(Crash):
        world.accounts.register(ANN, PASSWORD, None, CALLER)
    # When the user tries again, and is told that the address is taken if it is
    if ANN in world.pool:
        with pytest.raises(EmailAlreadyRegistered):
            world.accounts.register(ANN, PASSWORD, None, CALLER)
    else:
        world.accounts.register(ANN, PASSWORD, None, CALLER)
    session = world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing of him is missing, and nothing was told twice
    assert world.is_complete(ANN)
    assert USERS in session.groups


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 5))
def test_a_crash_at_any_step_of_verifying_is_mended_by_the_next_sign_in(
    step: int, *, after: bool
) -> None:
    # Given a user who registered while the tables did not answer, and a verification cut short
    world = World(steps=Steps(stop_at=2, with_=AccountsUnavailable()))
    world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    world.steps.with_ = Crash()
    world.steps.begin_again(step, after=after)
    with pytest.raises(Crash):
        world.accounts.verify(ANN, CODE, CALLER)
    # When he goes on
    if not world.pool.users[ANN].confirmed:
        world.accounts.verify(ANN, CODE, CALLER)
    session = world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing of him is missing
    assert world.is_complete(ANN)
    assert world.profile(session.account.user_id).username == Username("ann")
    assert USERS in session.groups


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_of_the_mending_is_mended_too(step: int, *, after: bool) -> None:
    # Given a user of whom only the account exists, and a sign-in that ends in the middle
    world = World(auto_confirm=True)
    world.pool.register(ANN, PASSWORD, None)
    world.steps.begin_again(step, after=after)
    with pytest.raises(Crash):
        world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # When he signs in once more
    session = world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then nothing of him is missing
    assert world.is_complete(ANN)
    assert USERS in session.groups


@pytest.mark.parametrize("error", [AccountsUnavailable(), TooManyAttempts()])
@pytest.mark.parametrize("step", range(2, REGISTERING_TAKES + 1))
def test_who_is_known_to_the_pool_is_registered_whatever_fails_after(
    step: int, error: Exception
) -> None:
    world = World(auto_confirm=True, steps=Steps(stop_at=step, with_=error))
    account = world.accounts.register(ANN, PASSWORD, None, CALLER)
    assert account.user_id == world.pool.users[ANN].user_id
    world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert world.is_complete(ANN)


@pytest.mark.parametrize("step", [2, 3, 4])
def test_who_is_confirmed_is_verified_whatever_fails_after(step: int) -> None:
    world = World(steps=Steps(stop_at=2, with_=AccountsUnavailable()))
    world.accounts.register(ANN, PASSWORD, None, CALLER)
    world.steps.begin_again(step)
    world.accounts.verify(ANN, CODE, CALLER)
    world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert world.is_complete(ANN)


def test_a_profile_that_cannot_be_written_keeps_nobody_out(open_world: World) -> None:
    # Given a user in the group, and a table that does not answer
    account = open_world.accounts.register(ANN, PASSWORD, None, CALLER)
    open_world.steps.begin_again(1)
    open_world.steps.with_ = AccountsUnavailable()
    # When he signs in
    session = open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    # Then he is in, and the next time it is noted
    assert USERS in session.groups
    assert open_world.profile(account.user_id).last_login_at is None
    open_world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert open_world.profile(account.user_id).last_login_at == NOON


def test_tokens_that_would_open_no_room_are_not_given(world: World) -> None:
    world.pool.auto_confirm = True
    world.pool.register(ANN, PASSWORD, None)
    world.steps.begin_again(3)
    world.steps.with_ = AccountsUnavailable()
    with pytest.raises(AccountsUnavailable):
        world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER)
    assert USERS in world.accounts.sign_in(BY_ADDRESS, PASSWORD, CALLER).groups


def test_completing_a_complete_user_changes_nothing(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    before = (dict(open_world.tables.profiles), dict(open_world.tables.usernames))
    open_world.completion.complete(open_world.pool.find(ANN), TRACE)
    assert (open_world.tables.profiles, open_world.tables.usernames) == before
    assert open_world.is_complete(ANN)
