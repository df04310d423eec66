"""A user's own rooms, votes and matches, part by part, and nobody else's votes."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.clock import iso
from rooms.handlers import export
from rooms.use_cases.export_user import MAX_MATCHES_PER_PART, MAX_ROOMS_PER_PART, UserDataExporter
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.devices import AUTH, a_device
from tests.fakes.rooms import FakeRoomHistory
from tests.fakes.rooms_app import TRACE, RoomsApp

CONTEXT = cast("LambdaContext", FakeLambdaContext())

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> RoomsApp:
    app = RoomsApp()
    history = FakeRoomHistory(app.tables)
    exporter = UserDataExporter(
        rooms=app.rooms,
        votes=app.votes,
        matches=app.matches,
        proposals=app.decisions,
        decisions=app.decisions,
        history=history,
        accounts=history,
        devices=app.devices,
        presence=app.presence,
        feeds=app.feeds,
        crews=app.crews,
        invitations=app.invitations,
    )
    monkeypatch.setattr(export, "user_data_exporter", lambda: exporter)
    return app


def parts(user: str) -> Iterator[dict[str, Any]]:
    """Yield all parts, as the library asks for them."""
    cursor: dict[str, str] = {}
    while True:
        part = export.handler({"userId": user, **cursor}, CONTEXT)["data"]
        yield part
        if not part["next"]:
            return
        cursor = {"cursor": part["next"]}


def test_rooms_with_own_votes_come_first_then_matches(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    app.vote(room, 102, "ann")
    app.deliver()

    rooms, matches, _ = parts("ann")

    [found] = rooms["rooms"]
    assert (found["id"], found["participants"]) == (room.id, ["ann", "bob"])
    assert {(vote["userId"], vote["movieId"]) for vote in found["votes"]} == {
        ("ann", 101),
        ("ann", 102),
    }
    assert [match["movieId"] for match in matches["matches"]] == [101]
    assert (rooms["matches"], matches["rooms"]) == ([], [])


def test_proposals_stand_by_their_rooms_and_decisions_come_last(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.use_cases.decide_room.propose("ann", room.id, 102, TRACE)
    app.use_cases.decide_room.decide("ann", room.id, 101, TRACE)

    rooms, _, decisions = parts("ann")

    assert [found["proposal"] for found in rooms["rooms"]] == [102]
    assert [found["movieId"] for found in decisions["decisions"]] == [101]


def test_devices_come_with_the_first_part_and_all_that_is_kept(app: RoomsApp) -> None:
    app.devices.save(a_device("ann"), None)
    app.devices.save(a_device("bob"), None)

    first, *others = parts("ann")

    [device] = first["devices"]
    assert (device["deviceId"], device["keys"]["auth"]) == ("phone", AUTH)
    assert not any(part["devices"] for part in others)


def test_when_they_were_there_and_what_the_feed_says_of_them_is_in_it(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    app.settle()

    [found] = next(parts("bob"))["rooms"]

    assert found["joinedAt"] == found["seenAt"] == iso(room.created_at)
    assert [(entry["kind"], entry["userId"]) for entry in found["feed"]] == [
        ("JOINED", "bob"),
        ("PROGRESS", "bob"),
    ]


def test_a_room_that_was_left_is_in_it(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.use_cases.leave_room("bob", room.id, TRACE)

    assert [found["id"] for found in next(parts("bob"))["rooms"]] == [room.id]


def test_many_rooms_are_exported_without_gap_or_repetition(app: RoomsApp) -> None:
    rooms = [app.room("ann").id for _ in range(MAX_ROOMS_PER_PART + 3)]

    found = [[room["id"] for room in part["rooms"]] for part in parts("ann")]

    assert [len(ids) for ids in found] == [MAX_ROOMS_PER_PART, 3, 0, 0]
    assert sorted(sum(found, [])) == sorted(rooms)
    assert len(rooms) < MAX_MATCHES_PER_PART


@pytest.mark.usefixtures("app")
def test_who_has_nothing_gets_empty_parts() -> None:
    kinds = ("rooms", "matches", "decisions")

    assert [[part[kind] for kind in kinds] for part in parts("cleo")] == [[[], [], []]] * 3


def test_a_deleted_user_gets_nothing(app: RoomsApp) -> None:
    app.tables.blocked["ann"] = app.tables.now()

    answer = export.handler({"userId": "ann"}, CONTEXT)

    assert answer["error"]["type"] == "AccountDeleted"
