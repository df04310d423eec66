"""The life of a room: its hours, extended or cut short by its host, and who may stay in it."""

from datetime import timedelta

import pytest

from matinee.errors import Unavailable
from matinee.media import MediaType
from rooms.domain.errors import (
    HostCannotBeRemoved,
    NotAParticipant,
    NotTheHost,
    ParticipantNotFound,
    RemovedFromRoom,
    RoomExpired,
)
from rooms.domain.life import CloseReason
from rooms.domain.room import Room
from rooms.events.published import (
    ParticipantLeft,
    ParticipantRemoved,
    RoomClosed,
    RoomExtended,
)
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.rooms_app import TRACE, RoomsApp

FILM = 101


def extend(app: RoomsApp, room: Room, hours: int, user: str = "ann") -> Room:
    return app.use_cases.extend_room(user, room.id, timedelta(hours=hours), TRACE)


def close(app: RoomsApp, room: Room, user: str = "ann") -> Room:
    return app.use_cases.close_room(user, room.id, TRACE)


def remove(app: RoomsApp, room: Room, whom: str, user: str = "ann") -> Room:
    return app.use_cases.remove_participant(user, room.id, whom, TRACE)


def closed(app: RoomsApp) -> list[tuple[str, CloseReason]]:
    return [(event.room_id, event.reason) for event in app.tables.events(RoomClosed)]


def test_a_room_closes_after_as_many_hours_as_it_was_given() -> None:
    app = RoomsApp()
    command = CreateRoom(MediaType.MOVIE, (), 2, 10, ttl=timedelta(hours=72))

    room, _ = app.use_cases.create_room("ann", command, TRACE)

    assert room.expires_at - room.created_at == timedelta(hours=72)


def test_an_extended_room_goes_on_after_its_first_hours() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    extend(app, room, 48)
    app.tables.now.advance(hours=30)

    app.vote(room, FILM, "ann", "bob")
    app.use_cases.join_room("cid", room.code, TRACE)
    app.deliver()

    [event] = app.tables.events(RoomExtended)
    assert event.expires_at == room.created_at + timedelta(hours=48)
    assert FILM in app.matches
    assert [found.id for found in app.use_cases.rooms.list_by_user("cid", 20, None)] == [room.id]


def test_extending_again_or_by_less_changes_nothing() -> None:
    app = RoomsApp()
    room = app.room("ann")
    extended = extend(app, room, 48)

    assert extend(app, room, 48) == extended
    assert extend(app, room, 1) == extended

    assert len(app.tables.events(RoomExtended)) == 1


def test_a_room_closes_at_a_whole_second_as_it_is_stored() -> None:
    app = RoomsApp()
    app.tables.now.advance(milliseconds=775)
    room = app.room("ann")

    extended = extend(app, room, 48)

    assert room.created_at.microsecond
    assert (room.expires_at.microsecond, extended.expires_at.microsecond) == (0, 0)


def test_the_code_of_an_extended_room_is_not_given_to_another() -> None:
    app = RoomsApp()
    room = app.room("ann")
    extend(app, room, 48)
    app.tables.now.advance(hours=30)
    app.codes.random.seed(1)

    other = app.room("bob")

    assert other.code != room.code


def test_a_closed_room_refuses_everything_but_to_be_read() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, FILM, "ann", "bob")
    app.deliver()

    close(app, room)

    use_cases = app.use_cases
    for act in (
        lambda: app.vote(room, 102, "ann"),
        lambda: use_cases.join_room("cid", room.code, TRACE),
        lambda: use_cases.leave_room("bob", room.id, TRACE),
        lambda: use_cases.deal_more("ann", room.id, None, TRACE),
        lambda: use_cases.decide_room.decide("ann", room.id, FILM, TRACE),
        lambda: use_cases.decide_room.propose("bob", room.id, FILM, TRACE),
        lambda: extend(app, room, 48),
        lambda: remove(app, room, "bob"),
    ):
        with pytest.raises(RoomExpired):
            act()
    assert use_cases.rooms.get("bob", room.id).closed is CloseReason.CLOSED_BY_HOST
    assert use_cases.matches.list_by_room(use_cases.rooms.get("bob", room.id))
    assert use_cases.rooms.list_by_user("ann", 20, None) == []


def test_what_a_leave_has_agreed_on_is_found_before_the_room_closes() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob")
    app.use_cases.leave_room("cid", room.id, TRACE)

    close(app, room)

    assert FILM in app.matches


def test_closing_twice_is_told_once() -> None:
    app = RoomsApp()
    room = app.room("ann")

    first = close(app, room)
    app.tables.now.advance(hours=1)

    assert close(app, room) == first
    assert app.close_expired(TRACE) == 0
    assert closed(app) == [(room.id, CloseReason.CLOSED_BY_HOST)]


