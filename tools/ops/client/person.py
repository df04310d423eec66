"""One person with an account and a phone."""

import asyncio
import base64
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from gql import Client, gql
from gql.transport.appsync_auth import AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from graphql import ExecutionResult

from tools.local.patience import PAUSES_SECONDS, TIMEOUT_SECONDS, patient_client, trusted
from tools.ops.client.retries import Refused
from tools.ops.client.stack import Stack
from tools.push_service import Browser, PushServer

ARRIVAL_TIMEOUT_SECONDS = 180.0
"""For a notification: a busy machine needs it, an idle one does not."""

ROOM = "id code hostId mediaType genreIds participants minParticipants maxParticipants ttl"
MOVIE = "id title overview posterPath releaseDate voteAverage voteCount genreIds mediaType"
DECISION = "decisionId roomId movieId title posterPath mediaType by timestamp"
MATCH = "roomId movieId matchId title posterPath matchedUsers timestamp"
ENTRY = "seq at kind userId name roomVersion progress { voted of } movieId title likes candidates"

FOLLOWED = f"subscription ($roomId: ID!) {{ roomFeed(roomId: $roomId) {{ {ENTRY} }} }}"

MATCHED = """
subscription Matched($userId: ID!) {
  userMatch(userId: $userId) {
    userId roomId matchId movieId movieTitle posterPath matchedUsers timestamp
  }
}
"""

INVITED = """
subscription Invited($userId: ID!) {
  userInvitation(userId: $userId) { userId roomId crewId crewName code closesAt timestamp }
}
"""


