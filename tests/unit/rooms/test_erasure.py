"""What rooms forget when an account is gone, and what stays for the others."""

from datetime import timedelta

import httpx
import pytest
from botocore.credentials import Credentials

from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.graphql import resolve
from rooms.adapters.appsync.match_publisher import AppSyncPhones
from rooms.domain.anonymization import ERASED
from rooms.domain.errors import AccountDeleted, NotAParticipant, RoomExpired
from rooms.domain.room import KEPT_AFTER_CLOSING, LIFETIME, MediaType, Room
from rooms.events.published import MatchFound, ParticipantLeft
from rooms.handlers import api
from rooms.use_cases.create_room import Opening
from rooms.use_cases.erase_user import BARRED_FOR, PAGE, TIME
from tests.fakes.clock import identifier
from tests.fakes.house import TRACE, House
from tests.fakes.oracle import Oracle
from tests.fakes.schedule import Crashed, Task

FILM, OTHER_FILM = 101, 102
OPENING = Opening(MediaType.MOVIE, (), 2, 10)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def oracle(house: House) -> Oracle:
    return Oracle(house)


def now_is(house: House, room: Room) -> Room:
    return house.world.rooms[room.id]


def close(house: House) -> None:
    house.world.now.advance(hours=LIFETIME / timedelta(hours=1))


def test_he_leaves_his_open_rooms_and_the_longest_present_becomes_host(house: House) -> None:
    room = house.room("ann", "bob", "cid")

    house.erase("ann")

    left = now_is(house, room)
    assert left.participants == ("bob", "cid")
    assert left.host_id == "bob"
    assert left.expires_at == room.expires_at
    [told] = house.world.events(ParticipantLeft)
    assert (told.user_id, told.participant_count) == ("ann", 2)


def test_a_room_in_which_nobody_is_left_closes_at_once(house: House) -> None:
    room = house.room("ann")

    house.erase("ann")

    assert now_is(house, room).host_id == ERASED
    with pytest.raises(RoomExpired):
        house.service.join("bob", room.code, TRACE)


def test_an_empty_room_that_was_his_closes_too(house: House) -> None:
    room = house.room("ann")
    house.service.leave("ann", room.id, TRACE)

    house.erase("ann")

    assert now_is(house, room).host_id == ERASED
    with pytest.raises(RoomExpired):
        house.service.join("bob", room.code, TRACE)
    assert len(house.world.events(ParticipantLeft)) == 1


def test_an_empty_room_of_another_host_stays_open(house: House) -> None:
    room = house.room("ann", "bob")
    house.service.leave("bob", room.id, TRACE)
    house.service.leave("ann", room.id, TRACE)
    house.erase("bob")

    assert house.service.join("cid", room.code, TRACE).participants == ("cid",)


def test_his_votes_go_also_in_rooms_that_he_had_left(house: House, oracle: Oracle) -> None:
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "bob", "ann", no=("cid",))
    house.service.leave("bob", room.id, TRACE)

    house.erase("bob")

    house.deliver()
    oracle.judge()
    tally = house.world.tallies[room.id, FILM]
    assert tally.likes == {"ann"}
    assert tally.dislikes == {"cid"}
    assert {key[1] for key in house.world.votes} == {"ann", "cid"}


def test_those_who_remain_match_when_he_was_the_one_against_it(
    house: House, oracle: Oracle
) -> None:
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", no=("cid",))

    house.erase("cid")

    house.deliver()
    oracle.judge()
    [match] = house.world.events(MatchFound)
    assert match.matched_users == ["ann", "bob"]


def test_a_match_stays_for_the_others_and_names_nobody_in_his_place(
    house: House, oracle: Oracle
) -> None:
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", "cid")
    house.deliver()

    house.erase("bob")

    house.deliver()
    oracle.judge()
    assert house.service.my_matches("bob", 50, None) == []
    [match] = house.service.my_matches("ann", 50, None)
    assert match.matched_users == ("ann", ERASED, "cid")
    assert len(house.world.events(MatchFound)) == 1


def test_a_match_that_nobody_has_recorded_yet_is_not_lost(house: House, oracle: Oracle) -> None:
    """The vote has noted the agreement, the detector has not read of it yet."""
    room = house.room("ann", "bob")
    house.vote(room, FILM, "ann", "bob")

    house.erase("bob")

    [match] = house.service.my_matches("ann", 50, None)
    assert match.matched_users == ("ann", ERASED)
    house.deliver()
    oracle.judge()
    assert len(house.world.events(MatchFound)) == 1


