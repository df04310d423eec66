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
from tools.ops.events.environment import Environment

type Json = dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A product of its own: the titles that other tests invent have no posters."""
    with LocalStack.start(tmp_path_factory.mktemp("evening")) as local:
        fill(Stack.load(local.folders.stack_file))
        yield Environment.here(local.folders.stack_file)


@pytest.fixture
def seen(place: Environment, films: list[Json], tmp_path: Path) -> Json:
    """What people saw; one of them imported a list of four films."""
    liked = tmp_path / "likes" / "films.csv"
    liked.parent.mkdir()
    rows = [(it["title"], it["release_date"][:4], "https://boxd.it/x") for it in films[:4]]
    liked.write_bytes(table("Name,Year,Letterboxd URI", *rows))
    app = f"{place.endpoint}/_matinee/app/"
    shown: Json = json.loads(run_node("evening.mjs", chromium(), app, str(liked)))
    for body in ("no event", "no event either"):
        place.client("sqs").send_message(QueueUrl=place.physical("NotifierDlq"), MessageBody=body)
    console: Json = json.loads(run_node("console.mjs", chromium(), app))
    return shown | {"films": [it["title"] for it in films[:4]], "console": console}


def test_an_evening_in_four_browsers_and_a_developer_in_the_console(
    seen: Json, place: Environment
) -> None:
    assert len(seen["matches"]) == 4
    assert all(seen["matches"])
    assert len(set(seen["decisions"])) == 1  # also for who had no network when it was made
    decided = f"We are watching {seen['decisions'][0]}."
    (evening, *same) = (told[told.index(decided) :] for told in seen["told"])
    assert all(told == evening for told in same)  # latest first; also for who was away
    assert any(line.startswith("A match: ") for line in evening)
    assert not any(seen["reloaded"])
    assert seen["reconnected"]["connections"] > 1
    assert seen["reconnected"]["asked"]  # the feed, for what was missed
    assert "Genres" in seen["card"]
    assert seen["marked"]  # what was marked as seen while swiping is on that list
    assert seen["crew"]["evening"] == seen["decisions"][0]
    assert seen["crew"]["invitation"] == "Tuesdays invites you"
    assert len(seen["crew"]["members"]) == 3  # no guest
    assert seen["stayed"]
    assert sorted(seen["imported"]) == sorted(seen["films"])
    assert seen["saved"] == {"region": "DE", "platform": "true"}
    assert "push.example.com" in seen["notified"]["device"]
    assert seen["notified"]["shown"] == {
        "title": "It's a match!",
        "body": "For you.",
        "place": "rooms/r",
    }
    assert seen["complaints"] == []
    assert seen["barriers"] == []
    assert_seen_in_the_console(seen["console"])
    assert_replayed_to_one_rule(place, seen["console"]["replay"])


def assert_seen_in_the_console(console: Json) -> None:
    """Check what a developer saw of the evening afterwards."""
    assert {"rooms", "catalog"} <= set(console["waterfall"]["services"])  # names may be cached
    assert any(text.startswith("after 0 ms, took ") for text in console["waterfall"]["latencies"])
    assert '"field": "createRoom"' in console["waterfall"]["log"]
    assert {"library", "recommender"} <= set(console["heard"]["services"])
    assert any("TasteProjectorFunction" in line for line in console["heard"]["logs"])
    (taker,) = [rule for rule in console["rules"] if "NotifierRule" in rule]
    assert taker.startswith("takes it")
    assert "replay-name is not there, and must not be." in taker
    (other,) = [rule for rule in console["rules"] if "TasteProjectorRule" in rule]
    assert other.startswith("does not take it")
    assert "detail-type is MatchFound: the rule wants FavouriteAdded" in other
    assert "NotifierDlq" in console["queues"]["names"]
    assert console["queues"]["before"] == 0  # the reason is there since it was redriven
    sample = console["sample"]
    assert "valid" in sample["line"].split()
    assert sample["payload"]["detail-type"] == sample["schema"] == "RoomDecided"
    assert sample["payload"]["detail"]["metadata"]["idempotency_key"].startswith("sample:")
    assert console["complaints"] == []
    assert console["barriers"] == []


def assert_replayed_to_one_rule(place: Environment, name: str) -> None:
    """Check that the console's replay went to the chosen rule alone."""
    events = place.client("events")
    (rule,) = events.describe_replay(ReplayName=name)["Destination"]["FilterArns"]
    assert "TasteProjectorRule" in rule
