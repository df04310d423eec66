"""Names and pictures that users choose, and how other services learn them."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from auth.domain.account import Account
from auth.domain.display_name import PublicProfile
from auth.domain.errors import AccountGone, AccountsUnavailable
from auth.handlers import names
from auth.use_cases.edit_profile import EditProfile
from auth.use_cases.list_names import ListNames
from matinee.display_name import MAX_NAME_LENGTH, normalize_display_name
from tests.contract.test_openapi import Context
from tests.unit.auth.fakes import CALLER, TRACE, AuthApp
from tools.contracts.paths import ROOT

EVENTS = ROOT / "events" / "auth"
CONTRACT = ROOT / "contracts" / "functions" / "auth" / "Names"


def sample(case: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EVENTS / f"NamesFunction.invoke.{case}.json").read_text())
    return read


def registered(app: AuthApp, name: str) -> str:
    return app.sign_up.register(f"{name}@example.com", "Popcorn4two", name, CALLER).user_id


@pytest.fixture
def app() -> AuthApp:
    return AuthApp(auto_confirm=True)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann", "Ann"),
        ("  Ann   from\tthe third\nfloor ", None),
        ("  Ann   from the   third floor ", "Ann from the third floor"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("\u5c0f\u660e", "\u5c0f\u660e"),
        ("\U0001f43c", "\U0001f43c"),
        ("x" * MAX_NAME_LENGTH, "x" * MAX_NAME_LENGTH),
        ("x" * (MAX_NAME_LENGTH + 1), None),
        ("", None),
        (" \u2003 ", None),
        ("Ann\u202emom", None),
        ("\u2066Ann\u2069", None),
        ("A\u200bnn", None),
        ("A\u200dnn", None),
        ("Ann\ufeff!", None),
        ("A\u00adnn", None),
        ("Ann\x00", None),
        ("Ann\ud800", None),
        ("Ann\ue000", None),
        ("Z" + "\u0335" * 3, None),
        ("\u0301Ann", None),
    ],
    ids=ascii,
)
def test_a_name_shows_what_it_says(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(ValueError, match="must"):
            normalize_display_name(typed)
    else:
        assert normalize_display_name(typed) == stored


@given(st.text())
def test_a_stored_name_is_stored_again_as_it_is(typed: str) -> None:
    try:
        name = normalize_display_name(typed)
    except ValueError:
        return
    assert normalize_display_name(name) == name
    assert 1 <= len(name) <= MAX_NAME_LENGTH


def test_a_user_is_shown_by_their_username_until_they_choose(app: AuthApp) -> None:
    user_id = registered(app, "ann.frames")
    profiles = EditProfile(app.tables)

    assert profiles.get(user_id).public == PublicProfile(user_id, "ann.frames")
    chosen = profiles.put(user_id, "Ann", "red-panda").public
    assert chosen == profiles.get(user_id).public == PublicProfile(user_id, "Ann", "red-panda")
    assert profiles.put(user_id, None, None).public == PublicProfile(user_id, "ann.frames")


def test_a_deleted_user_has_no_profile(app: AuthApp) -> None:
    user_id = registered(app, "ann")
    app.delete_account.delete(Account(user_id), TRACE)
    profiles = EditProfile(app.tables)

    with pytest.raises(AccountGone):
        profiles.get(user_id)
    with pytest.raises(AccountGone):
        profiles.put(user_id, "Ann", None)


def test_others_learn_the_names_of_whoever_is_there(app: AuthApp) -> None:
    ann, bob, gone = (registered(app, name) for name in ("ann", "bob", "gone"))
    EditProfile(app.tables).put(bob, "Bob", "owl")
    app.delete_account.delete(Account(gone), TRACE)

    named = ListNames(app.tables)([bob, "nobody", ann, gone, bob])

    assert named == [PublicProfile(bob, "Bob", "owl"), PublicProfile(ann, "ann")]


class Broken:
    """A table that cannot be reached."""

    def list_public(self, user_ids: Collection[str]) -> Iterator[PublicProfile]:
        raise AccountsUnavailable(response_lost=not user_ids)


@pytest.mark.filterwarnings("ignore:No application metrics")
@pytest.mark.parametrize(
    ("event", "broken", "error"),
    [
        (sample("valid"), False, None),
        (
            sample("nobody"),
            False,
            "InvalidInput",
        ),
        ({"userIds": ["x"] * 101}, False, "InvalidInput"),
        ({"userIds": "ann"}, False, "InvalidInput"),
        ({"userIds": [{"S": "ann"}]}, False, "InvalidInput"),
        ({}, False, "InvalidInput"),
        ({"userIds": ["ann"]}, True, "AccountsUnavailable"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_names_function_keeps_its_contract(
    app: AuthApp,
    monkeypatch: pytest.MonkeyPatch,
    event: dict[str, Any],
    broken: bool,
    error: str | None,
) -> None:
    found = ListNames(Broken() if broken else app.tables)
    monkeypatch.setattr(names, "list_names", lambda: found)

    answer = json.loads(json.dumps(names.handler(event, Context())))

    Draft202012Validator(schema("response")).validate(answer)
    assert answer.get("error", {}).get("type") == error


def schema(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CONTRACT / f"1.0.{part}.json").read_text())
    return read


@pytest.mark.parametrize(
    "file", sorted(CONTRACT.glob("*.example.json")), ids=lambda file: file.name
)
def test_the_examples_keep_the_contract(file: Path) -> None:
    part = file.name.split(".")[2]

    Draft202012Validator(schema(part)).validate(json.loads(file.read_text()))
