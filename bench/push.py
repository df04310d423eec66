"""From the last vote to a phone whose app is closed: seconds on the running product."""

from __future__ import annotations

import asyncio
import time
from queue import Empty

from bench.distribution import Distribution
from bench.latency import a_product
from bench.report import Report, Settings, note
from tools.ops.client import Person, Stack
from tools.push_service import push_server

WARMING = 4
MATCHES = 40
BUDGET = 120.0
"""Seconds after which no further match is begun."""

ARRIVAL_SECONDS = 30.0
LONGEST = 5.0
"""Seconds: what VoteToNotificationAlarm takes for late."""


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    with a_product(settings) as (stack, whose):
        seconds = asyncio.run(measure(stack))
    report.say(
        f"On {whose}: two people match on one title after the other; one of them has registered a "
        "browser at a push service on this machine, which verifies the signature and decrypts. "
        "Push services of browsers take their own time besides."
    )
    pushed = Distribution.of(seconds)
    report.heading("Milliseconds from the last vote to the push, decrypted")
    cells = Distribution.of([value * 1000 for value in seconds]).cells()
    report.table(["matches", "p50", "p95", "max"], [[len(seconds), *cells]])
    report.heading("Targets")
    report.headline("from the last vote to a closed app, p50", pushed.p50, "s")
    report.headline("from the last vote to a closed app, p95", pushed.p95, "s")
    report.verdict(
        f"a phone whose app is closed hears within {LONGEST:.0f} s (p95)",
        met=pushed.p95 < LONGEST,
        measured=f"p50 {pushed.p50:.2f} s, p95 {pushed.p95:.2f} s, max {pushed.max:.2f} s",
    )
    report.record("seconds", seconds)


async def measure(stack: Stack) -> list[float]:
    """Match until there are enough figures; return the seconds of each push."""
    deadline = time.perf_counter() + BUDGET
    seconds = []
    ada = await Person.sign_up(stack, "Ada", patient=True)
    boris = await Person.sign_up(stack, "Boris", patient=True)
    async with ada, boris:
        with push_server() as service:
            pocket = await ada.subscribe_to_pushes(service)
            room = await ada.create_room()
            await boris.join_room(room["code"])
            for movie in room["candidates"][: WARMING + MATCHES]:
                if time.perf_counter() > deadline:
                    note("  the time is up")
                    break
                await ada.vote(room["id"], movie["id"])
                sent = time.perf_counter()
                await boris.vote(room["id"], movie["id"])
                try:
                    await asyncio.to_thread(pocket.received.get, timeout=ARRIVAL_SECONDS)
                except Empty as error:
                    message = "a match was not pushed"
                    raise RuntimeError(message) from error
                seconds.append(time.perf_counter() - sent)
    return seconds[WARMING:]