def test_late_events_of_his_bring_nothing_back(house: House, oracle: Oracle) -> None:
    room = house.room("ann", "bob")
    house.vote(room, FILM, "ann", "bob")
    house.deliver()

    house.erase("bob")

    house.delivered = 0
    house.deliver()
    oracle.judge()


def test_a_closed_room_agrees_on_nothing_after_its_time(house: House, oracle: Oracle) -> None:
    """Without him the others agree, but they never did while the room was open."""
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", no=("cid",))
    close(house)

    house.erase("cid")

    assert now_is(house, room).participants == ("ann", "bob", ERASED)
    house.delivered = 0
    house.deliver()  # The joins of long ago, too: the detector looks at all films once more.
    oracle.judge()
    assert house.world.matches == {}


def test_a_match_of_a_closed_room_that_nobody_has_noticed_is_not_lost(
    house: House, oracle: Oracle
) -> None:
    """Cid left just before the room closed, and the detector has not read of it yet."""
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", no=("cid",))
    house.service.leave("cid", room.id, TRACE)
    close(house)

    house.erase("bob")

    house.deliver()
    oracle.judge()
    assert [match.matched_users for match in house.world.matches.values()] == [("ann", ERASED)]


def test_a_closed_room_passes_to_whoever_is_still_somebody(house: House, oracle: Oracle) -> None:
    room = house.room("ann", "bob", "cid")
    close(house)

    house.erase("ann", "bob")
    assert now_is(house, room).host_id == "cid"
    house.erase("cid")

    assert now_is(house, room).host_id == ERASED
    assert now_is(house, room).participants == (ERASED,) * 3
    oracle.judge()


def test_all_of_a_room_may_go(house: House, oracle: Oracle) -> None:
    room = house.room("ann", "bob")
    house.vote(room, FILM, "ann", "bob")
    house.deliver()

    house.erase("ann", "bob")

    house.deliver()
    oracle.judge()
    assert house.world.matches[room.id, FILM].matched_users == (ERASED, ERASED)


def test_a_room_whose_items_go_one_by_one_is_no_obstacle(house: House) -> None:
    room = house.room("ann", "bob")
    del house.world.participations[room.id, "bob"]
    house.world.now.advance(days=(LIFETIME + KEPT_AFTER_CLOSING) / timedelta(days=1))

    house.erase("ann")

    assert "ann" not in [user for user, _ in house.world.visits]


def test_with_a_token_that_is_still_valid_he_cannot_come_back(house: House) -> None:
    his, room = house.room("ann"), house.room("bob", "cid")

    house.erase("ann")

    with pytest.raises(AccountDeleted):
        house.service.open("ann", OPENING, TRACE)
    with pytest.raises(AccountDeleted):
        house.service.join("ann", room.code, TRACE)
    with pytest.raises((NotAParticipant, RoomExpired)):
        house.service.vote("ann", his.id, FILM, TRACE, yes=True)
    assert house.world.barred["ann"] == house.world.now() + BARRED_FOR


def test_doing_it_again_changes_nothing(house: House, oracle: Oracle) -> None:
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", "cid")
    house.vote(room, OTHER_FILM, "cid", no=("ann",))
    house.erase("cid")
    house.deliver()
    rooms, tallies = dict(house.world.rooms), dict(house.world.tallies)
    events = len(house.world.outbox)

    house.erase("cid")

    assert (house.world.rooms, house.world.tallies) == (rooms, tallies)
    assert len(house.world.outbox) == events
    oracle.judge()


def test_who_never_was_in_a_room_is_erased_at_once(house: House) -> None:
    house.erase("nobody-knows-him")

    assert house.world.outbox == []


def test_the_placeholder_itself_is_nobody_who_could_be_erased(house: House) -> None:
    with pytest.raises(Unprocessable):
        house.erase(ERASED)


def test_another_event_is_none_of_its_business(house: House) -> None:
    house.room("ann")

    with pytest.raises(Unprocessable):
        house.eraser.handle(house.world.outbox[0])


def test_what_takes_too_long_goes_on_in_another_invocation(house: House, oracle: Oracle) -> None:
    """Half an invocation's time passes with each room."""
    rooms = [house.room("ann", "bob") for _ in range(5)]
    for room in rooms:
        house.vote(room, FILM, "ann", "bob")
    house.world.after_commit = None
    ticks = iter(range(1_000))
    slow = _with_timer(house, lambda: next(ticks) * TIME / 5)
    event = house.account_deleted("ann")

    slow.eraser.handle(event)
    invocations = 1
    while house.resumption.waiting:
        slow.eraser.handle(house.resumption.waiting.pop())
        invocations += 1

    assert invocations > 2
    house.deliver()
    oracle.judge()


