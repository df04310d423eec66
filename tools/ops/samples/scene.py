"""The scene of the sample events: the people, the room and the votes that they speak of.

A sample names them by the ids of an evening of 2025. The scene is made anew by using the running
product as an app would: Ann opens a room, Cleo joins and leaves, Bob joins, Ann and Bob like the
same film, and Ann decides for it. Ids are the product's to choose, so `prepare` puts the scene's
into the sample. Only what a sample speaks of is made, and it always ends the same way.
"""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx

from matinee.clock import iso, utc_now
from tools.contracts.paths import ROOT
from tools.local.emulator import emulator_session
from tools.local.patience import patient_client, patient_sync_client
from tools.ops.client import Person, Stack
from tools.ops.events.environment import Environment
from tools.ops.events.sending import send_sample
from tools.ops.refresh.operator import NotAccepted, Operator

ANN = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
BOB = "c83d91b6-1f52-4e07-8a3d-90b64f27d1ec"
CLEO = "1a7be4f0-63c9-4d25-b1f8-7c05e92ad346"
GUEST = "d4e91b07-52a6-4f3c-9e18-63c0a7f25b8d"
ROOM = "019aa7e5-26d6-7c31-91d4-e5f607182930"
CODE = "KQ7M3X"
CREW = "019aa7e5-26d6-49c1-8b04-e89e08bd889f"
CREW_ROOM = "019aa7f3-6a10-7b42-9c55-2f8e1d7a4b60"
FILM = "904217"
FILM_ENTRY = {"mediaId": FILM, "mediaType": "movie", "title": "The Lighthouse Orchard"}
IMPORT = "9f86d081884c7d659a2feaa0c55ad015"
NOTICE = "2025-11-21T14:40:00.000Z#tv#77120"
RUN = "019aaee9-8f40-7c11-8a52-7d0b4f1e9c36"
SIMILAR_TO = "27205"
EMAIL, USERNAME, PASSWORD = "ann@example.com", "ann.frames", "Popcorn4two"
POOLS = ("eu-west-1_Matinee42", "eu-west-1_K7mPq2XvB")
REFRESH_TOKEN, MAILED_CODE = "a.refresh.token", "123456"
GUESTS_TOKEN, GUESTS_EMAIL = "a.guests.token", "cleo@example.com"
"""What the samples call them."""

AVAILABILITY = ROOT / "contracts/events/catalog/AvailabilityChanged/1.0.example.json"
"""The film of the samples comes to a platform, yesterday's news."""

KNOWN_FILM = "550"
"""TMDB has it, and so has the stand-in."""

ATTEMPTS = 5
SETTLE_SECONDS = 120.0
_POLL_SECONDS = 0.2
_ADDS = ("add", "bulk", "import")


class SceneNotSet(Exception):
    """The product refuses what a scene needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the scene, signed in."""

    email: str
    username: str
    user_id: str
    access_token: str
    refresh_token: str


