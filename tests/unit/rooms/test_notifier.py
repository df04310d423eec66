"""Every matched user is notified of the match, once."""

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


def test_notifies_each_matched_user_once() -> None:
    publisher = FakeMatchPublisher()

    consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(match_found("ann", "bob"))

    assert sorted(publisher.published) == [("ann", ROOM, 101), ("bob", ROOM, 101)]
    assert set(publisher.correlation_ids) == {"thread-1"}


def test_fifty_users_are_all_notified() -> None:
    publisher = FakeMatchPublisher()
    users = [f"user-{n}" for n in range(50)]

    consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(match_found(*users))

    assert sorted(user for user, _, _ in publisher.published) == sorted(users)


def test_a_repeated_event_notifies_nobody_again() -> None:
    publisher = FakeMatchPublisher()
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))

    notify(match_found("ann", "bob"))
    notify(match_found("ann", "bob", event_id="the same, published twice"))

    assert len(publisher.published) == 2


def test_a_failed_notification_does_not_stop_the_others() -> None:
    publisher = FakeMatchPublisher(unreachable={"ann"})

    with pytest.raises(Unavailable):
        consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))(
            match_found("ann", "bob", "cid")
        )

    assert "bob" in publisher
    assert "cid" in publisher
    assert "ann" not in publisher


def test_the_retry_notifies_only_those_not_notified() -> None:
    publisher = FakeMatchPublisher(unreachable={"bob"})
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))
    with pytest.raises(Unavailable):
        notify(match_found("ann", "bob", "cid"))
    publisher.unreachable.clear()

    notify(match_found("ann", "bob", "cid"))

    assert sorted(user for user, _, _ in publisher.published) == ["ann", "bob", "cid"]


def test_a_second_match_of_the_same_users_is_notified() -> None:
    publisher = FakeMatchPublisher()
    notify = consumed.notify_match(MatchNotifier(publisher, FakeIdempotency()))

    notify(match_found("ann", "bob", match_id="m1"))
    notify(match_found("ann", "bob", match_id="m2"))

    assert len(publisher.published) == 4


@pytest.mark.parametrize("fault", [UnicodeEncodeError("ascii", "é", 0, 1, "no"), ValueError("no")])
def test_any_error_for_one_user_concerns_this_user_alone(fault: Exception) -> None:
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


def test_concurrent_deliveries_notify_once() -> None:
    publisher = FakeMatchPublisher()
    memory = FakeIdempotency(in_progress={"m:ann"})

    with pytest.raises(Unavailable):
        consumed.notify_match(MatchNotifier(publisher, memory))(match_found("ann", "bob"))

    assert "ann" not in publisher
    assert "bob" in publisher


def test_an_unexpected_event_is_unprocessable() -> None:
    app = RoomsApp()
    app.room("ann")
    [created] = app.tables.outbox
    assert isinstance(created.data, RoomCreated)

    with pytest.raises(Unprocessable):
        app.notify_match(created)


def test_the_last_vote_notifies_both_users() -> None:
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


def test_latency_is_measured_from_the_vote(measured: list[tuple[str, float]]) -> None:
    vote = first_id_at(NOON - timedelta(seconds=2))
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON + timedelta(seconds=1))
    )

    notify(match_found("ann", "bob", cause=uuid7_at(vote)))

    assert measured == [("VoteToNotification", 3000.0)]


def test_latency_of_a_redriven_event_is_not_measured(
    measured: list[tuple[str, float]],
) -> None:
    vote = first_id_at(NOON - timedelta(hours=1, seconds=1))
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON)
    )

    notify(match_found("ann", "bob", cause=uuid7_at(vote)))

    assert measured == []


@pytest.mark.parametrize("cause", [None, "of another kind", "8bf81383-9932-4b6b-a92f-8b17ab711e4b"])
def test_without_a_vote_latency_is_measured_from_the_match(
    cause: str | None, measured: list[tuple[str, float]]
) -> None:
    notify = consumed.notify_match(
        MatchNotifier(FakeMatchPublisher(), FakeIdempotency(), lambda: NOON + timedelta(seconds=1))
    )

    notify(match_found("ann", "bob", cause=cause))

    assert measured == [("VoteToNotification", 1000.0)]


def test_latency_is_not_measured_before_all_are_notified(measured: list[tuple[str, float]]) -> None:
    with pytest.raises(Unavailable):
        consumed.notify_match(
            MatchNotifier(FakeMatchPublisher(unreachable={"ann"}), FakeIdempotency())
        )(match_found("ann", "bob"))

    assert measured == []


def uuid7_at(lowest: str) -> str:
    """Return an id of the time of the lowest one, marked as version 7 as all are."""
    return str(UUID(int=UUID(lowest).int | (7 << 76) | (2 << 62)))
