"""Who is in a room, by the names that auth tells."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from matinee.graphql import resolve
from rooms.adapters.lambda_.names_client import MAX_CACHED, NAMES_TTL_SECONDS, LambdaNameDirectory
from rooms.adapters.lambda_.recent import Recent
from rooms.api.resolvers import resolvers
from rooms.domain.person import Person
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms_app import RoomsApp
from tools.contracts.paths import ROOT

EXAMPLE = ROOT / "contracts" / "functions" / "auth" / "Names" / "1.0.response.example.json"
NAMES = ("id", "people", "people/name")
IDS = ("id", "people", "people/userId", "people/isHost")


def ask(app: RoomsApp, field: str, arguments: dict[str, Any], *selection: str) -> Any:  # noqa: ANN401
    event = call(field, arguments, identity=signed_in("ann"), selection=selection)
    return resolve(event, resolvers(app.use_cases))["data"]


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def test_a_room_shows_its_people_in_the_order_of_joining(app: RoomsApp) -> None:
    room = app.room("ann", "bob")

    people = ask(app, "getRoom", {"id": room.id}, *NAMES)["people"]

    shown = [(one["userId"], one["name"], one["avatar"], one["isHost"]) for one in people]
    assert shown == [("ann", "Ann", "owl", True), ("bob", "Bob", "owl", False)]


@pytest.mark.parametrize("field", ["getRoom", "getRoomByCode", "joinRoom", "leaveRoom"])
def test_names_are_asked_for_only_where_they_are_selected(app: RoomsApp, field: str) -> None:
    room = app.room("ann", "bob")
    given = {
        "getRoom": {"id": room.id},
        "getRoomByCode": {"code": room.code},
        "joinRoom": {"code": room.code},
        "leaveRoom": {"roomId": room.id},
    }[field]

    people = ask(app, field, given, *IDS)["people"]

    assert app.names.asked == []
    assert {person["name"] for person in people} == {None}


def test_a_new_room_shows_its_host(app: RoomsApp) -> None:
    created = ask(app, "createRoom", {"input": {"mediaType": "MOVIE"}}, *NAMES)

    assert [person["name"] for person in created["people"]] == ["Ann"]


def test_the_names_of_a_list_are_asked_for_together(app: RoomsApp) -> None:
    for other in ("bob", "cid"):
        app.room("ann", other)

    ask(app, "getMyRooms", {}, *NAMES)

    assert app.names.asked[0] == {"ann", "bob", "cid"}


def test_a_room_goes_on_without_names(app: RoomsApp) -> None:
    room = app.room("ann", "bob")
    app.names.is_out_of_order = True

    people = ask(app, "getRoom", {"id": room.id}, *NAMES)["people"]

    assert [(person["userId"], person["name"]) for person in people] == [
        ("ann", None),
        ("bob", None),
    ]
    assert ask(app, "roomPreview", {"code": room.code})["hostName"] is None


def test_a_preview_names_the_host_alone(app: RoomsApp) -> None:
    room = app.room("bob", "cid")

    preview = ask(app, "roomPreview", {"code": room.code})

    assert preview["hostName"] == "Bob"
    assert app.names.asked == [{"bob"}]


def test_a_stranger_sees_nobody_by_a_code(app: RoomsApp) -> None:
    room = app.room("bob", "cid")

    assert ask(app, "getRoomByCode", {"code": room.code}, *NAMES)["people"] == []
    assert app.names.asked == []


class FakeLambda:
    """Auth's function: everybody but "nobody" has a name."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.failure: Exception | bytes | None = None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == "names"
        self.requests.append(json.loads(Payload))
        if isinstance(self.failure, Exception):
            raise self.failure
        users = [
            {"userId": user_id, "name": user_id.title(), "avatar": None, "since": 1}
            for user_id in self.requests[-1]["userIds"]
            if user_id != "nobody"
        ]
        named = json.dumps({"data": {"users": users}}).encode()
        body = named if self.failure is None else self.failure
        return {"StatusCode": 200, "Payload": io.BytesIO(body)}


class Directory:
    """The client over the fake, at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.auth = FakeLambda()
        client: Any = self.auth
        self.client = LambdaNameDirectory(
            "names", client, Recent(NAMES_TTL_SECONDS, MAX_CACHED, lambda: self.now)
        )

    def names(self, *user_ids: str) -> list[str]:
        return sorted(person.name for person in self.client.find(user_ids, "c-1").values())


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_names_are_cached_briefly(directory: Directory) -> None:
    assert directory.names("ann", "nobody") == directory.names("ann", "nobody") == ["Ann"]
    assert len(directory.auth.requests) == 1

    directory.now += NAMES_TTL_SECONDS
    directory.names("ann")

    assert [request["userIds"] for request in directory.auth.requests] == [
        ["ann", "nobody"],
        ["ann"],
    ]
    assert {request["correlationId"] for request in directory.auth.requests} == {"c-1"}


def test_a_hundred_names_are_asked_for_at_once(directory: Directory) -> None:
    directory.names(*(f"user-{number}" for number in range(250)))

    assert [len(request["userIds"]) for request in directory.auth.requests] == [100, 100, 50]


def test_the_cache_does_not_grow_for_ever(directory: Directory) -> None:
    directory.names(*(f"user-{number}" for number in range(MAX_CACHED)))
    directory.names("ann")

    assert len(directory.client.recent._entries) == 1


@pytest.mark.parametrize(
    "failure",
    [
        ConnectTimeoutError(endpoint_url="https://lambda.example"),
        b'{"errorMessage": "x"}',
        b'{"error": {"type": "AccountsUnavailable", "message": "x"}}',
        b"null",
        b"",
    ],
    ids=str,
)
def test_without_auth_nobody_has_a_name_and_it_is_asked_again(
    directory: Directory, failure: Exception | bytes
) -> None:
    directory.names("bob")
    directory.auth.failure = failure
    assert directory.names("ann", "bob") == ["Bob"]

    directory.auth.failure = None
    assert directory.names("ann") == ["Ann"]


def test_the_contract_s_example_is_understood(directory: Directory) -> None:
    directory.auth.failure = EXAMPLE.read_bytes()
    users = json.loads(EXAMPLE.read_text())["data"]["users"]

    found = directory.client.find([user["userId"] for user in users], "c-1")

    assert list(found.values()) == [
        Person(user["userId"], user["name"], user["avatar"]) for user in users
    ]