def test_the_key_of_a_closed_room_s_request_creates_another() -> None:
    app = RoomsApp()
    command = CreateRoom(MediaType.MOVIE, (), 2, 10, idempotency_key="tonight")
    room, _ = app.use_cases.create_room("ann", command, TRACE)
    close(app, room)

    other, _ = app.use_cases.create_room("ann", command, TRACE)

    assert other.id != room.id
    assert app.use_cases.create_room("ann", command, TRACE)[0].id == other.id


def test_a_room_whose_time_is_over_is_told_once_with_that_time() -> None:
    app = RoomsApp()
    room, other = app.room("ann", "bob"), app.room("cid")
    extend(app, other, 48, "cid")
    app.tables.now.advance(hours=24)
    app.tables.now.advance(seconds=30)

    assert app.close_expired(TRACE) == 1
    assert app.close_expired(TRACE) == 0

    [event] = app.tables.events(RoomClosed)
    assert (event.room_id, event.reason) == (room.id, CloseReason.EXPIRED)
    assert (event.closed_at, event.participant_count) == (room.expires_at, 2)


def test_a_room_whose_last_participant_is_erased_is_told_as_closed() -> None:
    app = RoomsApp()
    room = app.room("ann")

    app.erase("ann")
    app.close_expired(TRACE)

    assert closed(app) == [(room.id, CloseReason.EXPIRED)]


def test_a_room_that_cannot_be_closed_stops_no_other() -> None:
    app = RoomsApp()
    rooms = [app.room("ann"), app.room("bob")]
    app.tables.now.advance(hours=24)
    app.tables.conflicts = 20

    with pytest.raises(Unavailable):
        app.close_expired(TRACE)
    assert closed(app) == [(rooms[1].id, CloseReason.EXPIRED)]
    app.close_expired(TRACE)

    assert [room_id for room_id, _ in closed(app)] == [rooms[1].id, rooms[0].id]


def test_what_time_does_not_allow_is_closed_in_the_next_minute() -> None:
    app = RoomsApp()
    app.room("ann")
    app.tables.now.advance(hours=24)
    times = iter([0.0, 100.0, 100.0, 100.0])
    object.__setattr__(app.close_expired, "timer", lambda: next(times))

    assert app.close_expired(TRACE) == 0
    assert app.close_expired(TRACE) == 1


def test_who_is_removed_stays_out_and_their_votes_count_no_more() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", no=("cid",))

    remove(app, room, "cid")
    app.deliver()

    assert FILM in app.matches
    with pytest.raises(RemovedFromRoom):
        app.use_cases.join_room("cid", room.code, TRACE)
    with pytest.raises(NotAParticipant):
        app.vote(room, 102, "cid")
    with pytest.raises(NotAParticipant):
        app.use_cases.rooms.get("cid", room.id)


def test_a_removal_is_told_as_a_leave_too_in_one_commit() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")

    without = remove(app, room, "bob")
    assert remove(app, room, "bob") == without

    [left], [removed] = app.tables.events(ParticipantLeft), app.tables.events(ParticipantRemoved)
    assert left.removed is True
    assert left.room_version == removed.room_version == without.version
    assert (removed.user_id, removed.removed_by, removed.participant_count) == ("bob", "ann", 1)


def test_who_leaves_by_themselves_is_not_told_as_removed() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")

    app.use_cases.leave_room("bob", room.id, TRACE)

    [left] = app.tables.events(ParticipantLeft)
    assert left.removed is None
    assert not app.tables.events(ParticipantRemoved)


def test_the_host_alone_decides_on_a_room_s_life() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")

    for user, error in (("bob", NotTheHost), ("eve", NotAParticipant)):
        with pytest.raises(error):
            extend(app, room, 48, user)
        with pytest.raises(error):
            close(app, room, user)
        with pytest.raises(error):
            remove(app, room, "cid", user)
    with pytest.raises(HostCannotBeRemoved):
        remove(app, room, "ann")
    with pytest.raises(ParticipantNotFound):
        remove(app, room, "eve")

    assert app.tables.rooms[room.id] == room


def test_a_removed_user_s_account_leaves_no_trace_in_the_room() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    remove(app, room, "bob")

    app.erase("bob")

    assert app.tables.rooms[room.id].removed == ()
    assert ("bob", room.id) not in app.tables.visits


def test_open_rooms_are_listed_beyond_a_page_of_closed_ones() -> None:
    app = RoomsApp()
    first = app.room("ann")
    for _ in range(3):
        close(app, app.room("ann"))

    found = app.use_cases.rooms.list_by_user("ann", 2, None)

    assert [room.id for room in found] == [first.id]