@dataclass
class Scene:
    """One evening in the running product; its parts are made when a sample first needs them."""

    stack: Stack
    _accounts: dict[str, Account] = field(default_factory=dict)

    def prepare(self, path: Path) -> Any:  # noqa: ANN401 - any JSON value
        """Return a sample event with the scene's ids in it. Raises SceneNotSet."""
        text = path.read_text(encoding="utf-8")
        event = filled_in(text, self._values(path, text))
        headers = event.get("headers", {}) if isinstance(event, dict) else {}
        if "if-match" in headers:
            headers["if-match"] = self._preferences_tag()
        return event

    def _values(self, path: Path, text: str) -> Mapping[str, str]:
        """Make what a sample speaks of; return what it calls things, and their real names."""
        function, _, case = path.stem.split(".")
        values = dict.fromkeys(POOLS, self.stack.user_pool_id)
        for part in self._parts(path.parent.name, function, case):
            values |= part(text)
        return values

    def _parts(
        self, service: str, function: str, case: str
    ) -> Iterator[Callable[[str], Mapping[str, str]]]:
        if (function, case) == ("SignupFunction", "register"):
            yield self._nobody
            return
        if (function, case) == ("SignupFunction", "verify"):
            yield self._unverified
            return
        if function == "UpgradeGuestFunction":
            yield self._guest
            return
        if service == "rooms":
            yield self._evening
        if service == "library" and not case.startswith(_ADDS):
            yield self._library
            yield self._import
            yield self._notice
        if (function, case) == ("PasswordFunction", "reset"):
            yield self._forgotten
        if function.startswith("Refresh"):
            yield self._refresh
        yield self._ann
        yield self._known_title

    def _ann(self, text: str) -> Mapping[str, str]:
        if not any(name in text for name in (ANN, EMAIL, USERNAME, REFRESH_TOKEN)):
            return {}
        ann = self.account("ann")
        return {
            ANN: ann.user_id,
            EMAIL: ann.email,
            USERNAME: ann.username,
            USERNAME.title(): ann.username.title(),
            REFRESH_TOKEN: ann.refresh_token,
        }

    def _nobody(self, _: str) -> Mapping[str, str]:
        name = f"ann.{secrets.token_hex(4)}"
        return {EMAIL: f"{name}@example.com", USERNAME: name}

    def _unverified(self, _: str) -> Mapping[str, str]:
        """Sign somebody up who waits for a code, where the product was started with VERIFY=1."""
        names = self._nobody("")
        login = {"email": names[EMAIL], "password": PASSWORD, "username": names[USERNAME]}
        self._post("/auth/signup", login)
        return {**names, MAILED_CODE: self.stack.mailed_code(names[EMAIL]) or MAILED_CODE}

    def _guest(self, _: str) -> Mapping[str, str]:
        """Create a guest of the room, who is signed in by their own tokens."""
        guest = self._post("/auth/guests", {"code": self.room[CODE], "name": "Cleo"})
        email = f"cleo.{secrets.token_hex(4)}@example.com"
        return {GUEST: guest["userId"], GUESTS_TOKEN: guest["AccessToken"], GUESTS_EMAIL: email}

    def _forgotten(self, _: str) -> Mapping[str, str]:
        email = self.account("ann").email
        self._post("/auth/forgot-password", {"email": email})
        return {MAILED_CODE: self.stack.mailed_code(email)}

    def _library(self, _: str) -> Mapping[str, str]:
        token = self.account("ann").access_token
        series = {"mediaId": 77120, "mediaType": "tv", "title": "Harbour Lights"}
        self._post("/user/favourites", FILM_ENTRY, token)
        self._post("/user/watchlist", series, token)
        return {}

    def _import(self, text: str) -> Mapping[str, str]:
        """Import an export of one film, which needs no look at TMDB, and wait for its end."""
        if IMPORT not in text:
            return {}
        token = self.account("ann").access_token
        export = {"format": 1, "favourites": [FILM_ENTRY]}
        import_id = str(self._post("/user/imports", export, token)["importId"])
        self._wait_for(
            lambda: '"completed"' in self._get(f"/user/imports/{import_id}", token).text,
            "the import's only row is not added",
        )
        return {IMPORT: import_id}

    def _notice(self, text: str) -> Mapping[str, str]:
        """Publish that a film of Ann's watchlist came to her platform; wait for the notice."""
        if NOTICE not in text:
            return {}
        token = self.account("ann").access_token
        own = {"region": "DE", "streamingPlatforms": ["Netflix"]}
        self._post("/user/preferences", own, token)
        self._post("/user/watchlist", FILM_ENTRY, token)
        session = emulator_session() if self.stack.emulator_url else boto3.Session()
        here = Environment("", self.stack.outputs, session, self.stack.emulator_url or None)
        example = json.loads(AVAILABILITY.read_text(encoding="utf-8"))["detail"]["data"]
        send_sample(here, "AvailabilityChanged", example | {"changed_at": iso(utc_now())})
        self._wait_for(lambda: bool(self._notices(token)), "Ann is not told of her film")
        return {NOTICE: str(self._notices(token)[0]["noticeId"])}

    def _notices(self, token: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/user/notices", token).json()["items"]
        return found

    def _preferences_tag(self) -> str:
        """Save preferences of Ann, and return their entity tag."""
        token = self.account("ann").access_token
        self._post("/user/preferences", {"favoriteGenres": [18]}, token)
        return self._get("/user/preferences", token).headers["ETag"]

    def _refresh(self, text: str) -> Mapping[str, str]:
        return {RUN: self.run} if RUN in text else {}

    def _known_title(self, text: str) -> Mapping[str, str]:
        """Have the catalogue look a title up, and wait until the recommender knows it."""
        if f"/similar/movie/{SIMILAR_TO}" not in text:
            return {}
        token = self.account("ann").access_token
        self._get(f"/media/movie/{KNOWN_FILM}", token).raise_for_status()
        self._wait_for(
            lambda: self._get(f"/recommendations/similar/movie/{KNOWN_FILM}", token).is_success,
            f"the recommender does not know the film {KNOWN_FILM}",
        )
        return {SIMILAR_TO: KNOWN_FILM}

    def _evening(self, text: str) -> Mapping[str, str]:
        if not any(name in text for name in (ANN, BOB, CLEO, ROOM, CODE, CODE.lower(), FILM)):
            return {}
        people = {ANN: "ann", BOB: "bob", CLEO: "cleo"}
        crew = asyncio.run(self._make_crew()) if CREW in text or CREW_ROOM in text else {}
        ids = {name: self.account(who).user_id for name, who in people.items()}
        return {**ids, **self.room, **crew}

    @cached_property
    def room(self) -> Mapping[str, str]:
        """The room, its code and the film that Ann and Bob agree on, by the samples' names."""
        return asyncio.run(self._open_room())

    @cached_property
    def run(self) -> str:
        """A refresh of the catalogue: the one that runs, or a new one of a page of each list."""
        with Operator.of(self.stack) as operator:
            try:
                return operator.begin("lists", 1)
            except NotAccepted as refused:
                if "runId" not in refused.body:
                    raise SceneNotSet(str(refused)) from refused
                return str(refused.body["runId"])

    async def _open_room(self) -> Mapping[str, str]:
        async with patient_client() as http:
            ann, bob, cleo = (self._person(name, http) for name in ("ann", "bob", "cleo"))
            room = await ann.create_room(genreIds=[35, 18])
            await cleo.join_room(room["code"])
            await cleo.leave_room(room["id"])
            await bob.join_room(room["code"])
            film = room["candidates"][0]["id"]
            for person in (ann, bob):
                await person.vote(room["id"], film)
            deadline = time.monotonic() + SETTLE_SECONDS
            while not any(match["roomId"] == room["id"] for match in await bob.matches()):
                if time.monotonic() > deadline:
                    raise SceneNotSet("the match of Ann and Bob is not found")
                await asyncio.sleep(_POLL_SECONDS)
            await ann.decide(room["id"], film)
            while not await ann.room_feed(room["id"]):
                if time.monotonic() > deadline:
                    raise SceneNotSet("nothing is told of the room")
                await asyncio.sleep(_POLL_SECONDS)
        return {
            ROOM: room["id"],
            CODE: room["code"],
            CODE.lower(): room["code"].lower(),
            FILM: str(film),
        }

    async def _make_crew(self) -> Mapping[str, str]:
        """Make a new crew of the room as Ann, and start a room for it."""
        async with patient_client() as http:
            ann = self._person("ann", http)
            crew = await ann.create_crew(self.room[ROOM], f"Fridays {secrets.token_hex(4)}")
            started = await ann.start_room(crew["id"])
        return {CREW: crew["id"], CREW_ROOM: started["id"]}

    def account(self, name: str) -> Account:
        """Return a user of the scene; they sign up when first needed."""
        if name not in self._accounts:
            username = f"{name}.{secrets.token_hex(4)}"
            email = f"{username}@example.com"
            login = {"email": email, "password": PASSWORD}
            made = self._post("/auth/signup", {**login, "username": username})
            if code := self.stack.mailed_code(email):
                self._post("/auth/signup", {"email": email, "code": code})
            tokens = self._post("/auth/signin", login)
            self._accounts[name] = Account(
                email, username, made["userSub"], tokens["AccessToken"], tokens["RefreshToken"]
            )
        return self._accounts[name]

    def _person(self, name: str, http: httpx.AsyncClient) -> Person:
        account = self.account(name)
        return Person.signed_in(name, account.email, account.access_token, self.stack, http)

    def _post(self, path: str, body: Mapping[str, object], token: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """Post, and again after a fault of the product, as nothing here hurts. Raises SceneNotSet.

        A function that starts while many others do may take longer than it is given.
        """
        with patient_sync_client() as http:
            for _ in range(ATTEMPTS):
                answer = http.post(
                    f"{self.stack.rest_url}{path}", json=body, headers=_bearer(token)
                )
                if not answer.is_server_error:
                    break
        if answer.is_error:
            raise SceneNotSet(f"POST {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()

    def _get(self, path: str, token: str) -> httpx.Response:
        with patient_sync_client() as http:
            return http.get(f"{self.stack.rest_url}{path}", headers=_bearer(token))

    def _wait_for(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise SceneNotSet(otherwise)
            time.sleep(_POLL_SECONDS)


def filled_in(text: str, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a sample with other names in it, and messages that no consumer has seen yet."""
    if values:
        names = re.compile("|".join(map(re.escape, sorted(values, key=len, reverse=True))))
        text = names.sub(lambda found: values[found[0]], text)
    event = json.loads(text)
    for record in event.get("Records", ()) if isinstance(event, dict) else ():
        if "body" in record:
            record["body"] = _as_a_new_event(record["body"])
            record["md5OfBody"] = md5(record["body"].encode()).hexdigest()  # noqa: S324 - as SQS
    return event


def _as_a_new_event(body: str) -> str:
    """Give a message of the bus another event id: a consumer handles each once."""
    try:
        old = str(json.loads(body)["detail"]["metadata"]["event_id"])
    except (ValueError, LookupError, TypeError):
        return body
    return body.replace(old, str(uuid4()))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
