"""Every route and every operation, with every kind of token: who is not let in learns nothing.

The routes come from the OpenAPI document, the operations from the GraphQL schema, the kinds from
`tests.e2e.tokens`: what is added to one of them is attacked from then on, by itself.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from gql.transport.exceptions import TransportError
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from rooms.api import resolvers
from tests.e2e.accounts import PATIENCE, SECRETS_SENT, Visitor
from tests.e2e.conftest import Idle
from tests.e2e.tokens import KINDS, Forge, claims_of
from tools.contracts.documents import from_yaml
from tools.contracts.graphql_schema import read_schema
from tools.contracts.openapi import DOCUMENT
from tools.contracts.paths import ROOT
from tools.ops.client import Person, Stack

type Json = dict[str, Any]

HOSTILE: dict[str, Json] = json.loads((Path(__file__).parent / "hostile_requests.json").read_text())

PUBLIC = {
    *("GET /status", "GET /media", "GET /media/genres", "GET /media/search"),
    *("GET /media/{mediaType}/{mediaId}", "GET /auth/usernames/{username}"),
    *("POST /auth/signup", "POST /auth/resend-code", "POST /auth/signin", "POST /auth/refresh"),
    *("POST /auth/forgot-password", "POST /auth/reset-password", "POST /auth/guests"),
}
"""The routes that need no token. To add one here is a decision."""

ENDS = ("POST /auth/signout", "DELETE /auth/account")
"""What ends a session: sent last."""

ARGUMENTS: Mapping[str, object] = {
    **{"mediaType": "MOVIE", "movieId": 1, "vote": True, "limit": 1, "after": None},
    **{"code": "QQQQQQ", "roomCode": "QQQQQQ", "language": "de", "country": "DE"},
}
"""What is sent as an argument or a placeholder of a name, unless a test gives it."""

PLACEHOLDERS = defaultdict(lambda: "x", username="ann", mediaType="movie", mediaId="1")


@dataclass(frozen=True)
class Route:
    """One route of the document."""

    method: str
    path: str
    needs_token: bool

    @property
    def key(self) -> str:
        """Its name: method and path."""
        return f"{self.method} {self.path}"


ROUTES = [
    Route(method.upper(), path, bool(operation["security"]))
    for path, item in from_yaml(DOCUMENT.read_text())["paths"].items()
    for method, operation in item.items()
]
PROTECTED = [route for route in ROUTES if route.needs_token]

REMOVALS = tuple(
    f"DELETE /user/{name}" for name in ("favo", "watchlist", "seen", "dismissed", "devices")
)

DEPARTED = {
    *ENDS,
    *(route.key for route in PROTECTED if route.key.startswith(REMOVALS)),
    *("GET /recommendations", "POST /recommendations"),
}
"""What may succeed with a deleted user's token: it is done already, or what everybody gets."""


def _operations() -> Iterator[tuple[str, tuple[str, GraphQLField]]]:
    schema = read_schema(ROOT / "contracts" / "graphql" / "schema.graphql")
    for kind in ("query", "mutation", "subscription"):
        root = getattr(schema, f"{kind}_type")
        for name, field in root.fields.items():
            yield name, (kind, field)


OPERATIONS = dict(_operations())
REQUESTS = [name for name, (kind, _) in OPERATIONS.items() if kind != "subscription"]


def operation(name: str, **given: object) -> Json:
    """Write a request for an operation: with all its arguments, for all that it says at once."""
    kind, field = OPERATIONS[name]
    declared = ", ".join(f"${part}: {argument.type}" for part, argument in field.args.items())
    passed = ", ".join(f"{part}: ${part}" for part in field.args)
    returned = get_named_type(field.type)
    leaves = [
        name
        for name, part in getattr(returned, "fields", {}).items()
        if is_leaf_type(get_named_type(part.type))
    ]
    call = (
        name + (f"({passed})" if passed else "") + (f" {{ {' '.join(leaves)} }}" if leaves else "")
    )
    return {
        "query": f"{kind} Attack{f'({declared})' if declared else ''} {{ {call} }}",
        "variables": {
            part: _value(part, argument.type, given) for part, argument in field.args.items()
        },
    }


def _value(name: str, kind: GraphQLInputType, given: Mapping[str, object]) -> Any:  # noqa: ANN401
    if isinstance(kind, GraphQLNonNull):
        return _value(name, kind.of_type, given)
    if isinstance(kind, GraphQLInputObjectType):
        return {part: _value(part, field.type, given) for part, field in kind.fields.items()}
    for values in (given, ARGUMENTS):
        if name in values:
            return values[name]
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    samples = {"Int": 2, "Float": 1.0, "Boolean": True, "ID": given.get("id")}
    return samples.get(str(kind), "text")


