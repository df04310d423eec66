"""Guests: let into one room by its code, and nowhere else."""

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

import pytest

from matinee.errors import TooManyAttempts
from matinee.graphql import resolve
from matinee.rate_limiter import CountingRateLimiter
from rooms.adapters.dynamodb.guess_keys import GuessKeys
from rooms.adapters.lambda_.guest_client import LambdaGuestAccounts
from rooms.api.resolvers import FOR_GUESTS, RESOLVERS, SERVICES_ONLY, resolvers
from rooms.domain.errors import GuestsUnavailable, RoomExpired, RoomFull, RoomNotFound
from rooms.domain.guest import Guest
from rooms.domain.rate_limits import GUESS, GUEST
from rooms.domain.room import Room
from rooms.use_cases.admit_guest import GuestAdmission
from rooms.use_cases.limit_guesses import GuessLimiter
from tests.fakes.appsync import call, signed_in
from tests.fakes.attempts import FakeAttemptCounters
from tests.fakes.rooms import FakeRoomHistory
from tests.fakes.rooms_app import TRACE, RoomsApp

HOME = "203.0.113.7"

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


@dataclass
class FakeGuestAccounts:
    """Makes guests with ids in order, or fails."""

    made: list[str] = field(default_factory=list)
    is_out_of_order: bool = False

    def create(self, name: str, correlation_id: str) -> Guest:
        assert correlation_id
        if self.is_out_of_order:
            raise GuestsUnavailable
        self.made.append(name)
        return Guest(f"guest-{len(self.made)}", "access", "id", "refresh", 3600)


class Evening:
    """A room of Ann's, another one, and the door."""

    def __init__(self) -> None:
        self.app = RoomsApp()
        self.room, self.other = self.app.room("ann"), self.app.room("bob")
        self.accounts = FakeGuestAccounts()
        counters = FakeAttemptCounters()
        limiter = CountingRateLimiter(counters, GuessKeys(), self.app.tables.now)
        self.admit = GuestAdmission(
            self.app.rooms,
            self.accounts,
            FakeRoomHistory(self.app.tables),
            GuessLimiter(limiter),
            limiter,
            now=self.app.tables.now,
        )

    def guest(self, room: Room | None = None) -> str:
        code = (room or self.room).code
        return self.admit(code, "Cleo", HOME, TRACE)[0].user_id

    def ask(self, name: str, arguments: dict[str, Any], guest: str) -> dict[str, Any]:
        event = call(name, arguments, identity=signed_in(guest, "Guests"))
        return resolve(event, resolvers(self.app.use_cases))


@pytest.fixture
def evening() -> Evening:
    return Evening()


def test_a_guest_joins_the_room_of_their_code(evening: Evening) -> None:
    guest = evening.guest()

    answer = evening.ask("joinRoom", {"code": evening.room.code}, guest)
    voted = evening.ask(
        "vote", {"input": {"roomId": evening.room.id, "movieId": 101, "vote": True}}, guest
    )

    assert answer["data"]["participants"] == ["ann", guest]
    assert voted["data"]["success"]


@pytest.mark.parametrize("name", ["joinRoom", "roomPreview", "getRoomByCode"])
def test_no_other_room_has_a_code_for_a_guest(evening: Evening, name: str) -> None:
    guest = evening.guest()

    answer = evening.ask(name, {"code": evening.other.code}, guest)

    assert answer.get("error", {}).get("type") == ("RoomNotFound" if name == "joinRoom" else None)
    assert answer.get("data") is None
    assert evening.app.tables.rooms[evening.other.id].participants == ("bob",)


def test_a_code_that_is_another_room_s_by_now_opens_nothing(evening: Evening) -> None:
    guest = evening.guest()
    evening.app.use_cases.close_room("ann", evening.room.id, TRACE)
    evening.app.tables.codes[evening.room.code] = evening.other

    answer = evening.ask("joinRoom", {"code": evening.room.code}, guest)

    assert answer["error"]["type"] == "RoomNotFound"


def test_a_guest_who_is_bound_to_no_room_finds_none(evening: Evening) -> None:
    answer = evening.ask("joinRoom", {"code": evening.room.code}, "stray")

    assert answer["error"]["type"] == "RoomNotFound"


