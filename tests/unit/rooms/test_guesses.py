"""Guessing of room codes, and what a code shows to whoever is not in the room."""

import doctest
from typing import Any

import pytest

from matinee.filters import Filters
from matinee.graphql import resolve
from matinee.media import MediaType
from rooms.api.resolvers import resolvers
from rooms.domain.rate_limits import GUESS
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms_app import TRACE, RoomsApp
from tools.contracts.paths import ROOT

UNKNOWN = "ABC234"
FIELDS = ("joinRoom", "getRoomByCode", "roomPreview")
ADDRESS = "192.0.2.1"
TOO_MANY = "TooManyAttempts"


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def ask(
    app: RoomsApp, field: str, code: str, by: str = "mallory", *addresses: str
) -> dict[str, Any]:
    """Ask for a code as a user, from an address."""
    identity = signed_in(by) | {"sourceIp": list(addresses or (ADDRESS,))}
    event = call(field, {"code": code}, identity=identity, selection=("id", "candidates"))
    return resolve(event, resolvers(app.use_cases))


def refusal(answer: dict[str, Any]) -> str:
    return str((answer.get("error") or {}).get("type", ""))


@pytest.mark.parametrize("field", FIELDS)
def test_a_user_may_guess_so_often_and_no_more(app: RoomsApp, field: str) -> None:
    room = app.room("ann")
    for number in range(GUESS.per_identifier):
        guess = ask(app, FIELDS[number % 3], UNKNOWN, "mallory", f"203.0.113.{number}")
        assert refusal(guess) in {"", "RoomNotFound"}

    refused = [ask(app, field, code, "mallory", "203.0.113.99") for code in (UNKNOWN, room.code)]

    assert [refusal(answer) for answer in refused] == [TOO_MANY] * 2
    assert refused[0] == refused[1]
    assert refused[0]["error"]["info"]["retryAfter"] == GUESS.window.total_seconds()
    assert app.tables.rooms[room.id].participants == ("ann",)


def test_an_address_may_guess_so_often_whoever_asks(app: RoomsApp) -> None:
    for number in range(GUESS.per_source):
        ask(app, "roomPreview", UNKNOWN, f"mallory-{number}")

    assert refusal(ask(app, "roomPreview", UNKNOWN, "mallory")) == TOO_MANY
    assert refusal(ask(app, "roomPreview", UNKNOWN, "ann", "203.0.113.9")) == ""


def test_an_address_is_not_what_a_client_claims(app: RoomsApp) -> None:
    for number in range(GUESS.per_source):
        ask(app, "roomPreview", UNKNOWN, f"mallory-{number}", f"10.0.0.{number}", ADDRESS)

    assert refusal(ask(app, "roomPreview", UNKNOWN, "mallory", "10.0.1.1", ADDRESS)) == TOO_MANY


def test_guessing_is_possible_again_in_the_next_window(app: RoomsApp) -> None:
    for _ in range(GUESS.per_identifier + 1):
        ask(app, "getRoomByCode", UNKNOWN)
    app.tables.now.advance(hours=1)

    assert ask(app, "getRoomByCode", UNKNOWN) == {"data": None}


@pytest.mark.parametrize("field", FIELDS)
def test_codes_of_rooms_are_not_counted(app: RoomsApp, field: str) -> None:
    full = app.room("ann", "bob", at_most=2)
    closed = app.room("cid")
    app.tables.now.advance(hours=23)
    mine = app.room("mallory")
    app.tables.now.advance(hours=1)
    full_again = app.room("ann", "bob", at_most=2)

    told = {
        refusal(ask(app, field, room.code))
        for room in (full, closed, mine, full_again)
        for _ in range(GUESS.per_identifier)
    }

    assert told <= {"", "RoomExpired", "RoomFull"}
    assert set(app.attempts.counts.values()) == {0}


def test_without_counters_everybody_is_let_through(app: RoomsApp) -> None:
    room = app.room("ann")
    app.attempts.unavailable = True

    assert ask(app, "roomPreview", room.code)["data"]["people"] == 1


def test_counters_name_nobody(app: RoomsApp) -> None:
    ask(app, "roomPreview", UNKNOWN)

    assert app.attempts.counts
    assert not [key for key in app.attempts.counts if "mallory" in key or ADDRESS in key]


def test_a_preview_says_what_a_guest_needs(app: RoomsApp) -> None:
    wish = CreateRoom(MediaType.MOVIE, (28,), 2, 10, filters=Filters(year_to=1999))
    room, _ = app.use_cases.create_room("ann", wish, TRACE)

    preview = ask(app, "roomPreview", f" {room.code[:3].lower()}-{room.code[3:]}")["data"]
    filters = {name: value for name, value in preview.pop("filters").items() if value}

    assert preview == {
        "hostName": "Ann",
        "people": 1,
        "seats": 10,
        "closesAt": "2026-02-01T12:00:00.000Z",
    }
    assert filters == {
        "mediaType": "MOVIE",
        "mediaTypes": ["MOVIE"],
        "genreIds": [28],
        "yearTo": 1999,
    }


def test_a_code_shows_a_stranger_no_more_than_a_preview(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.tables.reads.clear()

    told = ask(app, "getRoomByCode", room.code)["data"]

    assert (told["hostId"], told["participants"], told["candidates"]) == ("", [], [])
    assert (told["code"], told["maxParticipants"]) == (room.code, 10)
    assert app.tables.reads["candidates"] == 0


def test_a_participant_sees_the_room_by_its_code(app: RoomsApp) -> None:
    room = app.room("ann", "bob")

    told = ask(app, "getRoomByCode", room.code, "bob")["data"]

    assert (told["hostId"], told["participants"]) == ("ann", ["ann", "bob"])
    assert len(told["candidates"]) == 3


def test_the_readme_computes_the_odds() -> None:
    readme = str(ROOT / "services" / "rooms" / "README.md")

    assert doctest.testfile(readme, module_relative=False) == doctest.TestResults(0, 5)
