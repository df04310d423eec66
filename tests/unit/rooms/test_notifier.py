"""Every matched user's publisher hear of the match, once."""

from datetime import timedelta
from uuid import UUID

import pytest

from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import first_id_at
from matinee.media import MediaType
from rooms.events import consumed
from rooms.events.published import MatchFound, RoomCreated
from rooms.use_cases import notify_match
from rooms.use_cases.notify_match import MatchNotifier
from tests.fakes.clock import NOON, identifier
from tests.fakes.rooms import FakeIdempotency, FakeMatchPublisher
from tests.fakes.rooms_app import RoomsApp

ROOM = identifier(1)


def match_found(
    *users: str, match_id: str = "m", event_id: str = "e", cause: str | None = "cause"
) -> Envelope[Contract]:
    data = MatchFound(
        match_id=match_id,
        room_id=ROOM,
        movie_id=101,
        media_type=MediaType.MOVIE,
        title="Film 1",
        matched_users=list(users),
        matched_at=NOON,
    )
    trace = Trace("thread-1", cause)
    return create_envelope(
        data, event_id=event_id, occurred_at=NOON, trace=trace, idempotency_key="k"
    )


def test_every_matched_user_is_told_once_in_the_thread_of_the_request() -> None:
    publisher = FakeMatchPublisher()

    consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(match_found("ann", "bob"))

    assert sorted(publisher.published) == [("ann", ROOM, 101), ("bob", ROOM, 101)]
    assert set(publisher.correlation_ids) == {"thread-1"}


def test_fifty_users_are_all_told() -> None:
    publisher = FakeMatchPublisher()
    users = [f"user-{n}" for n in range(50)]

    consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(match_found(*users))

    assert sorted(user for user, _, _ in publisher.published) == sorted(users)


def test_an_event_that_comes_again_tells_nobody_again() -> None:
    publisher = FakeMatchPublisher()
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))

    notify(match_found("ann", "bob"))
    notify(match_found("ann", "bob", event_id="the same, published twice"))

    assert len(publisher.published) == 2


def test_one_who_cannot_be_reached_does_not_keep_it_from_the_others() -> None:
    publisher = FakeMatchPublisher(unreachable={"ann"})

    with pytest.raises(Unavailable):
        consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(
            match_found("ann", "bob", "cid")
        )

    assert "bob" in publisher
    assert "cid" in publisher
    assert "ann" not in publisher


def test_the_retry_tells_only_those_who_were_not_told() -> None:
    publisher = FakeMatchPublisher(unreachable={"bob"})
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))
    with pytest.raises(Unavailable):
        notify(match_found("ann", "bob", "cid"))
    publisher.unreachable.clear()

    notify(match_found("ann", "bob", "cid"))

    assert sorted(user for user, _, _ in publisher.published) == ["ann", "bob", "cid"]


def test_a_second_match_of_the_same_users_is_told_too() -> None:
    publisher = FakeMatchPublisher()
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))

    notify(match_found("ann", "bob", match_id="m1"))
    notify(match_found("ann", "bob", match_id="m2"))

    assert len(publisher.published) == 4


@pytest.mark.parametrize("fault", [UnicodeEncodeError("ascii", "é", 0, 1, "no"), ValueError("no")])
def test_whatever_goes_wrong_for_one_goes_wrong_for_this_one_alone(fault: Exception) -> None:
    class Odd(FakeMatchPublisher):
        def publish(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
            if user_id == "ann":
                raise fault
            super().publish(user_id, room_id, movie_id, correlation_id)

    publisher = Odd()

    with pytest.raises(Unavailable):
        consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(
            match_found("ann", "bob")
        )

    assert "bob" in publisher


def test_who_is_being_told_at_this_moment_is_not_told_by_another() -> None:
    publisher = FakeMatchPublisher()
    memory = FakeIdempotency(in_progress={"m:ann"})

    with pytest.raises(Unavailable):
        consumed.notify_match(MatchNotifier(publisher, memory))(match_found("ann", "bob"))

    assert "ann" not in publisher
    assert "bob" in publisher


def test_an_event_that_is_none_of_its_business_can_never_be_handled() -> None:
    app = RoomsApp()
    app.room("ann")
    [created] = app.tables.outbox
    assert isinstance(created.data, RoomCreated)

    with pytest.raises(Unprocessable):
        app.notify_match(created)


def test_the_whole_way_from_the_last_vote_to_both_phones() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")

    app.vote(room, 101, "ann", "bob")
    app.deliver()

    assert sorted(app.publisher.published) == [("ann", room.id, 101), ("bob", room.id, 101)]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    monkeypatch.setattr(
        notify_match, "measure", lambda name, milliseconds: found.append((name, milliseconds))
    )
    return found


def test_how_long_they_waited_is_counted_from_the_vote(measured: list[tuple[str, float]]) -> None:
    vote = first_id_at(NOON - timedelta(seconds=2))
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON + timedelta(seconds=1))
    )

    notify(match_found("ann", "bob", cause=uuid7_at(vote)))

    assert measured == [("VoteToNotification", 3000.0)]


def test_what_comes_back_from_the_dead_letters_says_nothing_of_how_fast_we_are(
    measured: list[tuple[str, float]],
) -> None:
    vote = first_id_at(NOON - timedelta(hours=1, seconds=1))
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON)
    )

    notify(match_found("ann", "bob", cause=uuid7_at(vote)))

    assert measured == []


@pytest.mark.parametrize("cause", [None, "of another kind", "8bf81383-9932-4b6b-a92f-8b17ab711e4b"])
def test_without_a_vote_s_event_it_is_counted_from_the_match(
    cause: str | None, measured: list[tuple[str, float]]
) -> None:
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON + timedelta(seconds=1))
    )

    notify(match_found("ann", "bob", cause=cause))

    assert measured == [("VoteToNotification", 1000.0)]


def test_nothing_is_counted_while_somebody_still_waits(measured: list[tuple[str, float]]) -> None:
    with pytest.raises(Unavailable):
        consumed.notify_match(
            MatchNotifier(FakeMatchPublisher(unreachable={"ann"}), FakeIdempotency())
        )(match_found("ann", "bob"))

    assert measured == []


def uuid7_at(lowest: str) -> str:
    """Answer an identifier of the moment of the lowest one, marked as version 7 as all are."""
    return str(UUID(int=UUID(lowest).int | (7 << 76) | (2 << 62)))
