"""What is erased when an account is deleted, and what stays for the others."""

from datetime import timedelta

import httpx
import pytest
from botocore.credentials import Credentials

from matinee.erasure import BLOCK_TTL, TIME_BUDGET_SECONDS
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.graphql import resolve
from matinee.media import MediaType
from rooms.adapters.appsync.match_publisher import AppSyncMatchPublisher
from rooms.api.resolvers import resolvers
from rooms.domain.errors import AccountDeleted, NotAParticipant, RoomExpired
from rooms.domain.room import DELETED_USER, ROOM_TTL, Room
from rooms.events.published import MatchFound, ParticipantLeft
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.erase_user import PAGE_SIZE
from tests.fakes.clock import identifier
from tests.fakes.devices import a_device
from tests.fakes.oracle import Oracle
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Crashed, Task

FILM, OTHER_FILM = 101, 102
OPENING = CreateRoom(MediaType.MOVIE, (), 2, 10)


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


@pytest.fixture
def oracle(app: RoomsApp) -> Oracle:
    return Oracle(app)


def now_is(app: RoomsApp, room: Room) -> Room:
    return app.tables.rooms[room.id]


def close(app: RoomsApp) -> None:
    app.tables.now.advance(hours=ROOM_TTL / timedelta(hours=1))


def test_a_deleted_user_leaves_open_rooms(app: RoomsApp) -> None:
    room = app.room("ann", "bob", "cid")

    app.erase("ann")

    left = now_is(app, room)
    assert left.participants == ("bob", "cid")
    assert left.host_id == "bob"
    assert left.expires_at == room.expires_at
    [event] = app.tables.events(ParticipantLeft)
    assert (event.user_id, event.participant_count) == ("ann", 2)


def test_a_room_in_which_nobody_is_left_closes_at_once(app: RoomsApp) -> None:
    room = app.room("ann")

    app.erase("ann")

    assert now_is(app, room).host_id == DELETED_USER
    with pytest.raises(RoomExpired):
        app.use_cases.join_room("bob", room.code, TRACE)


def test_an_empty_room_of_the_deleted_host_closes(app: RoomsApp) -> None:
    room = app.room("ann")
    app.use_cases.leave_room("ann", room.id, TRACE)

    app.erase("ann")

    assert now_is(app, room).host_id == DELETED_USER
    with pytest.raises(RoomExpired):
        app.use_cases.join_room("bob", room.code, TRACE)
    assert len(app.tables.events(ParticipantLeft)) == 1


