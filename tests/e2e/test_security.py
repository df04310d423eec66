"""Who may do what, over HTTP and over the WebSocket, on the running product."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import websockets
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from gql.transport.exceptions import TransportError
from graphql import build_client_schema, get_introspection_query
from jose import jwt

from tests.e2e.conftest import Idle, MakePeople
from tools.ops.client import Person, Refused, Stack

MY_ROOMS = "query { getMyRooms { id } }"
PUBLISH = (
    "mutation ($input: PublishUserMatchInput!) {"
    " publishUserMatch(input: $input) { userId roomId matchId } }"
)

type Forge = Callable[[Person], str]


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _signed_by_a_stranger(person: Person, **changes: object) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    header = jwt.get_unverified_header(person.token)
    return jwt.encode(
        _claims(person.token) | changes, pem, algorithm="RS256", headers={"kid": header["kid"]}
    )


def unsigned(person: Person) -> str:
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(_claims(person.token))}."


def without_signature(person: Person) -> str:
    return person.token.rsplit(".", 1)[0] + "."


def tampered(person: Person) -> str:
    header, _, signature = person.token.split(".")
    return f"{header}.{_encoded(_claims(person.token) | {'sub': 'somebody-else'})}.{signature}"


def symmetric(person: Person) -> str:
    header = _encoded({"alg": "HS256", "kid": jwt.get_unverified_header(person.token)["kid"]})
    return f"{header}.{_encoded(_claims(person.token))}.{_encoded({})}"


def forged(person: Person) -> str:
    return _signed_by_a_stranger(person)


def expired(person: Person) -> str:
    return _signed_by_a_stranger(person, exp=int(time.time()) - 3600)


def of_another_pool(person: Person) -> str:
    return _signed_by_a_stranger(
        person, iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_stranger"
    )


def nonsense(_: Person) -> str:
    return "nonsense"


def empty(_: Person) -> str:
    return ""


FORGERIES: tuple[Forge, ...] = (
    unsigned,
    without_signature,
    tampered,
    symmetric,
    forged,
    expired,
    of_another_pool,
    nonsense,
    empty,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_a_bad_token_is_refused_over_http(
    people: MakePeople, stack: Stack, forge: Forge
) -> None:
    [ada] = await people("Ada")
    answer = await ada.http.post(
        stack.graphql_url, json={"query": MY_ROOMS}, headers={"Authorization": forge(ada)}
    )
    assert answer.status_code == 401
    [error] = answer.json()["errors"]
    assert error["errorType"] == "UnauthorizedException"
    assert answer.json().get("data") is None


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_a_bad_token_is_refused_over_the_websocket(people: MakePeople, forge: Forge) -> None:
    [ada] = await people("Ada")
    impostor = replace(ada, token=forge(ada))
    with pytest.raises((TransportError, websockets.WebSocketException)):
        async with impostor.listening():
            pass


async def test_a_token_of_another_pool_is_refused(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any]
) -> None:
    [ada] = await people("Ada")
    cognito = aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="strangers")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="mallory", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="mallory", Password="Secret-123", Permanent=True
    )
    cognito.create_group(UserPoolId=pool, GroupName="Users")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="mallory", GroupName="Users")
    foreign = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "mallory", "PASSWORD": "Secret-123"},
    )["AuthenticationResult"]["AccessToken"]
    answer = await ada.http.post(
        stack.graphql_url, json={"query": MY_ROOMS}, headers={"Authorization": foreign}
    )
    assert answer.status_code == 401
    with pytest.raises((TransportError, websockets.WebSocketException)):
        async with replace(ada, token=foreign).listening():
            pass


async def test_a_user_outside_the_group_is_refused(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any]
) -> None:
    [ada] = await people("Ada")
    cognito = aws("cognito-idp")
    username = f"outsider-{ada.user_id}@example.com"
    cognito.admin_create_user(
        UserPoolId=stack.user_pool_id, Username=username, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(
        UserPoolId=stack.user_pool_id, Username=username, Password="Secret-123", Permanent=True
    )
    token = cognito.initiate_auth(
        ClientId=stack.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": "Secret-123"},
    )["AuthenticationResult"]["AccessToken"]
    with pytest.raises(Refused) as refusal:
        await replace(ada, token=token).ask(MY_ROOMS)
    assert refusal.value.type == "Unauthorized"


async def test_a_user_cannot_subscribe_to_anothers_matches(people: MakePeople) -> None:
    ada, mallory = await people("Ada", "Mallory")
    with pytest.raises(TransportError, match="Unauthorized"):
        async with mallory.listening(ada.user_id):
            pass


async def test_a_user_cannot_publish_a_match(people: MakePeople, idle: Idle) -> None:
    ada, boris, mallory = await people("Ada", "Boris", "Mallory")
    room = await ada.create_room()
    await boris.join_room(room["code"])
    film = room["candidates"][0]["id"]
    async with ada.listening() as inbox:
        for forger in (mallory, ada):
            wish = {"userId": ada.user_id, "roomId": room["id"], "movieId": film}
            with pytest.raises(Refused) as refusal:
                await forger.ask(PUBLISH, input=wish)
            assert refusal.value.type == "Unauthorized"
        await idle()
    assert inbox.received == []
    assert await ada.matches() == []


async def test_a_user_cannot_publish_over_the_websocket_either(
    people: MakePeople, stack: Stack
) -> None:
    [ada] = await people("Ada")
    host = httpx.URL(stack.graphql_url).netloc.decode()
    credentials = {"host": host, "Authorization": ada.token}
    header = base64.b64encode(json.dumps(credentials).encode()).decode()
    url = f"{stack.realtime_url}?header={header}&payload=e30="
    wish = {"userId": ada.user_id, "roomId": ada.user_id, "movieId": 1}
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-ws")]) as ws:
        await ws.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await ws.recv())["type"] == "connection_ack"
        operation = json.dumps({"query": PUBLISH, "variables": {"input": wish}})
        payload = {"data": operation, "extensions": {"authorization": credentials}}
        await ws.send(json.dumps({"id": "1", "type": "start", "payload": payload}))
        answer = json.loads(await asyncio.wait_for(ws.recv(), 10))
        while answer["type"] == "ka":
            answer = json.loads(await asyncio.wait_for(ws.recv(), 10))
    assert answer["type"] == "error"


async def test_a_query_cannot_call_the_publisher_mutation(
    people: MakePeople,
) -> None:
    """The same mutation in one request with an allowed one: each field is judged by itself."""
    [ada] = await people("Ada")
    document = (
        "mutation ($room: CreateRoomInput!, $match: PublishUserMatchInput!) {"
        " createRoom(input: $room) { id } publishUserMatch(input: $match) { userId } }"
    )
    wish = {"userId": ada.user_id, "roomId": ada.user_id, "movieId": 1}
    answer = await ada.http.post(
        ada.stack.graphql_url,
        json={
            "query": document,
            "variables": {"room": {"mediaType": "MOVIE"}, "match": wish},
        },
        headers={"Authorization": ada.token},
    )
    assert {error["errorType"] for error in answer.json()["errors"]} == {"Unauthorized"}
    assert len(await ada.rooms()) <= 1


async def test_introspection_works_for_code_generation(
    people: MakePeople,
) -> None:
    [ada] = await people("Ada")
    introspection: Any = await ada.ask(get_introspection_query())
    schema = build_client_schema(introspection)
    assert schema.subscription_type is not None
    assert set(schema.subscription_type.fields) == {"userMatch"}
