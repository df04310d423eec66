"""What the user pool's triggers do: the same as the routes, and nothing twice."""

import pytest

from auth.domain.account import USERS, Username
from auth.domain.errors import AccountGone, AccountsUnavailable, UsernameTaken
from auth.ports import Member
from auth.use_cases.sign_up import Login
from auth.use_cases.user_pool_triggers import ASKED_FOR
from tests.unit.auth.fakes import CALLER, CODE, NOON, TRACE, Steps, World

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
POOL = "eu-west-1_Matinee"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def known(world: World) -> Member:
    """Somebody who signed up with the pool itself, by an app's own library."""
    world.pool.auto_confirm = True
    world.pool.register(ANN, PASSWORD, "ann")
    return world.pool.find(ANN)


def test_a_username_that_is_taken_opens_no_account(world: World) -> None:
    world.tables.usernames["ann"] = "sub-9"
    with pytest.raises(UsernameTaken):
        world.triggers.before_sign_up(ASKED_FOR, "Ann")
    assert world.triggers.before_sign_up(ASKED_FOR, "bob") is False
    assert world.triggers.before_sign_up(ASKED_FOR, None) is False


def test_a_table_that_does_not_answer_refuses_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Username) -> str | None:
        raise AccountsUnavailable

    monkeypatch.setattr(world.tables, "owner_of", fail)
    assert world.triggers.before_sign_up(ASKED_FOR, "ann") is False


@pytest.mark.parametrize(
    ("source", "confirmed"),
    [
        (ASKED_FOR, True),
        ("PreSignUp_ExternalProvider", False),
        ("PreSignUp_AdminCreateUser", False),
    ],
)
def test_whoever_signs_up_by_himself_is_confirmed_where_no_mail_is_sent(
    source: str, *, confirmed: bool
) -> None:
    assert World(auto_confirm=True).triggers.before_sign_up(source, None) is confirmed


def test_who_signed_up_with_the_pool_itself_is_complete(world: World, known: Member) -> None:
    world.triggers.after_confirmation(POOL, known, TRACE)
    assert world.is_complete(ANN)
    assert world.profile(known.account.user_id).username == Username("ann")


def test_who_came_from_google_is_complete_and_named_after_himself(world: World) -> None:
    user = world.pool.arrive_from_google(ANN, "Ann")
    world.triggers.after_confirmation(POOL, world.pool.member(user), TRACE)
    assert user.groups == {USERS}
    username = world.profile(user.user_id).username
    assert username is not None
    assert username.written.startswith("Ann_")
    assert world.tables.told == [
        ("UserRegistered", user.user_id),
        ("UserConfirmed", user.user_id),
    ]


def test_a_trigger_that_comes_twice_changes_nothing(world: World, known: Member) -> None:
    for _ in range(3):
        world.triggers.after_confirmation(POOL, known, TRACE)
        world.triggers.after_authentication(POOL, known, TRACE)
    assert world.is_complete(ANN)


def test_a_trigger_and_a_route_that_do_the_same_do_it_once(world: World) -> None:
    world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    world.pool.users[ANN].confirmed = True
    world.triggers.after_confirmation(POOL, world.pool.find(ANN), TRACE)
    world.accounts.verify(ANN, CODE, CALLER)
    world.triggers.after_authentication(POOL, world.pool.find(ANN), TRACE)
    world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    assert world.is_complete(ANN)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_trigger_that_fails_is_mended_by_the_next_sign_in(step: int) -> None:
    # Given a confirmed user and a trigger that cannot do one of its writes
    world = World(auto_confirm=True)
    world.pool.register(ANN, PASSWORD, "ann")
    world.steps.with_ = AccountsUnavailable()
    world.steps.begin_again(step)
    # When it is called, it says nothing of that to the pool
    world.triggers.after_confirmation(POOL, world.pool.find(ANN), TRACE)
    assert not world.is_complete(ANN)
    # Then the next sign-in does it, by the trigger of signing in or by the route
    world.triggers.after_authentication(POOL, world.pool.find(ANN), TRACE)
    world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    assert world.is_complete(ANN)


def test_signing_in_with_the_pool_itself_is_noted(world: World, known: Member) -> None:
    world.triggers.after_authentication(POOL, known, TRACE)
    assert world.is_complete(ANN)
    assert world.profile(known.account.user_id).last_login_at == NOON


def test_a_sign_in_that_cannot_be_noted_keeps_nobody_out(known: Member) -> None:
    world = World(steps=Steps(stop_at=1, with_=AccountsUnavailable()))
    world.triggers.after_authentication(POOL, known, TRACE)
    assert known.account.user_id not in world.tables


def test_whoever_is_about_to_leave_is_kept_out_by_the_pool(world: World, known: Member) -> None:
    world.triggers.after_confirmation(POOL, known, TRACE)
    world.tables.begin(known.account, NOON)
    with pytest.raises(AccountGone):
        world.triggers.after_authentication(POOL, known, TRACE)
