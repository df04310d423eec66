"""The match detector's reaction to each event, over fakes of the tables."""

import pytest

from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.observability import metrics
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomCreated,
    VoteCast,
)
from rooms.use_cases.retry import BACKOFF
from tests.fakes.clock import NOON, identifier
from tests.fakes.rooms_app import TRACE, RoomsApp


def event_of(data: Contract) -> Envelope[Contract]:
    return create_envelope(
        data, event_id="e", occurred_at=NOON, trace=Trace("t"), idempotency_key="k"
    )


def last(app: RoomsApp, contract: type[Contract]) -> Envelope[Contract]:
    return [event for event in app.tables.outbox if isinstance(event.data, contract)][-1]


def test_a_vote_without_agreement_makes_no_match() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann")

    app.detect_match(last(app, VoteCast))

    assert len(app.matches) == 0


def test_a_match_is_recorded_for_the_room_and_each_user() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")

    app.detect_match(last(app, VoteCast))

    match = app.tables.matches[room.id, 101]
    assert app.tables.user_matches == {
        "ann": {match.match_id: match},
        "bob": {match.match_id: match},
    }
    assert len(app.tables.events(MatchFound)) == 1


def test_a_match_reports_that_nobody_is_notified_of_it_yet() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")

    app.detect_match(last(app, VoteCast))

    assert metrics.metric_set["MatchesFound"]["Value"] == [1.0]
    assert metrics.metric_set["UsersNotified"]["Value"] == [0.0]


def test_a_repeated_event_records_nothing_more() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    for _ in range(3):
        for event in [e for e in app.tables.outbox if isinstance(e.data, VoteCast)]:
            app.detect_match(event)

    assert len(app.matches) == 1
    assert len(app.tables.events(MatchFound)) == 1


def test_a_late_event_still_records_the_match() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    agreed = last(app, VoteCast)
    app.vote(room, 101, no=("ann",))
    app.use_cases.leave_room("bob", room.id, TRACE)

    app.detect_match(agreed)

    assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob")


def test_a_vote_without_a_match_costs_the_detector_one_read() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    app.vote(room, 101, "ann")
    app.tables.reads.clear()

    app.detect_match(last(app, VoteCast))

    assert dict(app.tables.reads) == {"tally": 1}


@pytest.mark.parametrize("times", [1, BACKOFF.attempts - 1])
def test_recording_a_match_is_retried_after_conflicts(times: int) -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    app.tables.conflicts = times

    app.detect_match(last(app, VoteCast))

    assert 101 in app.matches


def test_too_many_conflicts_leave_the_event_to_the_queue() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    app.tables.conflicts = BACKOFF.attempts

    with pytest.raises(Unavailable):
        app.detect_match(last(app, VoteCast))

    assert len(app.matches) == 0


def test_a_leave_can_complete_a_match() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    app.vote(room, 102, "ann", "bob", no=("cid",))
    app.use_cases.leave_room("cid", room.id, TRACE)

    app.detect_match(last(app, ParticipantLeft))

    match = app.tables.matches[room.id, 102]
    found = last(app, MatchFound)
    assert match.matched_users == ("ann", "bob")
    assert found.metadata.causation_id == last(app, ParticipantLeft).metadata.event_id
    assert app.tables.tallies[room.id, 102].agreement is not None


def test_a_return_can_complete_a_match_of_three() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid", at_least=3)
    app.vote(room, 101, "ann", "cid")
    app.use_cases.leave_room("cid", room.id, TRACE)
    app.vote(room, 101, "bob")
    app.deliver()
    assert len(app.matches) == 0

    app.use_cases.join_room("cid", room.code, TRACE)
    app.detect_match(last(app, ParticipantJoined))

    assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob", "cid")


def test_a_match_is_detected_after_the_room_has_closed() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob", "cid")
    app.vote(room, 101, "ann", "bob")
    app.use_cases.leave_room("cid", room.id, TRACE)
    app.tables.now.advance(hours=30)

    app.deliver()

    assert 101 in app.matches


@pytest.mark.parametrize("version", [7, 1_000])
def test_an_event_newer_than_what_is_read_is_retried(version: int) -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann")
    vote = last(app, VoteCast)
    joined = last(app, ParticipantJoined)
    assert isinstance(vote.data, VoteCast)
    assert isinstance(joined.data, ParticipantJoined)

    with pytest.raises(Unavailable):
        app.detect_match(event_of(vote.data.model_copy(update={"tally_version": version})))
    with pytest.raises(Unavailable):
        app.detect_match(event_of(joined.data.model_copy(update={"room_version": version})))


@pytest.mark.parametrize(
    "data",
    [
        VoteCast(room_id=identifier(9), user_id="ann", movie_id=1, vote=True, tally_version=1),
        ParticipantLeft(room_id=identifier(9), user_id="ann", participant_count=1, room_version=2),
    ],
)
def test_an_event_of_a_missing_room_is_unprocessable(data: Contract) -> None:
    with pytest.raises(Unprocessable):
        RoomsApp().detect_match(event_of(data))


def test_an_unexpected_event_is_unprocessable() -> None:
    app = RoomsApp()
    app.room("ann")

    with pytest.raises(Unprocessable):
        app.detect_match(last(app, RoomCreated))


def test_an_agreement_is_recorded_once() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")

    app.use_cases.join_room("cid", room.code, TRACE)

    assert app.tables.events(MatchFound) == []
    app.deliver()
    assert len(app.tables.events(MatchFound)) == 1


def test_the_match_has_the_id_that_the_vote_returned() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann")
    _, answered = app.use_cases.cast_vote("bob", room.id, 101, TRACE, yes=True)

    app.detect_match(last(app, VoteCast))

    assert answered is not None
    assert app.tables.matches[room.id, 101].match_id == answered.match_id