def test_nothing_is_handed_on_when_nothing_gets_done(house: House) -> None:
    """It would go round for ever; so the queue counts the attempts."""
    house.room("ann")
    ticks = iter(range(1_000))
    slow = _with_timer(house, lambda: next(ticks) * TIME)

    with pytest.raises(Unavailable):
        slow.eraser.handle(house.account_deleted("ann"))

    assert len(house.resumption) == 0


def test_many_rooms_and_matches_are_read_page_by_page(house: House, oracle: Oracle) -> None:
    for _ in range(PAGE + 3):
        house.vote(house.room("ann", "bob"), FILM, "ann", "bob")
    house.deliver()

    house.erase("ann")

    house.deliver()
    oracle.judge()
    assert house.world.reads["visits"] == 3
    assert len(house.service.my_matches("bob", 50, None)) == PAGE + 3


def test_one_room_that_fails_does_not_keep_the_others(house: House) -> None:
    broken, sound = house.room("ann", "bob"), house.room("ann", "cid")
    del house.world.participations[broken.id, "bob"]  # Every change of membership is refused.

    with pytest.raises(Unavailable):
        house.erase("ann")

    assert now_is(house, sound).participants == ("cid",)
    assert house.world.visits & {("ann", broken.id), ("ann", sound.id)} == {("ann", broken.id)}

    house.world.participations[broken.id, "bob"] = now_is(house, broken).version
    house.erase("ann")
    assert now_is(house, broken).participants == ("bob",)


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_wherever_it_crashes_the_next_attempt_completes_it(closed: bool) -> None:
    crashes = 0
    for steps in range(1_000):
        house = House()
        oracle = Oracle(house)
        room = house.room("ann", "bob", "cid")
        house.vote(room, FILM, "ann", "bob", "cid")
        house.vote(room, OTHER_FILM, "ann", "cid", no=("bob",))
        if closed:
            close(house)
        event = house.account_deleted("bob")
        task = Task("erasing bob", lambda house=house, event=event: house.eraser.handle(event))  # type: ignore[misc]
        for _ in range(steps):
            if not task.done:
                task.step()
        completed = task.done
        task.crash()
        assert task.error is None or isinstance(task.error, Crashed)
        house.erase("bob")
        house.deliver()
        oracle.judge()
        if completed:
            break
        crashes += 1
    assert crashes > 10


def _with_timer(house: House, timer: object) -> House:
    object.__setattr__(house.eraser, "timer", timer)
    return house


def _publish(house: House, user_id: str, room: Room, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Ask as the notifier does; answers the error's type, None when he is told."""
    monkeypatch.setattr(api, "room_service", lambda: house.service)
    event = {
        "info": {"parentTypeName": "Mutation", "fieldName": "publishUserMatch"},
        "arguments": {"input": {"userId": user_id, "roomId": room.id, "movieId": FILM}},
        "identity": {"userArn": "arn:aws:sts::000000000000:assumed-role/notifier/session"},
    }
    error = resolve(event, api.RESOLVERS).get("error")
    return error["type"] if error else None


def test_a_notification_of_a_match_is_not_for_him_any_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = house.room("ann", "bob")
    house.vote(room, FILM, "ann", "bob")
    house.deliver()

    house.erase("bob")

    assert _publish(house, "ann", room, monkeypatch) is None
    assert _publish(house, "bob", room, monkeypatch) == "AccountDeleted"


def test_that_his_account_is_gone_is_all_that_the_notifier_needs_to_know() -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"errors": [{"errorType": "AccountDeleted"}]})

    credentials = Credentials("an-id", "a-key")
    http = httpx.Client(transport=httpx.MockTransport(refuse))
    phones = AppSyncPhones("https://api.example", "eu-west-1", lambda: credentials, http)

    phones.tell("bob", identifier(1), FILM, "thread")

    assert len(asked) == 1


def test_in_a_busy_room_he_is_gone_all_the_same(house: House, oracle: Oracle) -> None:
    """Every write of his erasure meets another transaction once."""
    room = house.room("ann", "bob", "cid")
    house.vote(room, FILM, "ann", "bob", "cid")
    house.vote(room, OTHER_FILM, "ann", no=("bob",))
    task = Task("erasing bob", lambda: house.erase("bob"))
    refused = set()
    while not task.done:
        if task.at.startswith("write ") and task.at not in refused:
            refused.add(task.at)
            house.world.conflicts = 1
        task.step()

    assert task.error is None
    assert refused >= {"write bar", "write membership", "write withdrawal", "write visit"}
    house.deliver()
    oracle.judge()