def test_an_empty_room_of_another_host_stays_open(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.use_cases.leave_room("bob", room.id, TRACE)
    app.use_cases.leave_room("ann", room.id, TRACE)
    app.erase("bob")

    assert app.use_cases.join_room("cid", room.code, TRACE).participants == ("cid",)


def test_votes_are_deleted_also_in_rooms_that_were_left(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "bob", "ann", no=("cid",))
    app.use_cases.leave_room("bob", room.id, TRACE)

    app.erase("bob")

    app.deliver()
    oracle.judge()
    tally = app.tables.tallies[room.id, FILM]
    assert tally.likes == {"ann"}
    assert tally.dislikes == {"cid"}
    assert {key[1] for key in app.tables.votes} == {"ann", "cid"}


def test_erasing_the_only_no_completes_a_match(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", no=("cid",))

    app.erase("cid")

    app.deliver()
    oracle.judge()
    [match] = app.tables.events(MatchFound)
    assert match.matched_users == ["ann", "bob"]


def test_a_match_stays_and_names_the_placeholder(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", "cid")
    app.deliver()

    app.erase("bob")

    app.deliver()
    oracle.judge()
    assert app.use_cases.matches.list_by_user("bob", 50, None) == []
    [match] = app.use_cases.matches.list_by_user("ann", 50, None)
    assert match.matched_users == ("ann", DELETED_USER, "cid")
    assert len(app.tables.events(MatchFound)) == 1


def test_an_unrecorded_match_is_recorded_before_erasure(app: RoomsApp, oracle: Oracle) -> None:
    """The vote has noted the agreement, the detector has not read of it yet."""
    room = app.room("ann", "bob")
    app.vote(room, FILM, "ann", "bob")

    app.erase("bob")

    [match] = app.use_cases.matches.list_by_user("ann", 50, None)
    assert match.matched_users == ("ann", DELETED_USER)
    app.deliver()
    oracle.judge()
    assert len(app.tables.events(MatchFound)) == 1


def test_late_events_of_a_deleted_user_change_nothing(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob")
    app.vote(room, FILM, "ann", "bob")
    app.deliver()

    app.erase("bob")

    app.delivered = 0
    app.deliver()
    oracle.judge()


def test_no_match_comes_about_in_a_closed_room(app: RoomsApp, oracle: Oracle) -> None:
    """Without the user the others agree, but they never did while the room was open."""
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", no=("cid",))
    close(app)

    app.erase("cid")

    assert now_is(app, room).participants == ("ann", "bob", DELETED_USER)
    app.delivered = 0
    app.deliver()  # The joins of long ago, too: the detector looks at all films once more.
    oracle.judge()
    assert app.tables.matches == {}


def test_an_unrecorded_match_of_a_closed_room_is_recorded(app: RoomsApp, oracle: Oracle) -> None:
    """Cid left just before the room closed, and the detector has not read of it yet."""
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", no=("cid",))
    app.use_cases.leave_room("cid", room.id, TRACE)
    close(app)

    app.erase("bob")

    app.deliver()
    oracle.judge()
    assert [match.matched_users for match in app.tables.matches.values()] == [("ann", DELETED_USER)]


def test_the_host_of_a_closed_room_is_a_remaining_user(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob", "cid")
    close(app)

    app.erase("ann", "bob")
    assert now_is(app, room).host_id == "cid"
    app.erase("cid")

    assert now_is(app, room).host_id == DELETED_USER
    assert now_is(app, room).participants == (DELETED_USER,) * 3
    oracle.judge()


def test_all_participants_can_be_erased(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob")
    app.vote(room, FILM, "ann", "bob")
    app.deliver()

    app.erase("ann", "bob")

    app.deliver()
    oracle.judge()
    assert app.tables.matches[room.id, FILM].matched_users == (DELETED_USER, DELETED_USER)


def test_a_partly_expired_room_does_not_stop_the_erasure(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    del app.tables.participations[room.id, "bob"]
    app.tables.now.advance(days=(room.kept_until - room.created_at) / timedelta(days=1))

    app.erase("ann")

    assert "ann" not in [user for user, _ in app.tables.visits]


def test_a_valid_token_does_not_let_a_deleted_user_return(app: RoomsApp) -> None:
    own, room = app.room("ann"), app.room("bob", "cid")

    app.erase("ann")

    with pytest.raises(AccountDeleted):
        app.use_cases.create_room("ann", OPENING, TRACE)
    with pytest.raises(AccountDeleted):
        app.use_cases.join_room("ann", room.code, TRACE)
    with pytest.raises((NotAParticipant, RoomExpired)):
        app.use_cases.cast_vote("ann", own.id, FILM, TRACE, yes=True)
    assert app.tables.blocked["ann"] == app.tables.now() + BLOCK_TTL


def test_a_repeated_erasure_changes_nothing(app: RoomsApp, oracle: Oracle) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", "cid")
    app.vote(room, OTHER_FILM, "cid", no=("ann",))
    app.erase("cid")
    app.deliver()
    rooms, tallies = dict(app.tables.rooms), dict(app.tables.tallies)
    events = len(app.tables.outbox)

    app.erase("cid")

    assert (app.tables.rooms, app.tables.tallies) == (rooms, tallies)
    assert len(app.tables.outbox) == events
    oracle.judge()


def test_a_user_without_rooms_is_erased_at_once(app: RoomsApp) -> None:
    app.erase("unknown-user")

    assert app.tables.outbox == []


def test_the_placeholder_cannot_be_erased(app: RoomsApp) -> None:
    with pytest.raises(Unprocessable):
        app.erase(DELETED_USER)


def test_another_event_is_unprocessable(app: RoomsApp) -> None:
    app.room("ann")

    with pytest.raises(Unprocessable):
        app.erase_user(app.tables.outbox[0])


def test_a_long_erasure_continues_in_another_invocation(app: RoomsApp, oracle: Oracle) -> None:
    """Half an invocation's time passes with each room."""
    rooms = [app.room("ann", "bob") for _ in range(5)]
    for room in rooms:
        app.vote(room, FILM, "ann", "bob")
    app.tables.after_commit = None
    ticks = iter(range(1_000))
    slow = _with_timer(app, lambda: next(ticks) * TIME_BUDGET_SECONDS / 5)
    event = app.account_deleted("ann")

    slow.erase_user(event)
    invocations = 1
    while app.continuation.waiting:
        slow.erase_user(app.continuation.waiting.pop())
        invocations += 1

    assert invocations > 2
    app.deliver()
    oracle.judge()


def test_an_erasure_without_progress_is_not_continued(app: RoomsApp) -> None:
    """It would repeat for ever; so the queue counts the attempts."""
    app.room("ann")
    ticks = iter(range(1_000))
    slow = _with_timer(app, lambda: next(ticks) * TIME_BUDGET_SECONDS)

    with pytest.raises(Unavailable):
        slow.erase_user(app.account_deleted("ann"))

    assert len(app.continuation) == 0


def test_rooms_and_matches_are_read_page_by_page(app: RoomsApp, oracle: Oracle) -> None:
    for _ in range(PAGE_SIZE + 3):
        app.vote(app.room("ann", "bob"), FILM, "ann", "bob")
    app.deliver()

    app.erase("ann")

    app.deliver()
    oracle.judge()
    assert app.tables.reads["visits"] == 3
    assert len(app.use_cases.matches.list_by_user("bob", 50, None)) == PAGE_SIZE + 3


def test_a_failing_room_does_not_stop_the_others(app: RoomsApp) -> None:
    broken, sound = app.room("ann", "bob"), app.room("ann", "cid")
    del app.tables.participations[broken.id, "bob"]  # Every change of membership is refused.

    with pytest.raises(Unavailable):
        app.erase("ann")

    assert now_is(app, sound).participants == ("cid",)
    assert app.tables.visits & {("ann", broken.id), ("ann", sound.id)} == {("ann", broken.id)}

    app.tables.participations[broken.id, "bob"] = now_is(app, broken).version
    app.erase("ann")
    assert now_is(app, broken).participants == ("bob",)


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_a_retry_completes_a_crashed_erasure(closed: bool) -> None:
    crashes = 0
    for steps in range(1_000):
        app = RoomsApp()
        oracle = Oracle(app)
        room = app.room("ann", "bob", "cid")
        app.vote(room, FILM, "ann", "bob", "cid")
        app.vote(room, OTHER_FILM, "ann", "cid", no=("bob",))
        if closed:
            close(app)
        event = app.account_deleted("bob")
        task = Task("erasing bob", lambda app=app, event=event: app.erase_user(event))  # type: ignore[misc]
        for _ in range(steps):
            if not task.done:
                task.step()
        completed = task.done
        task.crash()
        assert task.error is None or isinstance(task.error, Crashed)
        app.erase("bob")
        app.deliver()
        oracle.judge()
        if completed:
            break
        crashes += 1
    assert crashes > 10


def _with_timer(app: RoomsApp, timer: object) -> RoomsApp:
    object.__setattr__(app.eraser, "timer", timer)
    return app


def _publish(app: RoomsApp, user_id: str, room: Room) -> str | None:
    """Call the API as the notifier does; return the error's type, None for success."""
    event = {
        "info": {"parentTypeName": "Mutation", "fieldName": "publishUserMatch"},
        "arguments": {"input": {"userId": user_id, "roomId": room.id, "movieId": FILM}},
        "identity": {"userArn": "arn:aws:sts::000000000000:assumed-role/notifier/session"},
    }
    error = resolve(event, resolvers(app.use_cases)).get("error")
    return error["type"] if error else None


def test_a_deleted_user_gets_no_notification(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.vote(room, FILM, "ann", "bob")
    app.deliver()

    app.erase("bob")

    assert _publish(app, "ann", room) is None
    assert _publish(app, "bob", room) == "AccountDeleted"


def test_account_deleted_counts_as_published() -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"errors": [{"errorType": "AccountDeleted"}]})

    credentials = Credentials("an-id", "a-key")
    http = httpx.Client(transport=httpx.MockTransport(refuse))
    publisher = AppSyncMatchPublisher("https://api.example", "eu-west-1", lambda: credentials, http)

    publisher.publish("bob", identifier(1), FILM, "thread")

    assert len(asked) == 1


def test_erasure_completes_in_a_busy_room(app: RoomsApp, oracle: Oracle) -> None:
    """Every write of the erasure conflicts with another transaction once."""
    room = app.room("ann", "bob", "cid")
    app.vote(room, FILM, "ann", "bob", "cid")
    app.vote(room, OTHER_FILM, "ann", no=("bob",))
    task = Task("erasing bob", lambda: app.erase("bob"))
    refused = set()
    while not task.done:
        if task.at.startswith("write ") and task.at not in refused:
            refused.add(task.at)
            app.tables.conflicts = 1
        task.step()

    assert task.error is None
    assert refused >= {"write block", "write membership", "write deleted votes", "write visit"}
    app.deliver()
    oracle.judge()


def test_devices_go_with_the_account(app: RoomsApp) -> None:
    for user in ("ann", "bob"):
        app.devices.save(a_device(user), None)

    app.erase("ann")

    assert set(app.devices.stored) == {("bob", "phone")}
