"""Many people with phones, who vote in their rooms and remember what must have come of it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tools.local.patience import patient_client
from tools.ops.client import Person, Stack
from tools.ops.client.person import Inbox

ARRIVING_AT_ONCE = 8
"""How many sign up, join or look at a time: what is measured are the votes."""

EVERYBODY_LIKES = 5
"""Each room agrees on every so-manieth of its candidates."""

LIKING, REPEATING = 0.5, 0.05
"""The probability of a like otherwise, and that a phone sends a vote again although answered."""

FEED_PAGE = 100


@dataclass(slots=True)
class Member:
    """A person in one room, with an inbox: what they were answered counts as true."""

    person: Person
    inbox: Inbox
    votes: dict[int, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Gathering:
    """A room and who is in it."""

    room_id: str
    films: Sequence[int]
    members: list[Member]

    def matches(self) -> set[int]:
        """Return the films that everybody has liked."""
        liked = [{film for film, yes in it.votes.items() if yes} for it in self.members]
        return set.intersection(*liked)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote's way: when it was sent and answered, in seconds of `time.perf_counter`."""

    sent: float
    answered: float

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return self.answered - self.sent


@contextlib.asynccontextmanager
async def gathered(stack: Stack, rooms: int, people: int) -> AsyncIterator[list[Gathering]]:
    """Sign people up, open the rooms, have all join; everybody listens to their own matches."""
    async with contextlib.AsyncExitStack() as open_ends:
        http = await open_ends.enter_async_context(patient_client(connections=None))
        everybody = await few_at_a_time(
            _sign_up(stack, f"Load{number}", http) for number in range(rooms * people)
        )
        inboxes = await few_at_a_time(
            open_ends.enter_async_context(person.listening()) for person in everybody
        )
        members = [Member(*each) for each in zip(everybody, inboxes, strict=True)]
        yield await few_at_a_time(
            _open(members[first : first + people]) for first in range(0, len(members), people)
        )


async def _sign_up(stack: Stack, name: str, http: httpx.AsyncClient) -> Person:
    """Create an account and sign in, over the connections that all share."""
    credentials = {
        "email": f"{name.lower()}-{secrets.token_hex(6)}@example.com",
        "password": f"Aa1{secrets.token_urlsafe(12)}",
    }
    answer = await http.post(f"{stack.rest_url}/auth/signup", json=credentials)
    answer.raise_for_status()
    answer = await http.post(f"{stack.rest_url}/auth/signin", json=credentials)
    token = answer.raise_for_status().json()["AccessToken"]
    return Person.signed_in(name, credentials["email"], token, stack, http)


async def _open(members: list[Member]) -> Gathering:
    host, *guests = (member.person for member in members)
    room = await host.create_room(maxParticipants=len(members))
    for guest in guests:
        await guest.join_room(room["code"])
    return Gathering(room["id"], [movie["id"] for movie in room["candidates"]], members)


async def vote_all(
    gatherings: Sequence[Gathering], films: slice, seconds: float, chance: Random
) -> list[Ballot]:
    """Have everybody vote, one vote after the other, on some films or until the time is up."""
    end = time.perf_counter() + seconds
    ballots: list[Ballot] = []

    async def swipe(gathering: Gathering, member: Member) -> None:
        for position, film in list(enumerate(gathering.films))[films]:
            yes = position % EVERYBODY_LIKES == 0 or chance.random() < LIKING
            for _ in range(1 + (chance.random() < REPEATING)):
                if time.perf_counter() >= end:
                    return
                sent = time.perf_counter()
                await member.person.vote(gathering.room_id, film, yes=yes)
                ballots.append(Ballot(sent, time.perf_counter()))
                member.votes[film] = yes

    async with asyncio.TaskGroup() as phones:
        for gathering in gatherings:
            for member in gathering.members:
                phones.create_task(swipe(gathering, member))
    return ballots


async def audited(gatherings: Sequence[Gathering]) -> Mapping[str, int]:
    """Ask the product, as everybody, what it knows, and count by kind what is not as it must be."""
    faults: Counter[str] = Counter(dict.fromkeys(FAULTS, 0))
    found = await few_at_a_time(
        _audit(gathering, member) for gathering in gatherings for member in gathering.members
    )
    for each in found:
        faults.update(each)
    for each in await few_at_a_time(_audit_feed(gathering) for gathering in gatherings):
        faults.update(each)
    return faults


FAULTS = (
    "votes lost",
    "votes doubled, or of nobody",
    "matches lost",
    "matches doubled, or of nobody",
    "notifications lost",
    "notifications doubled, or of nobody",
    "feeds with gaps",
    "matches missing in feeds",
    "counts of votes in feeds that are not the last",
)


async def _audit(gathering: Gathering, member: Member) -> Counter[str]:
    room_id, person = gathering.room_id, member.person
    document = "query ($roomId: ID!) { myVotes(roomId: $roomId) { movieId vote } }"
    votes = (await person.ask(document, roomId=room_id))["myVotes"]
    matches = await person.matches(limit=100)
    wanted = gathering.matches()
    faults = _compared("votes", member.votes.items(), [(it["movieId"], it["vote"]) for it in votes])
    faults += _compared("matches", wanted, [match["movieId"] for match in matches])
    told = [message["movieId"] for _, message in member.inbox.received]
    return faults + _compared("notifications", wanted, told)


def _compared(kind: str, wanted: Iterable[object], found: Iterable[object]) -> Counter[str]:
    must, has = Counter(wanted), Counter(found)
    return Counter(
        {
            f"{kind} lost": (must - has).total(),
            f"{kind} doubled, or of nobody": (has - must).total(),
        }
    )


async def _audit_feed(gathering: Gathering) -> Counter[str]:
    entries: list[Mapping[str, Any]] = []
    reader = gathering.members[0].person
    while page := await reader.room_feed(gathering.room_id, len(entries)):
        entries += page
    numbers = [entry["seq"] for entry in entries]
    counts = {it["userId"]: it["progress"]["voted"] for it in entries if it["kind"] == "PROGRESS"}
    told = [entry["movieId"] for entry in entries if entry["kind"] == "MATCH"]
    return Counter(
        {
            "feeds with gaps": numbers != list(range(1, len(numbers) + 1)),
            "matches missing in feeds": sorted(told) != sorted(gathering.matches()),
            "counts of votes in feeds that are not the last": sum(
                counts.get(it.person.user_id, 0) != len(it.votes) for it in gathering.members
            ),
        }
    )


async def few_at_a_time[Made](work: Iterable[Coroutine[Any, Any, Made]]) -> list[Made]:
    """Do it all, a few at a time; return what came of it, in order."""
    turns = asyncio.Semaphore(ARRIVING_AT_ONCE)

    async def one(part: Coroutine[Any, Any, Made]) -> Made:
        async with turns:
            return await part

    return list(await asyncio.gather(*map(one, work)))
