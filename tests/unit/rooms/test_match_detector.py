"""What the detector makes of each event, over fakes of the tables."""

import pytest

from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomCreated,
    VoteCast,
)
from rooms.use_cases.create_room import ATTEMPTS
from tests.fakes.clock import NOON, identifier
from tests.fakes.house import TRACE, House


def told(data: Contract) -> Envelope[Contract]:
    return create_envelope(
        data, event_id="e", occurred_at=NOON, trace=Trace("t"), idempotency_key="k"
    )


def last(house: House, contract: type[Contract]) -> Envelope[Contract]:
    return [event for event in house.world.outbox if isinstance(event.data, contract)][-1]


def test_a_vote_without_agreement_makes_no_match() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann")

    house.detector.handle(last(house, VoteCast))

    assert len(house.matches) == 0


def test_the_last_yes_is_recorded_once_for_the_room_and_for_each_user() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")

    house.detector.handle(last(house, VoteCast))

    match = house.world.matches[room.id, 101]
    assert house.world.inboxes == {
        "ann": {match.match_id: match},
        "bob": {match.match_id: match},
    }
    assert len(house.world.events(MatchFound)) == 1


def test_the_same_vote_told_again_records_nothing_more() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")
    for _ in range(3):
        for event in [e for e in house.world.outbox if isinstance(e.data, VoteCast)]:
            house.detector.handle(event)

    assert len(house.matches) == 1
    assert len(house.world.events(MatchFound)) == 1


def test_a_vote_that_arrives_after_a_change_of_mind_still_makes_the_match_that_was() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")
    agreed = last(house, VoteCast)
    house.vote(room, 101, no=("ann",))
    house.service.leave("bob", room.id, TRACE)

    house.detector.handle(agreed)

    assert house.world.matches[room.id, 101].matched_users == ("ann", "bob")


def test_a_vote_costs_the_detector_one_read_unless_it_made_a_match() -> None:
    house = House()
    room = house.room("ann", "bob", "cid")
    house.vote(room, 101, "ann")
    house.world.reads.clear()

    house.detector.handle(last(house, VoteCast))

    assert dict(house.world.reads) == {"tally": 1}


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_match_that_meets_other_writes_is_tried_again_at_once(times: int) -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")
    house.world.conflicts = times

    house.detector.handle(last(house, VoteCast))

    assert 101 in house.matches


def test_too_many_contentions_leave_the_event_to_the_queue() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")
    house.world.conflicts = ATTEMPTS

    with pytest.raises(Unavailable):
        house.detector.handle(last(house, VoteCast))

    assert len(house.matches) == 0


def test_a_departure_that_leaves_agreement_is_a_match_without_a_vote() -> None:
    house = House()
    room = house.room("ann", "bob", "cid")
    house.vote(room, 102, "ann", "bob", no=("cid",))
    house.service.leave("cid", room.id, TRACE)

    house.detector.handle(last(house, ParticipantLeft))

    match = house.world.matches[room.id, 102]
    found = last(house, MatchFound)
    assert match.matched_users == ("ann", "bob")
    assert found.metadata.causation_id == last(house, ParticipantLeft).metadata.event_id
    assert house.world.tallies[room.id, 102].agreement is not None


def test_a_return_can_make_a_match_where_three_are_asked_for() -> None:
    house = House()
    room = house.room("ann", "bob", "cid", at_least=3)
    house.vote(room, 101, "ann", "cid")
    house.service.leave("cid", room.id, TRACE)
    house.vote(room, 101, "bob")
    house.deliver()
    assert len(house.matches) == 0

    house.service.join("cid", room.code, TRACE)
    house.detector.handle(last(house, ParticipantJoined))

    assert house.world.matches[room.id, 101].matched_users == ("ann", "bob", "cid")


def test_a_match_found_after_the_room_has_closed_is_still_found() -> None:
    house = House()
    room = house.room("ann", "bob", "cid")
    house.vote(room, 101, "ann", "bob")
    house.service.leave("cid", room.id, TRACE)
    house.world.now.advance(hours=30)

    house.deliver()

    assert 101 in house.matches


@pytest.mark.parametrize("version", [7, 1_000])
def test_an_event_that_is_ahead_of_what_can_be_read_is_not_taken_for_handled(version: int) -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann")
    vote = last(house, VoteCast)
    joined = last(house, ParticipantJoined)
    assert isinstance(vote.data, VoteCast)
    assert isinstance(joined.data, ParticipantJoined)

    with pytest.raises(Unavailable):
        house.detector.handle(told(vote.data.model_copy(update={"tally_version": version})))
    with pytest.raises(Unavailable):
        house.detector.handle(told(joined.data.model_copy(update={"room_version": version})))


@pytest.mark.parametrize(
    "data",
    [
        VoteCast(room_id=identifier(9), user_id="ann", movie_id=1, vote=True, tally_version=1),
        ParticipantLeft(room_id=identifier(9), user_id="ann", participant_count=1, room_version=2),
    ],
)
def test_an_event_of_a_room_that_is_gone_can_never_be_handled(data: Contract) -> None:
    with pytest.raises(Unprocessable):
        House().detector.handle(told(data))


def test_an_event_that_is_none_of_its_business_can_never_be_handled() -> None:
    house = House()
    house.room("ann")

    with pytest.raises(Unprocessable):
        house.detector.handle(last(house, RoomCreated))


def test_an_agreement_that_a_vote_has_noted_is_not_settled_a_second_time() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann", "bob")

    house.service.join("cid", room.code, TRACE)

    assert house.world.events(MatchFound) == []
    house.deliver()
    assert len(house.world.events(MatchFound)) == 1


def test_the_match_has_the_id_that_the_vote_was_answered() -> None:
    house = House()
    room = house.room("ann", "bob")
    house.vote(room, 101, "ann")
    _, answered = house.service.vote("bob", room.id, 101, TRACE, yes=True)

    house.detector.handle(last(house, VoteCast))

    assert answered is not None
    assert house.world.matches[room.id, 101].match_id == answered.match_id
