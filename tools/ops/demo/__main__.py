"""An evening of friends: they open a room, join, one as a guest, swipe, match, and decide.

One of their phones has closed its app. Prints each step.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tools.ops.client import NotRunning, Person, Stack
from tools.ops.client.person import ARRIVAL_TIMEOUT_SECONDS, Inbox
from tools.ops.client.retries import CLIENT_ERRORS, explain
from tools.ops.client.stack import STACK_FILE
from tools.push_service import push_server

NAMES = ("Ada", "Boris", "Carmen", "Dinah", "Emil", "Fatima")
GENRES = {28: "Action", 35: "Comedy"}
LIKING = 0.45
"""The probability that an invented user likes a movie."""

console = Console(highlight=False)


def main() -> int:
    """Run the demo and return the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--friends", type=int, default=3, choices=range(2, len(NAMES) + 1))
    options.add_argument("--seed", type=int, default=None, help="for the same tastes again")
    options.add_argument("--stack-file", type=Path, default=STACK_FILE, help="where stack.json is")
    given = options.parse_args()
    try:
        tastes = random.Random(given.seed)  # noqa: S311 - tastes are no secrets
        asyncio.run(show(Stack.load(given.stack_file), NAMES[: given.friends], tastes))
    except NotRunning as error:
        return _failed(str(error))
    except CLIENT_ERRORS as error:
        return _failed(explain(error))
    return 0


def _failed(why: str) -> int:
    console.print(escape(why), style="red")
    return 1


async def show(stack: Stack, names: Sequence[str], tastes: random.Random) -> None:
    """Play an evening from the sign-up to the match on every phone, and to the decision."""
    async with contextlib.AsyncExitStack() as phones:
        began = time.perf_counter()
        *friends, without_account = names
        people = await asyncio.gather(
            *(Person.sign_up(stack, name, patient=True) for name in friends)
        )
        for person in people:
            await phones.enter_async_context(person)
            await person.set_name()
        step(began, f"{_and(friends)} sign up, sign in, and say how they are called")
        host, *others = people
        pocket = await host.subscribe_to_pushes(phones.enter_context(push_server()))
        step(began, f"{host.name}'s other phone, its app closed, is registered for Web Push")
        room = await host.create_room(genreIds=list(GENRES))
        genres = _and(list(GENRES.values()))
        step(began, f"{host.name} opens a room ({genres}): code [bold]{room['code']}[/],")
        console.print(f"        {len(room['candidates'])} candidates, the same for everybody")
        for person in others:
            await person.join_room(room["code"].lower())
            step(began, f"{person.name} joins by code")
        guest = await Person.as_guest(stack, without_account, room["code"])
        people.append(await phones.enter_async_context(guest))
        await guest.join_room(room["code"])
        step(began, f"{guest.name}, who has no account, joins by the link as a guest")
        inboxes = {
            person.name: await phones.enter_async_context(person.listening()) for person in people
        }
        step(began, "each phone subscribes to its own matches over the WebSocket")
        match, agreed_at = await swipe(began, people, room, tastes)
        await hear(began, people, inboxes, match, agreed_at)
        pushed = await asyncio.to_thread(pocket.received.get, timeout=ARRIVAL_TIMEOUT_SECONDS)
        step(began, f'[bold]{host.name}\'s other phone, encrypted: "{pushed["body"]}"[/]')
        await swipe_on(people, room["id"], tastes)
        await look(began, host, room["id"])
        await decide(began, people, room["id"], match)
        pushed = await asyncio.to_thread(pocket.received.get, timeout=ARRIVAL_TIMEOUT_SECONDS)
        step(began, f'[bold]{host.name}\'s other phone, encrypted: "{pushed["body"]}"[/]')


async def swipe(
    began: float, people: Sequence[Person], room: Mapping[str, Any], tastes: random.Random
) -> tuple[Mapping[str, Any], float]:
    """Swipe in turns until a vote completes a match; return it and that moment."""
    favourite = tastes.choice(room["candidates"])["id"]
    swipes = 0
    while True:
        for person in people:
            for movie in await person.deck(room["id"], limit=1):
                yes = movie["id"] == favourite or tastes.random() < LIKING
                sent = time.perf_counter()
                result = await person.vote(room["id"], movie["id"], yes=yes)
                swipes += 1
                mark = "[green]yes[/]" if yes else "[dim]no[/] "
                step(began, f"{person.name:<7} {mark} {movie['title']}")
                if result["match"]:
                    step(began, f"that is a match, after {swipes} swipes")
                    return result["match"], sent


async def hear(
    began: float,
    people: Sequence[Person],
    inboxes: Mapping[str, Inbox],
    match: Mapping[str, Any],
    agreed_at: float,
) -> None:
    """Wait for every phone; then check that each was notified once and that the list has it."""
    for name, inbox in inboxes.items():
        await inbox.wait_for(1)
        arrived, message = inbox.received[0]
        milliseconds = (arrived - agreed_at) * 1000
        step(
            began,
            f'[bold]{name}\'s phone: "{message["movieTitle"]}"[/]'
            f" - {milliseconds:.0f} ms after the last vote was sent",
        )
    await asyncio.sleep(1)
    once = all(len(inbox.received) == 1 for inbox in inboxes.values())
    lists = await asyncio.gather(*(person.matches() for person in people))
    kept = all(match["matchId"] in {entry["matchId"] for entry in own} for own in lists)
    step(began, f"every phone was notified {'once' if once else '[red]more than once[/]'};")
    console.print(f"        getMyMatches {'has it for everybody' if kept else '[red]lacks it[/]'}")
    if not (once and kept):
        sys.exit(1)


async def swipe_on(people: Sequence[Person], room_id: str, tastes: random.Random) -> None:
    """Swipe in turns, the last of them liking nothing, until all have voted on one title more."""
    *others, last = people
    while not await last.standings(room_id):
        for person in people:
            for movie in await person.deck(room_id, limit=1):
                yes = person in others and tastes.random() < LIKING
                await person.vote(room_id, movie["id"], yes=yes)


async def look(began: float, host: Person, room_id: str) -> None:
    """Show what everybody in the room sees: who is here, how far they are, what they like best."""
    shown = "people { name isHost isGuest progress { voted of } }"
    for one in (await host.get_room(room_id, shown))["people"]:
        role = " (host)" if one["isHost"] else " (guest)" if one["isGuest"] else ""
        voted, of = one["progress"]["voted"], one["progress"]["of"]
        step(began, f"{escape(one['name'])}{role} has voted on {voted} of {of}")
    for film in (await host.standings(room_id))[:3]:
        step(began, f"standings: {escape(film['title'])}, {film['likes']} of {film['of']} like it")


async def decide(
    began: float, people: Sequence[Person], room_id: str, match: Mapping[str, Any]
) -> None:
    """Have the host decide, and everybody's feed say so."""
    host = people[0]
    decision = await host.decide(room_id, match["movieId"])
    step(began, f"{host.name} decides: they watch {escape(decision['title'])}")
    async with asyncio.timeout(ARRIVAL_TIMEOUT_SECONDS):
        for person in people:
            while "DECIDED" not in {entry["kind"] for entry in await person.room_feed(room_id)}:
                await asyncio.sleep(0.1)
    step(began, "the room's feed tells everybody of it")


def step(began: float, text: str) -> None:
    """Print what happens, with the seconds since the beginning."""
    console.print(f"[dim]{time.perf_counter() - began:6.2f}s[/] {text}")


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


if __name__ == "__main__":
    sys.exit(main())
