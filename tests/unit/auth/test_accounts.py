"""The use cases: register, verify, sign in, and what a crash in between comes to."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.domain import USERS, Account
from auth.errors import (
    AccountsUnavailable,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    TooManyAttempts,
    UserNotConfirmed,
    WeakPassword,
)
from auth.service import Accounts
from tests.unit.auth.fakes import CODE, Crash, FakeProfiles, FakeUserPool, Steps

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class World:
    """The use cases with their fakes."""

    def __init__(self, *, auto_confirm: bool, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()
        self.pool = FakeUserPool(self.steps)
        self.profiles = FakeProfiles(self.steps)
        self.now = NOON
        self.accounts = Accounts(
            user_pool=self.pool,
            profiles=self.profiles,
            auto_confirm=auto_confirm,
            clock=lambda: self.now,
        )

    def is_complete(self, email: str) -> bool:
        user = self.pool.users[email]
        return user.confirmed and USERS in user.groups and user.user_id in self.profiles


@pytest.fixture
def world() -> World:
    """A deployment that sends codes."""
    return World(auto_confirm=False)


@pytest.fixture
def open_world() -> World:
    """A deployment that confirms accounts by itself."""
    return World(auto_confirm=True)


# ── registering ───────────────────────────────────────────────────────────────────────────────────


def test_who_registers_gets_an_id_a_profile_and_the_group(world: World) -> None:
    account = world.accounts.register(ANN, PASSWORD, "ann.frames")
    assert account.user_id in world.profiles
    assert world.profiles.profiles[account.user_id].account == Account(account.user_id, ANN)
    assert world.profiles.profiles[account.user_id].created_at == NOON
    assert world.pool.users[ANN].groups == {USERS}
    assert world.pool.users[ANN].username == "ann.frames"


def test_who_registers_must_verify_before_signing_in(world: World) -> None:
    world.accounts.register(ANN, PASSWORD)
    with pytest.raises(UserNotConfirmed):
        world.accounts.sign_in(ANN, PASSWORD)
    world.accounts.verify(ANN, CODE)
    assert world.accounts.sign_in(ANN, PASSWORD).account.email == ANN


def test_where_accounts_are_confirmed_by_themselves_signing_in_follows_at_once(
    open_world: World,
) -> None:
    open_world.accounts.register(ANN, PASSWORD)
    assert open_world.is_complete(ANN)
    assert USERS in open_world.accounts.sign_in(ANN, PASSWORD).groups


def test_an_address_registers_once(world: World) -> None:
    first = world.accounts.register(ANN, PASSWORD)
    with pytest.raises(EmailAlreadyRegistered):
        world.accounts.register(ANN, "Another1password")
    assert world.pool.users[ANN].password == PASSWORD
    assert world.profiles.profiles[first.user_id].created_at == NOON


def test_a_weak_password_is_refused_before_the_pool_is_asked(world: World) -> None:
    with pytest.raises(WeakPassword) as refusal:
        world.accounts.register(ANN, "popcorn")
    assert refusal.value.info["fields"] == {
        "password": "needs at least 8 characters, an upper-case letter, a digit"
    }
    assert ANN not in world.pool


# ── verifying ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_code_and_an_unknown_address_are_not_told_apart(world: World, email: str) -> None:
    world.accounts.register(ANN, PASSWORD)
    with pytest.raises(InvalidVerificationCode) as refusal:
        world.accounts.verify(email, "000000")
    assert refusal.value.message == "Invalid verification code"
    assert not world.pool.users[ANN].confirmed


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_not_told_apart(
    open_world: World, email: str
) -> None:
    open_world.accounts.register(ANN, PASSWORD)
    with pytest.raises(InvalidCredentials) as refusal:
        open_world.accounts.sign_in(email, "Wrong1password")
    assert refusal.value.message == "Invalid email or password"


def test_a_complete_user_signs_in_with_one_call_to_the_pool_and_one_to_the_table(
    open_world: World,
) -> None:
    open_world.accounts.register(ANN, PASSWORD)
    open_world.steps.taken = 0
    open_world.accounts.sign_in(ANN, PASSWORD)
    assert (open_world.pool.sessions, open_world.steps.taken) == (1, 1)


def test_signing_in_does_not_touch_an_older_profile(open_world: World) -> None:
    account = open_world.accounts.register(ANN, PASSWORD)
    open_world.now = NOON + timedelta(days=1)
    open_world.accounts.sign_in(ANN, PASSWORD)
    assert open_world.profiles.profiles[account.user_id].created_at == NOON


def test_a_user_whom_an_operator_made_is_completed_when_he_signs_in(world: World) -> None:
    # Given a confirmed user without group and profile
    account = world.pool.register(ANN, PASSWORD, None)
    world.pool.confirm(ANN)
    # When he signs in
    session = world.accounts.sign_in(ANN, PASSWORD)
    # Then he has both, and his tokens name the group
    assert world.is_complete(ANN)
    assert session.groups == {USERS}
    assert session.access_token == "access-2"
    assert account.user_id in world.profiles


def test_where_codes_are_sent_signing_in_confirms_nobody(world: World) -> None:
    world.accounts.register(ANN, PASSWORD)
    with pytest.raises(UserNotConfirmed):
        world.accounts.sign_in(ANN, PASSWORD)
    assert not world.pool.users[ANN].confirmed


def test_a_session_does_not_show_its_tokens_when_printed(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD)
    printed = repr(open_world.accounts.sign_in(ANN, PASSWORD))
    for secret in ("access-1", "id-1", "refresh-1", ANN):
        assert secret not in printed


# ── cut short ─────────────────────────────────────────────────────────────────────────────────────

REGISTERING_TAKES = 4
"""Writes: the account, its confirmation, the profile, the group."""


def test_registering_takes_as_many_writes_as_these_tests_stop_it_at(open_world: World) -> None:
    open_world.accounts.register(ANN, PASSWORD)
    assert open_world.steps.taken == REGISTERING_TAKES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, REGISTERING_TAKES + 1))
def test_a_crash_at_any_step_of_registering_is_mended_by_the_next_sign_in(
    step: int, *, after: bool
) -> None:
    # Given a registration that ended before or after one of its writes
    world = World(auto_confirm=True, steps=Steps(stop_at=step, after=after))
    with pytest.raises(Crash):
        world.accounts.register(ANN, PASSWORD)
    # When the user tries again, and is told that the address is taken if it is
    if ANN in world.pool:
        with pytest.raises(EmailAlreadyRegistered):
            world.accounts.register(ANN, PASSWORD)
    else:
        world.accounts.register(ANN, PASSWORD)
    session = world.accounts.sign_in(ANN, PASSWORD)
    # Then nothing of him is missing
    assert world.is_complete(ANN)
    assert USERS in session.groups
    assert (len(world.pool), len(world.profiles)) == (1, 1)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [2, 3])
def test_a_crash_before_verifying_is_mended_by_the_first_sign_in(step: int, *, after: bool) -> None:
    world = World(auto_confirm=False, steps=Steps(stop_at=step, after=after))
    with pytest.raises(Crash):
        world.accounts.register(ANN, PASSWORD)
    world.accounts.verify(ANN, CODE)
    assert USERS in world.accounts.sign_in(ANN, PASSWORD).groups
    assert world.is_complete(ANN)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_of_the_mending_is_mended_too(step: int, *, after: bool) -> None:
    # Given a user of whom only the account exists, and a sign-in that ends in the middle
    world = World(auto_confirm=True, steps=Steps())
    world.pool.register(ANN, PASSWORD, None)
    world.steps.taken, world.steps.stop_at, world.steps.after = 0, step, after
    with pytest.raises(Crash):
        world.accounts.sign_in(ANN, PASSWORD)
    # When he signs in once more
    session = world.accounts.sign_in(ANN, PASSWORD)
    # Then nothing of him is missing
    assert world.is_complete(ANN)
    assert USERS in session.groups


@pytest.mark.parametrize("error", [AccountsUnavailable(), TooManyAttempts()])
@pytest.mark.parametrize("step", range(2, REGISTERING_TAKES + 1))
def test_who_is_known_to_the_pool_is_registered_whatever_fails_after(
    step: int, error: Exception
) -> None:
    world = World(auto_confirm=True, steps=Steps(stop_at=step, with_=error))
    account = world.accounts.register(ANN, PASSWORD)
    assert account.user_id == world.pool.users[ANN].user_id
    world.accounts.sign_in(ANN, PASSWORD)
    assert world.is_complete(ANN)


def test_a_profile_that_cannot_be_written_keeps_nobody_out(open_world: World) -> None:
    # Given a user in the group whose profile is lost, and a table that does not answer
    account = open_world.accounts.register(ANN, PASSWORD)
    del open_world.profiles.profiles[account.user_id]
    open_world.steps.taken, open_world.steps.stop_at = 0, 1
    open_world.steps.with_ = AccountsUnavailable()
    # When he signs in
    session = open_world.accounts.sign_in(ANN, PASSWORD)
    # Then he is in, and the next time his profile is written
    assert USERS in session.groups
    assert account.user_id not in open_world.profiles
    open_world.accounts.sign_in(ANN, PASSWORD)
    assert account.user_id in open_world.profiles


def test_tokens_that_would_open_no_room_are_not_given(world: World) -> None:
    world.pool.register(ANN, PASSWORD, None)
    world.pool.confirm(ANN)
    world.steps.taken, world.steps.stop_at = 0, 2
    world.steps.with_ = AccountsUnavailable()
    with pytest.raises(AccountsUnavailable):
        world.accounts.sign_in(ANN, PASSWORD)
    assert USERS in world.accounts.sign_in(ANN, PASSWORD).groups