@pytest.mark.parametrize("name", sorted(RESOLVERS.keys() - FOR_GUESTS - SERVICES_ONLY))
def test_all_other_fields_are_closed_to_guests(evening: Evening, name: str) -> None:
    guest = evening.guest()
    evening.ask("joinRoom", {"code": evening.room.code}, guest)

    answer = evening.ask(name.split(".")[1], {"roomId": evening.room.id}, guest)

    assert answer["error"]["type"] == "Forbidden"


def test_a_vote_of_a_guest_reads_no_more_than_a_user_s(evening: Evening) -> None:
    guest = evening.guest()
    evening.ask("joinRoom", {"code": evening.room.code}, guest)
    evening.app.tables.reads.clear()

    evening.ask("vote", {"input": {"roomId": evening.room.id, "movieId": 101, "vote": True}}, guest)

    assert dict(evening.app.tables.reads) == {"vote's room": 1, "vote's tally": 1}


def test_a_code_of_no_open_room_makes_nobody(evening: Evening) -> None:
    with pytest.raises(RoomNotFound):
        evening.admit("ZZZZZZ", "Cleo", HOME, TRACE)
    evening.app.use_cases.close_room("ann", evening.room.id, TRACE)
    with pytest.raises(RoomExpired):
        evening.guest()

    assert evening.accounts.made == []


def test_a_full_room_makes_nobody(evening: Evening) -> None:
    room = evening.app.room("ann", "bob", at_most=2)

    with pytest.raises(RoomFull):
        evening.guest(room)

    assert evening.accounts.made == []


def test_guests_are_limited_by_address_and_by_room(evening: Evening) -> None:
    for _ in range(GUEST.per_source):
        evening.guest()
    with pytest.raises(TooManyAttempts):
        evening.guest()
    for number in range(GUEST.per_identifier - GUEST.per_source):
        evening.admit(evening.room.code, "Cleo", f"198.51.100.{number}", TRACE)
    with pytest.raises(TooManyAttempts):
        evening.admit(evening.room.code, "Cleo", "192.0.2.9", TRACE)

    assert len(evening.accounts.made) == GUEST.per_identifier


def test_guesses_without_an_account_are_limited_by_address(evening: Evening) -> None:
    for _ in range(GUESS.per_identifier):
        with pytest.raises(RoomNotFound):
            evening.admit("ZZZZZZ", "Cleo", HOME, TRACE)

    with pytest.raises(TooManyAttempts):
        evening.guest()


def test_an_erased_guest_is_bound_to_nothing(evening: Evening) -> None:
    guest = evening.guest()
    evening.ask("joinRoom", {"code": evening.room.code}, guest)

    evening.app.erase(guest)

    assert evening.app.tables.bound == {}
    assert evening.app.tables.rooms[evening.room.id].participants == ("ann",)


class FakeLambda:
    """Return a payload for every invocation."""

    def __init__(self, payload: object) -> None:
        self.payload = payload

    def invoke(self, **_: object) -> dict[str, Any]:
        return {"Payload": BytesIO(json.dumps(self.payload).encode())}


def test_the_client_reads_a_guest_and_logs_none_of_it(caplog: pytest.LogCaptureFixture) -> None:
    data = {"userId": "g", "accessToken": "a", "idToken": "i", "refreshToken": "r", "expiresIn": 60}
    client = cast("Any", FakeLambda({"data": data}))

    guest = LambdaGuestAccounts("auth", client).create("Cleo", "evening-7")

    assert guest == Guest("g", "a", "i", "r", 60)
    assert "accessToken" not in caplog.text
    assert "a'" not in repr(guest)


def test_without_auth_there_are_no_guests(evening: Evening) -> None:
    failed = cast("Any", FakeLambda({"error": {"type": "AccountsUnavailable"}}))
    with pytest.raises(GuestsUnavailable):
        LambdaGuestAccounts("auth", failed).create("Cleo", "evening-7")
    evening.accounts.is_out_of_order = True

    with pytest.raises(GuestsUnavailable):
        evening.guest()

    assert evening.app.tables.bound == {}
