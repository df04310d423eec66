"""The app for people, in browsers: from sign-up to a match and a decision on all screens."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.browser import chromium
from tests.clients.node import run_node
from tests.e2e.catalogue import fill
from tests.e2e.test_imports import table
from tools.ops.client import Stack

type Json = dict[str, Any]


@pytest.fixture
def seen(stack: Stack, films: list[Json], tmp_path: Path) -> Json:
    """What people saw; one of them imported a list of four films."""
    fill(stack)
    liked = tmp_path / "likes" / "films.csv"
    liked.parent.mkdir()
    rows = [(it["title"], it["release_date"][:4], "https://boxd.it/x") for it in films[:4]]
    liked.write_bytes(table("Name,Year,Letterboxd URI", *rows))
    app = f"{stack.emulator_url}/_matinee/app/"
    shown: Json = json.loads(run_node("evening.mjs", chromium(), app, str(liked)))
    return shown | {"films": [it["title"] for it in films[:4]]}


def test_an_evening_in_three_browsers_and_a_list_imported_in_a_fourth(seen: Json) -> None:
    assert len(seen["matches"]) == 3
    assert all(seen["matches"])
    assert len(set(seen["decisions"])) == 1  # also for who had no network when it was made
    decided = f"We are watching {seen['decisions'][0]}."
    (evening, *same) = (told[told.index(decided) :] for told in seen["told"])
    assert all(told == evening for told in same)  # latest first; also for who was away
    assert any(line.startswith("A match: ") for line in evening)
    assert not any(seen["reloaded"])
    assert sorted(seen["imported"]) == sorted(seen["films"])
    assert seen["complaints"] == []
    assert seen["barriers"] == []
