"""Subscriptions of the clients that front ends use, over TLS, through a connection that is cut."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import pytest
from gql import Client, gql
from gql.transport.appsync_auth import AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from gql.transport.exceptions import TransportError

from tests.clients.node import run_node
from tests.e2e.conftest import MakePeople, eventually
from tools.ops.client import Person, Stack
from tools.ops.client.person import FOLLOWED, MATCHED

RETRY_SECONDS = 0.2


@pytest.mark.parametrize("program", ["amplify_subscription.mjs", "apollo_subscription.mjs"])
async def test_a_client_catches_up_after_its_connection_was_cut(
    people: MakePeople, stack: Stack, program: str
) -> None:
    ann, bob = await people("Ann", "Bob")
    scene = {
        "url": stack.graphql_url,
        "tlsUrl": stack.graphql_tls_url,
        "people": [{"id": each.user_id, "token": each.token} for each in (ann, bob)],
    }
    environment = {"SCENE": json.dumps(scene), "NODE_EXTRA_CA_CERTS": stack.ca_file}

    printed = await asyncio.to_thread(run_node, program, env=environment)

    assert json.loads(printed.splitlines()[-1]) == {
        "users": [ann.user_id],
        "heard": True,
        "caughtUp": True,
    }


class Line:
    """Passes bytes on to the endpoint's TLS port until it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def listen(self) -> Self:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _pass_on(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        far, request = await asyncio.open_connection("127.0.0.1", self._to)
        ways = ((near, request), (far, answer))
        self._open |= {request, answer}
        await asyncio.gather(*(self._copy(*way) for way in ways), return_exceptions=True)

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()


class Phone:
    """Listens by the gql package, and starts again whenever its connection ends."""

    def __init__(
        self, person: Person, port: int, document: str = MATCHED, **variables: str
    ) -> None:
        self._person = person
        self._document = gql(document)
        self._document.variable_values = variables or {"userId": person.user_id}
        self._url = f"https://localhost:{port}/graphql"
        self.heard: list[dict[str, Any]] = []
        self.connections = 0
        self.ends = 0

    async def listen(self) -> None:
        """Hear of what it is subscribed to, for ever."""
        while True:
            with contextlib.suppress(TransportError, OSError):
                await self._listen_once()
            self.ends += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_once(self) -> None:
        person = self._person
        host = urlsplit(self._url).netloc
        transport = AppSyncWebsocketsTransport(
            url=self._url,
            auth=AppSyncJWTAuthentication(host, person.token),
            ssl=ssl.create_default_context(cafile=person.stack.ca_file),
        )
        async with Client(transport=transport) as session:
            self.connections += 1
            async for message in session.subscribe(self._document):
                self.heard += message.values()


@pytest.fixture
async def line(stack: Stack) -> AsyncIterator[Line]:
    line = await Line(urlsplit(stack.graphql_tls_url).port or 443).listen()
    yield line
    line.cut()


async def test_gql_hears_of_matches_over_tls_again_after_a_cut(
    people: MakePeople, line: Line
) -> None:
    ann, bob = await people("Ann", "Bob")
    room = await ann.create_room()
    await bob.join_room(room["code"])
    first, missed, last = (movie["id"] for movie in room["candidates"][:3])
    phone = Phone(ann, line.port)
    feed = Phone(ann, line.port, FOLLOWED, roomId=room["id"])
    listening = [asyncio.create_task(each.listen()) for each in (phone, feed)]

    async def match(movie_id: int) -> None:
        for person in (ann, bob):
            await person.vote(room["id"], movie_id)

    async def hears(movie_id: int) -> bool:
        return all(
            any(event["movieId"] == movie_id for event in each.heard) for each in (phone, feed)
        )

    async def subscribed(number: int) -> bool:
        connected = phone.connections == feed.connections == number
        return connected and await _subscriptions(ann.stack) == 2

    assert await eventually(lambda: subscribed(1))
    await match(first)
    assert await eventually(lambda: hears(first))

    line.cut()
    assert await eventually(lambda: _interrupted(phone, feed))
    seen = max(entry["seq"] for entry in feed.heard)
    await match(missed)
    await line.listen()
    assert await eventually(lambda: subscribed(2))
    assert {found["movieId"] for found in await ann.matches()} == {first, missed}
    await match(last)
    assert await eventually(lambda: hears(last))
    missing = await ann.room_feed(room["id"], after=seen)
    assert [entry["seq"] for entry in missing] == [*range(seen + 1, seen + 1 + len(missing))]
    titles = [entry["movieId"] for entry in missing if entry["kind"] == "MATCH"]
    assert titles == [missed, last], "what was missed is there, once"
    for task in listening:
        task.cancel()


async def _interrupted(*phones: Phone) -> bool:
    return all(phone.ends > 0 for phone in phones)


async def _subscriptions(stack: Stack) -> int:
    async with httpx.AsyncClient() as http:
        status = (await http.get(stack.graphql_url.replace("/graphql", "/status"))).json()
    return int(status["subscriptions"])


async def test_the_endpoint_is_refused_by_who_does_not_know_its_authority(stack: Stack) -> None:
    url = stack.graphql_tls_url.replace("/graphql", "/status")
    trusted = ssl.create_default_context(cafile=stack.ca_file)

    async with httpx.AsyncClient(verify=trusted) as http:
        assert (await http.get(url)).json()["status"] == "ok"
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(url)