@dataclass(slots=True)
class Person:
    """A signed-in user. Use as an async context manager, or `close` in the end.

    A patient one repeats what may succeed a little later, as an app does.
    """

    name: str
    email: str
    user_id: str
    token: str
    stack: Stack
    http: httpx.AsyncClient
    patient: bool = False

    @classmethod
    async def sign_up(cls, stack: Stack, name: str, *, patient: bool = False) -> Self:
        """Create an account with an invented address, sign in, and return the person."""
        email = f"{name.lower()}-{secrets.token_hex(6)}@example.com"
        password = f"Aa1{secrets.token_urlsafe(12)}"
        credentials = {"email": email, "password": password}
        async with patient_client() as http:
            answer = await http.post(f"{stack.rest_url}/auth/signup", json=credentials)
            answer.raise_for_status()
            answer = await http.post(f"{stack.rest_url}/auth/signin", json=credentials)
            if answer.status_code == httpx.codes.FORBIDDEN:  # started with VERIFY=1
                confirmation = {"email": email, "code": stack.mailed_code(email)}
                await http.post(f"{stack.rest_url}/auth/signup", json=confirmation)
                answer = await http.post(f"{stack.rest_url}/auth/signin", json=credentials)
            answer.raise_for_status()
        http = patient_client() if patient else _impatient_client()
        token = answer.json()["AccessToken"]
        return cls(name, email, _subject(token), token, stack, http, patient)

    @classmethod
    async def as_guest(cls, stack: Stack, name: str, code: str) -> Self:
        """Come in by a room's code, without an account, and return the person, a patient one."""
        http = patient_client()
        answer = await http.post(f"{stack.rest_url}/auth/guests", json={"code": code, "name": name})
        answer.raise_for_status()
        return cls.signed_in(name, "", answer.json()["AccessToken"], stack, http)

    @classmethod
    def signed_in(
        cls, name: str, email: str, token: str, stack: Stack, http: httpx.AsyncClient
    ) -> Self:
        """Return the person, a patient one, to whom an access token was given."""
        return cls(name, email, _subject(token), token, stack, http, patient=True)

    async def __aenter__(self) -> Self:
        """Return the person."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self.http.aclose()

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        """Send one GraphQL operation and return its data. Raises Refused with its first error."""
        for pause in PAUSES_SECONDS if self.patient else ():
            try:
                return await self._ask_once(document, variables)
            except Refused as refusal:
                if not refusal.may_succeed_later:
                    raise
            await asyncio.sleep(pause)
        return await self._ask_once(document, variables)

    async def _ask_once(self, document: str, variables: dict[str, object]) -> dict[str, Any]:
        answer = await self.http.post(
            self.stack.graphql_url,
            json={"query": document, "variables": variables},
            headers={"Authorization": self.token},
        )
        body = answer.json()
        if body.get("errors"):
            raise Refused(body["errors"][0])
        answer.raise_for_status()
        data: dict[str, Any] = body["data"]
        return data

    async def create_room(self, **wish: object) -> dict[str, Any]:
        """Open a room; `wish` is a CreateRoomInput. Answers it with its candidates."""
        wish = {"mediaType": "MOVIE", "genreIds": []} | wish
        document = (
            "mutation ($input: CreateRoomInput!) {"
            f" createRoom(input: $input) {{ {ROOM} candidates {{ {MOVIE} }} }} }}"
        )
        room: dict[str, Any] = (await self.ask(document, input=wish))["createRoom"]
        return room

    async def join_room(self, code: str) -> dict[str, Any]:
        """Join by code."""
        document = f"mutation ($input: JoinRoomInput!) {{ joinRoom(input: $input) {{ {ROOM} }} }}"
        room: dict[str, Any] = (await self.ask(document, input={"roomCode": code}))["joinRoom"]
        return room

    async def leave_room(self, room_id: str) -> dict[str, Any]:
        """Leave."""
        document = f"mutation ($roomId: ID!) {{ leaveRoom(roomId: $roomId) {{ {ROOM} }} }}"
        room: dict[str, Any] = (await self.ask(document, roomId=room_id))["leaveRoom"]
        return room

    async def get_room(self, room_id: str, fields: str = ROOM) -> dict[str, Any]:
        """Look at a room."""
        document = f"query ($id: ID!) {{ getRoom(id: $id) {{ {fields} }} }}"
        room: dict[str, Any] = (await self.ask(document, id=room_id))["getRoom"]
        return room

    async def deck(self, room_id: str, limit: int = 3) -> list[dict[str, Any]]:
        """Be dealt the next candidates."""
        document = (
            "query ($roomId: ID!, $limit: Int) {"
            f" deck(roomId: $roomId, limit: $limit) {{ {MOVIE} }} }}"
        )
        movies: list[dict[str, Any]] = (await self.ask(document, roomId=room_id, limit=limit))[
            "deck"
        ]
        return movies

    async def vote(
        self, room_id: str, movie_id: int, *, yes: bool = True, seen: bool | None = None
    ) -> dict[str, Any]:
        """Swipe; `seen` says whether they have seen the title."""
        document = (
            "mutation ($input: VoteInput!) { vote(input: $input) {"
            " success vote { roomId userMovieId userId movieId vote timestamp }"
            f" match {{ {MATCH} }} }} }}"
        )
        ballot = {"roomId": room_id, "movieId": movie_id, "vote": yes}
        ballot |= {} if seen is None else {"seen": seen}
        result: dict[str, Any] = (await self.ask(document, input=ballot))["vote"]
        return result

    async def standings(self, room_id: str) -> list[dict[str, Any]]:
        """Ask what the people of a room like best so far."""
        document = (
            "query ($roomId: ID!) { standings(roomId: $roomId) { movieId title likes of missing } }"
        )
        nearest: list[dict[str, Any]] = (await self.ask(document, roomId=room_id))["standings"]
        return nearest

    async def decide(self, room_id: str, movie_id: int) -> dict[str, Any]:
        """Decide what the room will watch, as its host."""
        document = (
            "mutation ($roomId: ID!, $movieId: Int!) { decide(roomId: $roomId, movieId: $movieId)"
            f" {{ {DECISION} }} }}"
        )
        given = await self.ask(document, roomId=room_id, movieId=movie_id)
        decision: dict[str, Any] = given["decide"]
        return decision

    async def create_crew(self, room_id: str, name: str) -> dict[str, Any]:
        """Make a crew of the people of a room."""
        document = (
            "mutation ($roomId: ID!, $name: String!) { createCrew(roomId: $roomId, name: $name)"
            " { id name hostId members people { name } } }"
        )
        crew: dict[str, Any] = (await self.ask(document, roomId=room_id, name=name))["createCrew"]
        return crew

    async def start_room(self, crew_id: str, key: str | None = None) -> dict[str, Any]:
        """Start a room for a crew."""
        document = (
            "mutation ($crewId: ID!, $key: String) { startRoom(crewId: $crewId,"
            f" idempotencyKey: $key) {{ {ROOM} candidates {{ {MOVIE} }} }} }}"
        )
        room: dict[str, Any] = (await self.ask(document, crewId=crew_id, key=key))["startRoom"]
        return room

    async def room_feed(self, room_id: str, after: int = 0) -> list[dict[str, Any]]:
        """Read what happened in a room after a number."""
        document = (
            "query ($roomId: ID!, $after: Int) {"
            f" roomFeed(roomId: $roomId, after: $after, limit: 100) {{ {ENTRY} }} }}"
        )
        given = await self.ask(document, roomId=room_id, after=after)
        entries: list[dict[str, Any]] = given["roomFeed"]
        return entries

    async def matches(self, **page: object) -> list[dict[str, Any]]:
        """Read one's own matches."""
        document = (
            "query ($limit: Int, $after: ID) {"
            f" getMyMatches(limit: $limit, after: $after) {{ {MATCH} }} }}"
        )
        matches: list[dict[str, Any]] = (await self.ask(document, **page))["getMyMatches"]
        return matches

    async def subscribe_to_pushes(self, service: PushServer) -> Browser:
        """Register a further phone, whose app is closed, for Web Push; return what it receives."""
        url = f"{self.stack.rest_url}/user/devices"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.get(url, headers=headers)
        browser = service.subscribe(answer.raise_for_status().json()["applicationServerKey"])
        body = {"subscription": browser.as_json()}
        answer = await self.http.put(f"{url}/pocket", json=body, headers=headers)
        answer.raise_for_status()
        return browser

    async def set_name(self) -> None:
        """Set how one is called in rooms."""
        url = f"{self.stack.rest_url}/auth/profile"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.put(url, json={"name": self.name}, headers=headers)
        answer.raise_for_status()

    async def add_favourite(self, movie_id: int) -> None:
        """Put a film among one's favourites, where it may be already."""
        url = f"{self.stack.rest_url}/user/favourites/movie/{movie_id}"
        answer = await self.http.put(url, headers={"Authorization": f"Bearer {self.token}"})
        answer.raise_for_status()

    async def rooms(self, **page: object) -> list[dict[str, Any]]:
        """Read one's own rooms."""
        document = (
            "query ($limit: Int, $after: ID) {"
            f" getMyRooms(limit: $limit, after: $after) {{ {ROOM} }} }}"
        )
        rooms: list[dict[str, Any]] = (await self.ask(document, **page))["getMyRooms"]
        return rooms

    @contextlib.asynccontextmanager
    async def listening(
        self, user_id: str | None = None, subscription: str = MATCHED
    ) -> AsyncIterator["Inbox"]:
        """Hold a subscription open, to one's matches by default; what arrives lands in the inbox.

        Raises gql's TransportQueryError or TransportServerError when the API refuses it.
        """
        host = urlsplit(self.stack.graphql_url).netloc
        transport = _Transport(
            url=self.stack.realtime_url, auth=AppSyncJWTAuthentication(host, self.token)
        )
        inbox = Inbox()
        async with Client(transport=transport) as session:

            async def receive() -> None:
                document = gql(subscription)
                document.variable_values = {"userId": user_id or self.user_id}
                async for message in session.subscribe(document):
                    for told in message.values():
                        inbox.put(told)

            receiving = asyncio.create_task(receive())
            started = asyncio.create_task(transport.started.wait())
            try:
                await asyncio.wait({receiving, started}, return_when=asyncio.FIRST_COMPLETED)
                if receiving.done():
                    await receiving
                yield inbox
            finally:
                started.cancel()
                receiving.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await receiving


