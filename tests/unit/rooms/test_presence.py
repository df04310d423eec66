"""Who is at a room, since when, and how far they have come."""

from typing import Any

import pytest

from matinee.clock import iso
from matinee.graphql import resolve
from matinee.retry import WriteConflict
from rooms.api.resolvers import resolvers
from rooms.domain.errors import RoomBusy
from rooms.domain.presence import PRESENCE_TIMEOUT
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms import films
from tests.fakes.rooms_app import TRACE, RoomsApp

PEOPLE = ("people", "people/joinedAt", "people/isPresent", "people/progress")


def ask(
    app: RoomsApp, field: str, arguments: dict[str, Any], *selection: str, by: str = "ann"
) -> dict[str, Any]:
    event = call(field, arguments, identity=signed_in(by), selection=selection or PEOPLE)
    return resolve(event, resolvers(app.use_cases))


def people(app: RoomsApp, room_id: str) -> dict[str, dict[str, Any]]:
    shown = ask(app, "getRoom", {"id": room_id})["data"]["people"]
    return {person["userId"]: person for person in shown}


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def test_people_show_when_they_joined(app: RoomsApp) -> None:
    room = app.room("ann")
    app.tables.now.advance(seconds=7)
    app.use_cases.join_room("bob", room.code, TRACE)

    shown = people(app, room.id)

    assert shown["ann"]["joinedAt"] == iso(room.created_at)
    assert shown["bob"]["joinedAt"] == iso(app.tables.now())


def test_whoever_is_silent_for_thirty_seconds_is_absent_and_keeps_their_seat(
    app: RoomsApp,
) -> None:
    room = app.room("ann", "bob")
    app.tables.now.advance(seconds=29)
    assert people(app, room.id)["bob"]["isPresent"]
    until = ask(app, "heartbeat", {"roomId": room.id})["data"]
    app.tables.now.advance(seconds=1)

    shown = people(app, room.id)

    assert (shown["ann"]["isPresent"], shown["bob"]["isPresent"]) == (True, False)
    assert until == iso(app.tables.now() + PRESENCE_TIMEOUT - (PRESENCE_TIMEOUT / 30))
    assert app.tables.rooms[room.id].participants == ("ann", "bob")


def test_a_heartbeat_brings_somebody_back(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.tables.now.advance(minutes=5)
    told = len(app.tables.outbox)

    ask(app, "heartbeat", {"roomId": room.id}, by="bob")

    assert people(app, room.id)["bob"]["isPresent"]
    assert len(app.tables.outbox) == told, "nobody is told"


def test_whoever_returns_has_joined_then(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.use_cases.leave_room("bob", room.id, TRACE)
    assert "bob" not in people(app, room.id)
    app.tables.now.advance(minutes=5)

    app.use_cases.join_room("bob", room.code, TRACE)

    shown = people(app, room.id)["bob"]
    assert (shown["joinedAt"], shown["isPresent"]) == (iso(app.tables.now()), True)


@pytest.mark.parametrize(
    ("by", "hours", "error"), [("eve", 0, "NotAParticipant"), ("ann", 24, "RoomExpired")]
)
def test_a_heartbeat_is_refused(app: RoomsApp, by: str, hours: int, error: str) -> None:
    room = app.room("ann", "bob")
    app.tables.now.advance(hours=hours)

    assert ask(app, "heartbeat", {"roomId": room.id}, by=by)["error"]["type"] == error


def test_a_heartbeat_beside_one_s_own_vote_is_repeated(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.tables.conflicts = 3

    assert "data" in ask(app, "heartbeat", {"roomId": room.id})
    assert len(app.pauses) == 3


def test_a_heartbeat_that_never_gets_through_says_so(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.tables.conflicts = 1000

    with pytest.raises(RoomBusy) as busy:
        app.use_cases.heartbeat("ann", room.id)
    assert not isinstance(busy.value, WriteConflict)


def test_progress_counts_the_candidates_that_somebody_voted_on(app: RoomsApp) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, 101, "ann", "bob")
    app.vote(room, 102, no=("ann",))
    app.vote(room, 102, no=("ann",))

    shown = people(app, room.id)

    assert {user: person["progress"] for user, person in shown.items()} == {
        "ann": {"voted": 2, "of": 3},
        "bob": {"voted": 1, "of": 3},
        "cid": {"voted": 0, "of": 3},
    }


def test_a_vote_that_is_taken_back_does_not_count(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann")

    app.take_back(room, 101, "ann")

    assert people(app, room.id)["ann"]["progress"] == {"voted": 0, "of": 3}


def test_of_grows_with_what_is_dealt(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann")
    app.catalog.offers = films(9)

    dealt = ask(app, "dealMore", {"roomId": room.id}, *PEOPLE)["data"]

    assert [one["progress"]["voted"] for one in dealt["people"]] == [1, 0]
    assert {one["progress"]["of"] for one in dealt["people"]} == {len(dealt["candidates"])}


@pytest.mark.parametrize("field", ["presence", "one of the tallies"])
def test_nothing_is_read_that_was_not_asked_for(app: RoomsApp, field: str) -> None:
    room = app.room("ann", "bob")
    app.tables.reads.clear()

    ask(app, "getRoom", {"id": room.id}, "people", "people/userId", "people/isHost")

    assert app.tables.reads[field] == 0


def test_somebody_of_before_joined_at_no_known_time(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.tables.presence.clear()

    shown = people(app, room.id)["ann"]

    assert (shown["joinedAt"], shown["isPresent"]) == (None, False)
