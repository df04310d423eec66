"""The record of a long run: continued by another call, and true to the code of today."""

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation import record
from tests.simulation.record import Record, Tally
from tests.simulation.scheduler import Point

VOTE = Point("RoomsApiFunction", "dynamodb.GetItem", "RoomsTable", "rooms.py:get")
GONE = Point("RoomsApiFunction", "dynamodb.Scan", "RoomsTable", "rooms.py:list")


def tally(histories: int, *points: Point, killed: tuple[Point, ...] = ()) -> Tally:
    return Tally("s", histories, 2.0, 4.0, Counter(), Counter(), Counter(points), Counter(killed))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(record, "_commit", lambda: "abc")
    return tmp_path / "simulation.json"


def test_a_record_goes_on_where_it_stopped(path: Path) -> None:
    first = Record.read("s", path)
    first.add(tally(250, VOTE), 0)
    first.write()

    then = Record.read("s", path)
    then.add(tally(250, VOTE, killed=(VOTE,)), then.end)
    then.write()

    found = Record.read("s", path)
    assert (found.end, found.whole().histories, found.whole().missed) == (500, 500, [])
    assert "| 0 to 499 |" in path.with_suffix(".md").read_text(encoding="utf-8")
    assert Record.read("another seed", path).end == 0


def test_calls_that_are_no_more_are_not_missed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it = Record.read("s", path)
    it.add(tally(10, VOTE, GONE, killed=(VOTE,)), 0)
    monkeypatch.setattr(record, "_commit", lambda: "def")
    it.add(tally(10, VOTE), 10)

    assert it.whole().points == {VOTE: 2}
    assert it.whole().missed == []


def test_a_wrong_history_stays_in_the_record(path: Path) -> None:
    it = Record.read("s", path)
    it.add(tally(3), 0, "s/2")
    it.add(tally(3), 3)

    assert "Wrong: s/2." in it.page()