class _Transport(AppSyncWebsocketsTransport):
    """gql's transport, which also signals that the API has acknowledged the subscription."""

    def __init__(self, url: str, auth: AppSyncJWTAuthentication) -> None:
        self.started = asyncio.Event()
        super().__init__(url=url, auth=auth)

    def _parse_answer(self, answer: str) -> tuple[str, int | None, ExecutionResult | None]:
        parsed: tuple[str, int | None, ExecutionResult | None] = super()._parse_answer(answer)
        if parsed[0] == "start_ack":
            self.started.set()
        return parsed


class Inbox:
    """The messages that a client received, in order, each with the time of its arrival."""

    def __init__(self) -> None:
        self.received: list[tuple[float, dict[str, Any]]] = []
        self._arrived = asyncio.Condition()
        self._waiting: set[asyncio.Task[None]] = set()

    def put(self, message: dict[str, Any]) -> None:
        """Keep a message; the moment is `time.perf_counter()`'s, in seconds."""
        self.received.append((time.perf_counter(), message))
        task = asyncio.ensure_future(self._announce())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def wait_for(
        self, number: int, patience: float = ARRIVAL_TIMEOUT_SECONDS
    ) -> list[dict[str, Any]]:
        """Wait until at least so many messages are there; raises TimeoutError."""
        async with asyncio.timeout(patience), self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= number)
        return [message for _, message in self.received]

    async def _announce(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()


def _impatient_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=trusted())


def _subject(token: str) -> str:
    """Return the user id in a token, as an app reads it."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    subject: str = claims["sub"]
    return subject
