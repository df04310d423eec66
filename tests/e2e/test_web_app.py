"""The app for people, in browsers: from sign-up to a match and a decision on all screens."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.browser import chromium
from tests.clients.node import run_node
from tests.e2e.catalogue import fill
from tests.e2e.test_imports import table
from tools.local.stack import LocalStack
from tools.ops.client import Stack

type Json = dict[str, Any]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A product of its own: the titles that other tests invent have no posters."""
    with LocalStack.start(tmp_path_factory.mktemp("evening")) as local:
        yield Stack.load(local.folders.stack_file)


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
    console: Json = json.loads(run_node("console.mjs", chromium(), app))
    return shown | {"films": [it["title"] for it in films[:4]], "console": console}


def test_an_evening_in_three_browsers_and_a_list_imported_in_a_fourth(seen: Json) -> None:
    assert len(seen["matches"]) == 3
    assert all(seen["matches"])
    assert len(set(seen["decisions"])) == 1  # also for who had no network when it was made
    decided = f"We are watching {seen['decisions'][0]}."
    (evening, *same) = (told[told.index(decided) :] for told in seen["told"])
    assert all(told == evening for told in same)  # latest first; also for who was away
    assert any(line.startswith("A match: ") for line in evening)
    assert not any(seen["reloaded"])
    assert seen["stayed"]
    assert sorted(seen["imported"]) == sorted(seen["films"])
    assert seen["complaints"] == []
    assert seen["barriers"] == []
    assert_seen_in_the_console(seen["console"])


def assert_seen_in_the_console(console: Json) -> None:
    """Check what a developer saw of the evening afterwards."""
    assert {"rooms", "catalog"} <= set(console["waterfall"]["services"])  # names may be cached
    assert any(text.startswith("after 0 ms, took ") for text in console["waterfall"]["latencies"])
    assert '"field": "createRoom"' in console["waterfall"]["log"]
    (taker,) = [rule for rule in console["rules"] if "NotifierRule" in rule]
    assert taker.startswith("takes it")
    assert "replay-name is not there, and must not be." in taker
    (other,) = [rule for rule in console["rules"] if "TasteProjectorRule" in rule]
    assert other.startswith("does not take it")
    assert "detail-type is MatchFound: the rule wants FavouriteAdded" in other
    assert "NotifierDlq" in console["queues"]
    sample = console["sample"]
    assert "valid" in sample["line"].split()
    assert sample["payload"]["detail-type"] == sample["schema"] == "RoomDecided"
    assert sample["payload"]["detail"]["metadata"]["idempotency_key"].startswith("sample:")
    assert console["complaints"] == []
    assert console["barriers"] == []
