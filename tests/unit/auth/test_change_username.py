"""Usernames: when two are the same, which are candidates, and changing one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.domain.account import Account
from auth.domain.errors import AccountGone, AccountsUnavailable, UsernameTaken, WriteConflict
from auth.domain.username import Username, normalize_username, username_candidates
from tests.unit.auth.fakes import CALLER, TRACE, AuthApp

ANN = "ann@example.com"
BOB = "bob@example.com"
PASSWORD = "Popcorn4two"


@pytest.fixture
def app() -> AuthApp:
    return AuthApp(auto_confirm=True)


@pytest.fixture
def ann(app: AuthApp) -> Account:
    return app.sign_up.register(ANN, PASSWORD, "ann", CALLER)


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
def test_usernames_are_compared_without_case_and_form(one: str, other: str) -> None:
    written = [normalize_username(name.ljust(3, "_")) for name in (one, other)]
    assert Username(written[0]).key == Username(written[1]).key


@given(st.text(min_size=1, max_size=20))
def test_the_key_of_a_username_ignores_case_and_form(written: str) -> None:
    try:
        name = normalize_username(written)
    except ValueError:
        return
    key = Username(name).key
    assert Username(normalize_username(name)).key == key
    assert Username(name.casefold()).key == key
    assert Username(key).key == key


def test_the_first_candidate_is_the_requested_username() -> None:
    assert next(username_candidates("Ann.Frames", None)) == Username("Ann.Frames")


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
def test_candidates_are_valid_and_distinct(
    wish: str | None, given_name: str | None, stem: str
) -> None:
    made_up = [
        name.display for name in username_candidates(wish, given_name) if name.display != wish
    ]
    assert len(made_up) == len(set(made_up)) == 8
    for name in made_up:
        assert name.startswith(stem)
        assert normalize_username(name) == name


def test_a_username_is_available_until_it_is_taken(app: AuthApp, ann: Account) -> None:
    assert not app.change_username.is_available(Username("ANN"))
    assert app.change_username.is_available(Username("frames"))
    app.change_username.change(ann, Username("frames"))
    assert app.change_username.is_available(Username("ann"))
    assert not app.change_username.is_available(Username("Frames"))


def test_sets_the_new_username_in_the_pool(app: AuthApp, ann: Account) -> None:
    app.change_username.change(ann, Username("Frames"))
    assert app.pool.users[ANN].username == "Frames"


def test_another_users_username_cannot_be_taken(app: AuthApp, ann: Account) -> None:
    bob = app.sign_up.register(BOB, PASSWORD, "bob", CALLER)
    with pytest.raises(UsernameTaken):
        app.change_username.change(bob, Username("Ann"))
    assert app.tables.usernames == {"ann": ann.user_id, "bob": bob.user_id}


def test_the_case_of_ones_own_username_may_change(app: AuthApp, ann: Account) -> None:
    app.change_username.change(ann, Username("ANN"))
    assert app.profile(ann.user_id).username == Username("ANN")
    assert app.tables.usernames == {"ann": ann.user_id}


def test_taking_ones_own_username_writes_nothing(app: AuthApp, ann: Account) -> None:
    app.faults.restart()
    app.change_username.change(ann, Username("ann"))
    assert app.faults.writes == 0


def test_a_deleted_user_cannot_take_a_username(app: AuthApp, ann: Account) -> None:
    app.delete_account.delete(ann, TRACE)
    with pytest.raises(AccountGone):
        app.change_username.change(ann, Username("frames"))
    assert app.tables.usernames == {}


def test_a_user_without_a_profile_cannot_take_a_username(app: AuthApp) -> None:
    with pytest.raises(AccountGone):
        app.change_username.change(Account("sub-9"), Username("frames"))


def test_a_write_conflict_is_retried(
    app: AuthApp, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    races = itertools.count()
    change = app.tables.change

    def contended(*arguments: object) -> None:
        if next(races) < 2:
            raise WriteConflict
        change(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(app.tables, "change", contended)
    app.change_username.change(ann, Username("frames"))
    assert app.tables.usernames == {"frames": ann.user_id}


def test_a_lasting_write_conflict_is_reported(
    app: AuthApp, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contended(*_: object) -> None:
        raise WriteConflict

    monkeypatch.setattr(app.tables, "change", contended)
    with pytest.raises(WriteConflict):
        app.change_username.change(ann, Username("frames"))


def test_takes_a_username_while_the_pool_is_unavailable(
    app: AuthApp, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: str) -> None:
        raise AccountsUnavailable

    monkeypatch.setattr(app.pool, "set_username", fail)
    app.change_username.change(ann, Username("frames"))
    assert app.tables.usernames == {"frames": ann.user_id}
