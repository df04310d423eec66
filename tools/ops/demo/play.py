"""A paced evening of many rooms on the running product: `make play`, to have something to look at.

    python -m tools.ops.demo.play [--rooms 8] [--pace 1] [--seed N]

A few friends meet in several rooms at once. In each they swipe in turns until they agree, keep the
film among their favourites, and the host decides. PACE is the seconds between two swipes in a room.
"""

import argparse
import asyncio
import contextlib
import random
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from tools.ops.client import NotRunning, Person, Stack
from tools.ops.client.retries import CLIENT_ERRORS, Refused, explain
from tools.ops.client.stack import STACK_FILE
from tools.ops.demo.__main__ import GENRES, LIKING, NAMES, console

SMALLEST, LARGEST = 2, 4
"""How many people are in a room."""

type Pause = Callable[[], Awaitable[None]]


def main() -> int:
    """Play until every room has decided; the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.ops.demo.play", description=__doc__)
    options.add_argument("--rooms", type=int, default=8)
    options.add_argument("--pace", type=float, default=1.0, help="seconds between two swipes")
    options.add_argument("--seed", type=int, default=None, help="for the same tastes again")
    options.add_argument("--stack-file", type=Path, default=STACK_FILE, help="where stack.json is")
    given = options.parse_args()
    tastes = random.Random(given.seed)  # noqa: S311 - tastes are no secrets
    try:
        asyncio.run(play(Stack.load(given.stack_file), given.rooms, given.pace, tastes))
    except NotRunning as error:
        return _failed(str(error))
    except CLIENT_ERRORS as error:
        return _failed(explain(error))
    except KeyboardInterrupt:
        console.print("The rest of the evening is called off.")
    return 0


async def play(stack: Stack, rooms: int, pace: float, tastes: random.Random) -> None:
    """Have the friends sign up, and open room after room."""
    async with contextlib.AsyncExitStack() as phones:
        people = await asyncio.gather(
            *(Person.sign_up(stack, name, patient=True) for name in NAMES)
        )
        for person in people:
            await phones.enter_async_context(person)
        console.print(
            f"{', '.join(NAMES)} are here. See it: {stack.emulator_url}/_matinee/app/console"
        )

        async def later(number: int) -> None:
            await asyncio.sleep(number * pace)
            size = tastes.randint(SMALLEST, LARGEST)
            await evening(number + 1, tastes.sample(people, size), tastes, pause)

        async def pause() -> None:
            await asyncio.sleep(pace)

        async with asyncio.TaskGroup() as evenings:
            for number in range(rooms):
                evenings.create_task(later(number))


async def evening(
    number: int, people: Sequence[Person], tastes: random.Random, pause: Pause
) -> Mapping[str, Any] | None:
    """Play one room from its opening to its decision; return that, or None if nobody agreed."""
    host, *guests = people
    room = await host.create_room(genreIds=[tastes.choice(list(GENRES))])
    _say(number, f"{host.name} opens [bold]{room['code']}[/]")
    for guest in guests:
        await pause()
        await guest.join_room(room["code"])
        _say(number, f"{guest.name} joins")
    match = await _agree(number, people, room["id"], tastes, pause)
    if match is None:
        _say(number, "they have swiped through everything and agree on nothing")
        return None
    await pause()
    await tastes.choice(people).add_favourite(match["movieId"])
    await pause()
    try:
        decision = await host.decide(room["id"], match["movieId"])
    except Refused as refused:  # the majority was quicker, or the room is closed
        _say(number, f"nothing is decided: {escape(str(refused))}")
        return None
    _say(number, f"[green]they watch {escape(str(decision['title']))}[/]")
    return decision


async def _agree(
    number: int, people: Sequence[Person], room_id: str, tastes: random.Random, pause: Pause
) -> Mapping[str, Any] | None:
    """Swipe in turns until a vote completes a match, or nobody has a card left."""
    while True:
        dealt = False
        for person in people:
            for movie in await person.deck(room_id, limit=1):
                dealt = True
                await pause()
                yes = tastes.random() < LIKING
                result = await person.vote(room_id, movie["id"], yes=yes)
                _say(
                    number, f"{person.name} {'likes' if yes else 'skips'} {escape(movie['title'])}"
                )
                if result["match"]:
                    match: Mapping[str, Any] = result["match"]
                    return match
        if not dealt:
            return None


def _say(number: int, text: str) -> None:
    console.print(f"[dim]room {number:>2}[/] {text}")


def _failed(why: str) -> int:
    console.print(escape(why), style="red")
    return 1


if __name__ == "__main__":
    sys.exit(main())
