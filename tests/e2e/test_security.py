"""Who may do what, over HTTP and over the WebSocket, on the running product."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import websockets
from gql.transport.exceptions import TransportError
from graphql import build_client_schema, get_introspection_query

from tests.e2e.conftest import Idle, MakePeople
from tools.ops.client import Refused, Stack

MY_ROOMS = "query { getMyRooms { id } }"
PUBLISH = (
    "mutation ($input: PublishUserMatchInput!) {"
    " publishUserMatch(input: $input) { userId roomId matchId } }"
)


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
        assert json.loads(await asyncio.wait_for(ws.recv(), 10))["type"] == "connection_ack"
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
    own = {"userMatch", "userDecision", "userInvitation"}
    assert set(schema.subscription_type.fields) == {*own, "roomFeed"}
