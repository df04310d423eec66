"""Usernames: what is the same, what is proposed, and taking one in place of another."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.domain.account import Account, Username, normalised_username, proposals
from auth.domain.errors import AccountGone, AccountsUnavailable, Contended, UsernameTaken
from tests.unit.auth.fakes import CALLER, TRACE, World

ANN = "ann@example.com"
BOB = "bob@example.com"
PASSWORD = "Popcorn4two"


@pytest.fixture
def world() -> World:
    return World(auto_confirm=True)


@pytest.fixture
def ann(world: World) -> Account:
    return world.accounts.register(ANN, PASSWORD, "ann", CALLER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "ANN"),
        ("Amélie", "AMÉLIE"),
        ("Ame\u0301lie", "am\u00e9lie"),
        ("\uff21\uff2e\uff2e", "ann"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ﬁlm", "FILM"),
        ("x²", "X2"),
    ],
)
def test_names_that_differ_in_case_or_in_form_alone_are_the_same(one: str, other: str) -> None:
    written = [normalised_username(name.ljust(3, "_")) for name in (one, other)]
    assert Username(written[0]).key == Username(written[1]).key


@given(st.text(min_size=1, max_size=20))
def test_a_key_is_the_same_whatever_is_done_to_case_or_form(written: str) -> None:
    try:
        name = normalised_username(written)
    except ValueError:
        return
    key = Username(name).key
    assert Username(normalised_username(name)).key == key
    assert Username(name.casefold()).key == key
    assert Username(key).key == key


def test_the_first_proposal_is_the_wish() -> None:
    assert next(proposals("Ann.Frames", None)) == Username("Ann.Frames")


@pytest.mark.parametrize(
    ("wish", "given_name", "stem"),
    [
        ("ann", "Ann", "ann_"),
        ("a.name.of.20.letters", None, "a.name.of.20.l_"),
        (None, "Amélie", "Amélie_"),
        (None, "Mary Jane", "MaryJane_"),
        ("no name", None, "viewer_"),
        (None, "Jo", "viewer_"),
        (None, None, "viewer_"),
        ("", "\u200b", "viewer_"),
    ],
)
def test_each_proposal_is_a_username_and_different(
    wish: str | None, given_name: str | None, stem: str
) -> None:
    made_up = [name.written for name in proposals(wish, given_name) if name.written != wish]
    assert len(made_up) == len(set(made_up)) == 8
    for name in made_up:
        assert name.startswith(stem)
        assert normalised_username(name) == name


def test_a_username_is_free_until_somebody_has_it(world: World, ann: Account) -> None:
    assert not world.naming.is_free(Username("ANN"))
    assert world.naming.is_free(Username("frames"))
    world.naming.take(ann, Username("frames"))
    assert world.naming.is_free(Username("ann"))
    assert not world.naming.is_free(Username("Frames"))


def test_the_tokens_carry_a_username_that_was_taken(world: World, ann: Account) -> None:
    world.naming.take(ann, Username("Frames"))
    assert world.pool.users[ANN].username == "Frames"


def test_somebody_elses_username_cannot_be_taken(world: World, ann: Account) -> None:
    bob = world.accounts.register(BOB, PASSWORD, "bob", CALLER)
    with pytest.raises(UsernameTaken):
        world.naming.take(bob, Username("Ann"))
    assert world.tables.usernames == {"ann": ann.user_id, "bob": bob.user_id}


def test_ones_own_username_may_be_written_otherwise(world: World, ann: Account) -> None:
    world.naming.take(ann, Username("ANN"))
    assert world.profile(ann.user_id).username == Username("ANN")
    assert world.tables.usernames == {"ann": ann.user_id}


def test_taking_what_one_has_changes_nothing(world: World, ann: Account) -> None:
    world.steps.begin_again()
    world.naming.take(ann, Username("ann"))
    assert world.steps.taken == 0


def test_whoever_has_left_takes_no_username(world: World, ann: Account) -> None:
    world.deletion.delete(ann, TRACE)
    with pytest.raises(AccountGone):
        world.naming.take(ann, Username("frames"))
    assert world.tables.usernames == {}


def test_somebody_without_a_profile_takes_no_username(world: World) -> None:
    with pytest.raises(AccountGone):
        world.naming.take(Account("sub-9"), Username("frames"))


def test_a_race_with_oneself_is_run_again(
    world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    races = itertools.count()
    rename = world.tables.rename

    def contended(*arguments: object) -> None:
        if next(races) < 2:
            raise Contended
        rename(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.tables, "rename", contended)
    world.naming.take(ann, Username("frames"))
    assert world.tables.usernames == {"frames": ann.user_id}


def test_a_race_that_does_not_end_is_told(
    world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contended(*_: object) -> None:
        raise Contended

    monkeypatch.setattr(world.tables, "rename", contended)
    with pytest.raises(Contended):
        world.naming.take(ann, Username("frames"))


def test_a_username_is_taken_even_if_the_pool_cannot_be_told_now(
    world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: str) -> None:
        raise AccountsUnavailable

    monkeypatch.setattr(world.pool, "name", fail)
    world.naming.take(ann, Username("frames"))
    assert world.tables.usernames == {"frames": ann.user_id}
