"""What a room decides to watch: the host alone or a majority, once, told like a match."""

import pytest

from rooms.domain.decision import DecidedBy
from rooms.domain.errors import (
    AlreadyDecided,
    NotACandidate,
    NotAParticipant,
    NotTheHost,
    RoomExpired,
)
from rooms.domain.room import Room
from rooms.events.published import RoomDecided
from tests.fakes.rooms_app import TRACE, RoomsApp


def propose(app: RoomsApp, room: Room, movie_id: int, *users: str) -> None:
    for user in users:
        app.use_cases.decide_room.propose(user, room.id, movie_id, TRACE)


def decided(app: RoomsApp) -> list[tuple[int, str]]:
    return [(event.movie_id, event.decided_by) for event in app.tables.events(RoomDecided)]


def test_more_than_half_of_those_in_the_room_decide() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid", "dee")

    propose(app, room, 101, "bob", "cid")
    assert decided(app) == []
    propose(app, room, 101, "dee")

    assert decided(app) == [(101, DecidedBy.MAJORITY)]


def test_a_later_proposal_takes_the_place_of_the_first() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    propose(app, room, 101, "ann")
    propose(app, room, 102, "ann")

    propose(app, room, 101, "bob")

    assert decided(app) == []


def test_a_majority_that_somebody_s_leaving_makes_decides() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    propose(app, room, 101, "ann")
    app.use_cases.leave_room("cid", room.id, TRACE)
    app.use_cases.leave_room("bob", room.id, TRACE)

    app.deliver()

    assert decided(app) == [(101, DecidedBy.MAJORITY)]
    assert "bob" not in app.tables.user_decisions


def test_a_majority_comes_before_the_host_who_is_later() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid", "dee")
    propose(app, room, 101, "bob", "cid")
    app.use_cases.leave_room("dee", room.id, TRACE)

    with pytest.raises(AlreadyDecided):
        app.use_cases.decide_room.decide("ann", room.id, 102, TRACE)

    assert decided(app) == [(101, DecidedBy.MAJORITY)]


def test_the_same_decision_again_changes_nothing() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    first = app.use_cases.decide_room.decide("ann", room.id, 101, TRACE)

    assert app.use_cases.decide_room.decide("ann", room.id, 101, TRACE) == first
    _, proposals = app.use_cases.decide_room.propose("bob", room.id, 101, TRACE)

    assert proposals.decision == first
    assert len(decided(app)) == 1


def test_everybody_in_the_room_is_told_once() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.use_cases.decide_room.decide("ann", room.id, 101, TRACE)
    app.deliver()
    app.delivered = 0
    app.deliver()

    assert sorted(app.publisher.decisions) == [("ann", room.id), ("bob", room.id)]


def test_only_the_host_decides_and_only_on_candidates_of_an_open_room() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    decide = app.use_cases.decide_room.decide

    with pytest.raises(NotTheHost):
        decide("bob", room.id, 101, TRACE)
    with pytest.raises(NotAParticipant):
        decide("eve", room.id, 101, TRACE)
    with pytest.raises(NotACandidate):
        decide("ann", room.id, 999, TRACE)
    app.tables.now.advance(hours=24)
    with pytest.raises(RoomExpired):
        decide("ann", room.id, 101, TRACE)

    assert len(app.decisions) == 0


def test_a_deleted_user_s_proposals_and_decisions_are_erased() -> None:
    app = RoomsApp()
    room, other = app.room("ann", "bob", "cid", "dee"), app.room("ann", "bob")
    propose(app, room, 101, "cid", "ann")
    propose(app, other, 101, "bob", "ann")
    app.deliver()

    app.erase("ann")

    assert app.tables.proposals[room.id].of_users == {"cid": 101}
    assert app.tables.proposals[other.id].of_users == {"bob": 101}
    assert not app.tables.user_decisions["ann"]
    assert app.tables.user_decisions["bob"]


def test_a_vote_costs_the_same_where_there_are_proposals() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    propose(app, room, 101, "bob")
    app.tables.reads.clear()

    app.vote(room, 102, "ann")

    assert dict(app.tables.reads) == {"vote's room": 1, "vote's tally": 1}
