"""How people go: every step may be the last of a process, and none lets a ghost in."""

from contextlib import suppress
from datetime import timedelta

import pytest

from auth.domain.account import Account
from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    DeletionUnfinished,
    InvalidCredentials,
    SessionExpired,
)
from auth.ports import Member
from auth.use_cases.sign_up import Login
from tests.unit.auth.fakes import CALLER, NOON, TRACE, Crash, World

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
DELETING_TAKES = 5
"""Writes: begun, barred, erased, removed, finished."""


@pytest.fixture
def world() -> World:
    return World(auto_confirm=True)


@pytest.fixture
def ann(world: World) -> Account:
    return world.accounts.register(ANN, PASSWORD, "ann", CALLER)


def nothing_is_left(world: World, account: Account) -> bool:
    return (
        ANN not in world.pool
        and account.user_id not in world.tables
        and "ann" not in world.tables.usernames
        and world.tables.departures == {}
        and world.tables.told.count(("UserDeleted", account.user_id)) == 1
    )


def test_nothing_is_left_of_who_goes_and_it_is_told_once(world: World, ann: Account) -> None:
    world.deletion.delete(ann, TRACE)
    assert nothing_is_left(world, ann)
    [deleted] = [event for event in world.tables.outbox if event.data.event_type == "UserDeleted"]
    assert deleted.data.model_dump() == {"user_id": ann.user_id}
    assert deleted.metadata.correlation_id == TRACE.correlation_id


def test_going_twice_changes_nothing(world: World, ann: Account) -> None:
    world.deletion.delete(ann, TRACE)
    world.deletion.delete(ann, TRACE)
    assert nothing_is_left(world, ann)


def test_deleting_takes_as_many_writes_as_these_tests_stop_it_at(
    world: World, ann: Account
) -> None:
    world.steps.begin_again()
    world.deletion.delete(ann, TRACE)
    assert world.steps.taken == DELETING_TAKES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, DELETING_TAKES + 1))
def test_whoever_can_sign_in_has_his_data_wherever_a_deletion_ends(
    world: World, ann: Account, step: int, *, after: bool
) -> None:
    # Given a deletion that ended before or after one of its writes
    world.steps.begin_again(step, after=after)
    with pytest.raises(Crash):
        world.deletion.delete(ann, TRACE)
    # When the user signs in
    try:
        world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    except InvalidCredentials:
        return
    # Then, if that is possible, nothing has been erased, and nobody was told so
    assert (step, after) == (1, False)
    assert world.is_complete(ANN)
    assert ("UserDeleted", ann.user_id) not in world.tables.told


@pytest.mark.parametrize("resumed_by", ["the user", "the sweep"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, DELETING_TAKES + 1))
def test_a_deletion_goes_on_wherever_it_ended(
    world: World, ann: Account, step: int, resumed_by: str, *, after: bool
) -> None:
    world.steps.begin_again(step, after=after)
    with pytest.raises(Crash):
        world.deletion.delete(ann, TRACE)
    world.now = NOON + timedelta(minutes=2)
    if resumed_by == "the user" or (step, after) == (1, False):  # nothing was noted yet
        world.deletion.delete(ann, TRACE)
    else:
        assert world.deletion.sweep(TRACE) == 0
    assert nothing_is_left(world, ann)


@pytest.mark.parametrize("first", range(1, DELETING_TAKES + 1))
@pytest.mark.parametrize("second", range(1, DELETING_TAKES + 1))
def test_a_deletion_may_end_twice(world: World, ann: Account, first: int, second: int) -> None:
    for step in (first, second):
        world.steps.begin_again(step)
        with suppress(Crash):  # resumed, it may take fewer writes than that
            world.deletion.delete(ann, TRACE)
    world.steps.begin_again()
    world.deletion.delete(ann, TRACE)
    assert nothing_is_left(world, ann)