@dataclass(frozen=True)
class Attacker:
    """Sends requests with whatever stands for a token."""

    stack: Stack
    http: httpx.Client

    def send(
        self, route: Route, token: str | None, body: object = None, **query: str
    ) -> httpx.Response:
        """Send a request to a route, as its clients do: with "Bearer", unless that is hostile."""
        plain = token is None or " " in token or not token
        return self.http.request(
            route.method,
            self.stack.rest_url + route.path.format_map(PLACEHOLDERS),
            json=(body or {}) if route.method in {"POST", "PUT", "PATCH"} else None,
            params=query,
            headers={}
            if token is None
            else {"Authorization": token if plain else f"Bearer {token}"},
        )

    def ask(self, request: Json, token: str | None) -> httpx.Response:
        """Send a GraphQL request."""
        headers = {} if token is None else {"Authorization": token}
        return self.http.post(self.stack.graphql_url, json=request, headers=headers)


@pytest.fixture(scope="module")
def attacker(stack: Stack) -> Iterator[Attacker]:
    with httpx.Client(timeout=PATIENCE) as http:
        yield Attacker(stack, http)


def _user(stack: Stack) -> Visitor:
    visitor = Visitor(stack)
    visitor.sign_up()
    visitor.sign_in()
    return visitor


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Visitor:
    """The user whose tokens are forged, and who has something to lose."""
    visitor = _user(stack)
    visitor.signed_in("POST", "/user/favourites", {"mediaId": 550, "title": "Ann's own title"})
    return visitor


@pytest.fixture(scope="module")
def ann_id(ann: Visitor) -> str:
    user_id: str = claims_of(ann.tokens["AccessToken"])["sub"]
    return user_id


@pytest.fixture(scope="module")
def forge(stack: Stack, ann: Visitor) -> Forge:
    return Forge(stack, ann.tokens)


@pytest.fixture(scope="module")
def room(attacker: Attacker, ann: Visitor) -> Json:
    """A room of Ann's."""
    wish = {"query": "mutation { createRoom(input: {mediaType: MOVIE}) { id code participants } }"}
    room: Json = attacker.ask(wish, ann.tokens["AccessToken"]).json()["data"]["createRoom"]
    return room


def is_refused(answer: httpx.Response) -> bool:
    """Return whether GraphQL let nobody in: the API as a whole, or its only field."""
    body = answer.json()
    types = {error.get("errorType") for error in body.get("errors", [])}
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return types == {"UnauthorizedException"} and not body.get("data")
    nothing = not any((body["data"] or {}).values())
    return answer.status_code == httpx.codes.OK and nothing and types == {"Unauthorized"}


def test_only_the_routes_for_everybody_need_no_token() -> None:
    assert {route.key for route in ROUTES} - {route.key for route in PROTECTED} == PUBLIC


@pytest.mark.parametrize("kind", KINDS)
def test_no_route_accepts_a_bad_token(attacker: Attacker, forge: Forge, kind: str) -> None:
    token = KINDS[kind](forge)
    answers = {route.key: attacker.send(route, token) for route in PROTECTED}

    assert {
        key: (answer.status_code, answer.text)
        for key, answer in answers.items()
        if answer.status_code not in {401, 403}
    } == {}


@pytest.mark.parametrize("kind", KINDS)
def test_no_operation_accepts_a_bad_token(
    attacker: Attacker, forge: Forge, room: Json, ann_id: str, kind: str
) -> None:
    token = KINDS[kind](forge)
    answers = {
        name: attacker.ask(operation(name, id=room["id"], userId=ann_id), token)
        for name in REQUESTS
    }

    assert {name: it.text for name, it in answers.items() if not is_refused(it)} == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_no_subscription_accepts_a_bad_token(
    stack: Stack, forge: Forge, ann_id: str, kind: str
) -> None:
    async with httpx.AsyncClient() as http:
        impostor = Person("Mallory", "", ann_id, KINDS[kind](forge) or "", stack, http)
        with pytest.raises((TransportError, websockets.WebSocketException)):
            async with impostor.listening(ann_id):
                pass


def test_the_forger_can_make_good_tokens_too(attacker: Attacker, forge: Forge, room: Json) -> None:
    """Else the matrix would prove nothing."""
    twin = forge.signed()
    reads = [route for route in PROTECTED if route.method == "GET" and "refresh" not in route.path]

    assert [
        route.key for route in reads if attacker.send(route, twin).status_code in {401, 403}
    ] == []
    for name in ("getRoom", "getMyRooms", "deck"):
        assert attacker.ask(operation(name, id=room["id"]), twin).json()["data"][name]