@pytest.mark.parametrize("step", range(2, DELETING_TAKES + 1))
def test_what_cannot_be_finished_now_is_said_to_go_on(
    world: World, ann: Account, step: int
) -> None:
    world.steps.begin_again(step)
    world.steps.with_ = AccountsUnavailable()
    with pytest.raises(DeletionUnfinished):
        world.deletion.delete(ann, TRACE)
    world.now = NOON + timedelta(minutes=2)
    world.deletion.sweep(TRACE)
    assert nothing_is_left(world, ann)


def test_what_has_not_begun_is_not_said_to_go_on(world: World, ann: Account) -> None:
    world.steps.begin_again(1)
    world.steps.with_ = AccountsUnavailable()
    with pytest.raises(AccountsUnavailable):
        world.deletion.delete(ann, TRACE)
    assert world.is_complete(ANN)


def test_the_sweep_leaves_a_deletion_to_the_request_that_has_just_begun_it(
    world: World, ann: Account
) -> None:
    world.steps.begin_again(2)
    with pytest.raises(Crash):
        world.deletion.delete(ann, TRACE)
    world.deletion.sweep(TRACE)
    assert ANN in world.pool


def test_one_deletion_that_fails_does_not_keep_the_sweep_from_the_next(
    world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two deletions that were cut short
    bob = world.accounts.register("bob@example.com", PASSWORD, "bob", CALLER)
    for account in (ann, bob):
        world.steps.begin_again(2)
        with pytest.raises(Crash):
            world.deletion.delete(account, TRACE)
    world.steps.begin_again()
    # When the pool does not answer for the first
    bar = world.pool.bar

    def fail_for_ann(user: str) -> None:
        if user == ann.user_id:
            raise AccountsUnavailable
        bar(user)

    monkeypatch.setattr(world.pool, "bar", fail_for_ann)
    world.now = NOON + timedelta(minutes=2)
    # Then the second is done, and one is left
    assert world.deletion.sweep(TRACE) == 1
    assert "bob@example.com" not in world.pool
    assert list(world.tables.departures) == [ann.user_id]


def test_who_goes_is_out_everywhere_at_once(world: World, ann: Account) -> None:
    session = world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    world.deletion.delete(ann, TRACE)
    with pytest.raises(SessionExpired):
        world.sessions.refresh(session.refresh_token)
    with pytest.raises(InvalidCredentials):
        world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)


def test_a_later_account_of_the_same_address_starts_empty(world: World, ann: Account) -> None:
    world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    world.deletion.delete(ann, TRACE)
    again = world.accounts.register(ANN, PASSWORD, None, CALLER)
    profile = world.profile(again.user_id)
    assert again.user_id != ann.user_id
    assert profile.last_login_at is None
    assert profile.username is not None
    assert profile.username.written != "ann"
    assert world.is_complete(ANN)


def test_what_was_on_its_way_when_he_left_makes_no_new_profile(world: World, ann: Account) -> None:
    member = world.pool.find(ANN)
    world.deletion.delete(ann, TRACE)
    with pytest.raises(AccountGone):
        world.completion.complete(member, TRACE)
    with pytest.raises(AccountGone):
        world.triggers.after_authentication("pool", member, TRACE)
    world.triggers.after_confirmation("pool", member, TRACE)
    assert nothing_is_left(world, ann)


def test_who_came_from_google_goes_by_the_name_that_the_pool_has_for_him(world: World) -> None:
    user = world.pool.arrive_from_google(ANN, "Ann")
    world.triggers.after_confirmation("pool", world.pool.member(user), TRACE)
    world.deletion.delete(Account(user.user_id, pool_name=user.pool_name), TRACE)
    assert len(world.pool) == 0
    assert world.tables.told[-1] == ("UserDeleted", user.user_id)


def test_a_user_who_never_had_a_profile_can_go(world: World) -> None:
    opening = world.pool.register(ANN, PASSWORD, None)
    world.deletion.delete(opening.account, TRACE)
    assert nothing_is_left(world, opening.account)
    world.completion.open(Member(opening.account), TRACE)
    assert opening.account.user_id not in world.tables