def test_a_stranger_learns_and_changes_nothing(
    stack: Stack, attacker: Attacker, ann: Visitor, ann_id: str, room: Json
) -> None:
    def anns() -> list[Json]:
        own = ann.tokens["AccessToken"]
        listed = ann.signed_in("GET", "/user/favourites").json()
        return [attacker.ask(operation("getRoom", id=room["id"]), own).json(), listed]

    stranger = _user(stack).tokens["AccessToken"]
    before = anns()

    told = {
        name: attacker.ask(
            operation(name, id=room["id"], userId=ann_id, after=room["id"]), stranger
        )
        for name in REQUESTS
    }
    for route in sorted(PROTECTED, key=lambda route: route.key in ENDS):
        query = {"userId": ann_id} if route.method == "GET" else {}
        told[route.key] = attacker.send(route, stranger, {"userId": ann_id, "mediaId": 1}, **query)

    secrets = (ann_id, ann.email, "Ann's own title", room["id"], room["code"])
    assert {key: it.text for key, it in told.items() if it.status_code >= 500} == {}
    assert {key: it.text for key, it in told.items() if any(s in it.text for s in secrets)} == {}
    assert anns() == before


FOR_GUESTS = {field.split(".")[1] for field in resolvers.FOR_GUESTS}


def test_a_guest_opens_one_room_and_all_that_users_may_once_they_are_one(
    stack: Stack, attacker: Attacker, ann: Visitor, ann_id: str, room: Json
) -> None:
    wish = {"query": "mutation { createRoom(input: {mediaType: MOVIE}) { id code } }"}
    other = attacker.ask(wish, ann.tokens["AccessToken"]).json()["data"]["createRoom"]
    let_in = attacker.http.post(
        f"{stack.rest_url}/auth/guests", json={"code": room["code"], "name": "Cleo"}
    )
    guest = let_in.raise_for_status().json()
    token = guest["AccessToken"]
    SECRETS_SENT.update(guest[name] for name in ("AccessToken", "IdToken", "RefreshToken"))
    fields = {"id": other["id"], "userId": ann_id, "code": other["code"], "roomCode": other["code"]}

    answers = {route.key: attacker.send(route, token) for route in PROTECTED}
    told = {name: attacker.ask(operation(name, **fields), token) for name in REQUESTS}
    mine = {"id": room["id"], "code": room["code"], "roomCode": room["code"]}
    joined = attacker.ask(operation("joinRoom", **mine), token).json()["data"]["joinRoom"]

    opened = {
        key: it.json()["code"] for key, it in answers.items() if it.status_code not in {401, 403}
    }
    assert opened == {"POST /auth/guests/upgrade": "InvalidInput"}
    assert {name for name, it in told.items() if not is_refused(it)} <= FOR_GUESTS
    assert {name for name, it in told.items() if any((it.json()["data"] or {}).values())} == set()
    assert guest["userId"] in joined["participants"]
    assert attacker.ask(operation("getRoom", **mine), token).json()["data"]["getRoom"]

    # With an address of their own they are a user of the same id, in the same room
    user = Visitor(stack)
    wish = {"email": user.email, "password": user.password}
    upgraded = user.call("POST", "/auth/guests/upgrade", wish, token=token).raise_for_status()
    assert upgraded.json()["upgraded"]
    user.sign_in().raise_for_status()
    assert claims_of(user.tokens["AccessToken"])["sub"] == guest["userId"]
    mine = attacker.ask(operation("getMyRooms"), user.tokens["AccessToken"]).json()["data"]
    assert [it["id"] for it in mine["getMyRooms"]] == [room["id"]]


async def test_a_deleted_users_token_does_nothing(
    stack: Stack, attacker: Attacker, room: Json, idle: Idle
) -> None:
    gone = _user(stack)
    gone.signed_in("DELETE", "/auth/account").raise_for_status()
    await idle()
    token = gone.tokens["AccessToken"]

    answers = {route.key: attacker.send(route, token, {"mediaId": 1}) for route in PROTECTED}
    for name in REQUESTS:
        answers[name] = attacker.ask(operation(name, id=room["id"]), token)

    assert {
        key: (answer.status_code, answer.text)
        for key, answer in answers.items()
        if answer.status_code < 400
        and key not in DEPARTED
        and any((answer.json().get("data") or {"": key not in REQUESTS}).values())
    } == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused(
    stack: Stack, attacker: Attacker, ann: Visitor, name: str
) -> None:
    wish = HOSTILE[name]
    own = f"Bearer {ann.tokens['AccessToken']}"

    answer = attacker.http.request(
        wish["method"],
        stack.rest_url + wish["path"],
        content=wish.get("body"),
        headers=wish["headers"] | {"Authorization": own},
    )

    assert (answer.status_code, "x-correlation-id" in answer.headers) == (wish["expected"], True)
    assert "Traceback" not in answer.text
    assert "somebody-else" not in answer.text
