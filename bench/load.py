"""Bounded load on the running product, from outside, by people who remember what they did.

First everybody votes at once, each one vote after the other. Then the product is told of the same
votes again, as new events: a burst, and a backlog that gathers while the consumers are switched
off. Whatever happens, nothing may be lost and nothing may come twice.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import batched, cycle, islice
from random import Random
from typing import Any

from uuid6 import uuid7

from bench.distribution import Distribution
from bench.gatherings import Ballot, audited, gathered, vote_all
from bench.latency import a_product
from bench.probe import SOURCE, client, listening
from bench.processes import CLIENT, Processes, difference
from bench.report import Load, Report, Settings, note
from tools.ops.client import Stack
from tools.ops.idle import places

SEED = 16
WARMING = 3
"""Votes of each person before it is measured: then every function runs in as many processes."""

SECONDS = 180.0
"""After which nobody votes any more."""

REST_SECONDS = 900.0
"""Within which everything must have been through that was begun."""

LOOK_SECONDS = 0.5

VOTES_PER_SECOND = 100
CORES = 2
MILLISECONDS = 1000
ENTRIES = 10
"""The most that one PutEvents takes."""

LISTED = 12

type Aws = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of load: how many of what, in which time, by whose processor seconds."""

    name: str
    count: int
    seconds: float
    used: Mapping[str, float]
    load: float

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.count / self.seconds

    @property
    def product(self) -> float:
        """Processor seconds of the product for one, without those of the people's phones."""
        return sum(self.each(name) for name in self.used if name != CLIENT)

    @property
    def capable(self) -> float:
        """How many a second idle cores could do, by the processor's time."""
        return CORES / self.product if self.product else math.nan

    def each(self, process: str) -> float:
        """Processor seconds of a process for one."""
        return self.used.get(process, 0) / self.count


@dataclass(frozen=True, slots=True)
class Measured:
    """A whole run. `faults` are counted by kind."""

    phases: Sequence[Phase]
    ballots: Sequence[Ballot]
    cast: int
    matches: int
    faults: Mapping[str, int]


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    load = settings.load or Load()
    with a_product(settings) as (stack, whose):
        measured = asyncio.run(measure(stack, load))
    report.say(
        f"On {whose}: {load.rooms * load.people} people with accounts, open WebSockets and one "
        f"process for all of their phones, in {load.rooms} rooms of {load.people}. Everybody votes "
        f"on {load.votes} titles, each vote sent when the one before is answered, one in twenty "
        "sent twice. Then the same votes are put on the bus again as new events: "
        f"{load.burst:,} at once, and {load.backlog:,} that had gathered while no queue was read. "
        "Processor seconds are those of the product's processes, without the phones'."
    )
    print_phases(report, measured)
    judge(report, measured)
    report.record("phases", [asdict(phase) for phase in measured.phases])
    report.record("faults", measured.faults)


async def measure(stack: Stack, load: Load) -> Measured:
    """Put the load on the product, and look at what came of it."""
    aws: Aws = partial(client, stack)
    chance = Random(SEED)  # noqa: S311 - opinions are no secrets
    processes = Processes(stack.emulator_url)
    phases: list[Phase] = []

    @contextmanager
    def phase(name: str, count: Callable[[], int]) -> Iterator[None]:
        note(f"  {name}")
        before, began = processes.seconds(), time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        used = difference(processes.seconds(), before)
        phases.append(Phase(name, count(), seconds, used, os.getloadavg()[0]))

    note(f"  {load.rooms * load.people} people meet in {load.rooms} rooms")
    async with (
        listening(stack) as probe,
        gathered(stack, load.rooms, load.people) as gatherings,
    ):
        await vote_all(gatherings, slice(WARMING), SECONDS, chance)
        await _rest(aws)
        ballots: list[Ballot] = []
        films = slice(WARMING, WARMING + load.votes)
        with phase("votes, until all has come of them", lambda: len(ballots)):
            with phase("votes, until answered", lambda: len(ballots)):
                ballots += await vote_all(gatherings, films, SECONDS, chance)
            await _rest(aws)
        cast = [each.detail for each in probe.seen if each.event_type == "VoteCast"]
        if load.burst:
            with phase("events in a burst", lambda: load.burst):
                await asyncio.to_thread(_tell_again, aws, stack, cast, load.burst)
                await _rest(aws)
        if load.backlog:
            with _consumers_off(aws):
                await asyncio.to_thread(_tell_again, aws, stack, cast, load.backlog)
            with phase("events of a backlog", lambda: load.backlog):
                await _rest(aws)
        note("  everybody looks at what the product knows")
        faults = await audited(gatherings)
        found = sum(len(each.matches()) for each in gatherings)
        voted = sum(len(it.votes) for each in gatherings for it in each.members)
    return Measured(sorted(phases, key=lambda it: it.name), ballots, voted, found, faults)


async def _rest(aws: Aws) -> None:
    """Wait until every event has been through: in two rounds, no place has work.

    A look costs the emulator milliseconds: it is repeated only where there is work. Raises
    TimeoutError.
    """
    found = await asyncio.to_thread(lambda: list(places(aws)))
    clean = 0
    async with asyncio.timeout(REST_SECONDS):
        while clean < len(found) * 2:
            for waits in found:
                clean += 1
                while await asyncio.to_thread(waits):
                    clean = 0
                    await asyncio.sleep(LOOK_SECONDS)


def _tell_again(aws: Aws, stack: Stack, details: Sequence[Mapping[str, Any]], number: int) -> None:
    """Put events on the bus that tell of what has been told, each as one of its own."""
    events, bus = aws("events"), stack.outputs["EventBusName"]
    for some in batched(islice(cycle(details), number), ENTRIES, strict=False):
        answer = events.put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": SOURCE,
                    "DetailType": detail["metadata"]["event_type"],
                    "Detail": json.dumps(_anew(detail)),
                }
                for detail in some
            ]
        )
        if answer["FailedEntryCount"]:
            message = "the bus refuses what it took before"
            raise RuntimeError(message)


def _anew(detail: Mapping[str, Any]) -> dict[str, Any]:
    event_id = str(uuid7())
    told = {"event_id": event_id, "idempotency_key": f"load:{event_id}"}
    return {"metadata": detail["metadata"] | told, "data": detail["data"]}


@contextmanager
def _consumers_off(aws: Aws) -> Iterator[None]:
    """Have no queue read for the length of a block."""
    functions = aws("lambda")
    reading = [
        mapping["UUID"]
        for page in functions.get_paginator("list_event_source_mappings").paginate()
        for mapping in page["EventSourceMappings"]
        if ":sqs:" in mapping["EventSourceArn"] and mapping.get("State") != "Disabled"
    ]
    for uuid in reading:
        functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        yield
    finally:
        for uuid in reading:
            functions.update_event_source_mapping(UUID=uuid, Enabled=True)


def print_phases(report: Report, measured: Measured) -> None:
    """Print how fast it went, and what took the processor's time."""
    report.table(
        [
            "",
            "number",
            "seconds",
            "a second",
            "processor ms each",
            f"a second on {CORES} idle cores",
            "load of the machine",
        ],
        [
            [
                it.name,
                f"{it.count:,}",
                f"{it.seconds:.1f}",
                f"{it.rate:.1f}",
                f"{it.product * MILLISECONDS:.1f}",
                f"{it.capable:.0f}",
                f"{it.load:.1f}",
            ]
            for it in measured.phases
        ],
    )
    answers = Distribution.of([ballot.seconds for ballot in measured.ballots])
    report.say(
        f"A vote is answered after {answers.p50:.2f} s (p50), {answers.p95:.2f} s (p95), "
        f"{answers.max:.2f} s (max): all of them vote at once, and nobody waits between two votes."
    )
    report.heading("Whose processor time, ms each")
    names = sorted(
        {name for phase in measured.phases for name in phase.used},
        key=lambda name: -max(it.each(name) for it in measured.phases),
    )
    report.table(
        ["", *(phase.name for phase in measured.phases)],
        [
            [
                name,
                *(
                    f"{it.used.get(name, 0) / it.count * MILLISECONDS:.2f}"
                    for it in measured.phases
                ),
            ]
            for name in names[:LISTED]
        ],
    )


def judge(report: Report, measured: Measured) -> None:
    """Compare with what is promised."""
    report.heading("Targets")
    report.say(
        f"{measured.cast:,} votes have made {measured.matches:,} matches, by the phones' count. "
        "What every one of them reads of the product (myVotes, getMyMatches, roomFeed) and has "
        "received over the WebSocket is compared with it:"
    )
    for kind, number in measured.faults.items():
        report.verdict(f"no {kind}", met=number == 0, measured=str(number))
    by_name = {phase.name: phase for phase in measured.phases}
    answered = by_name["votes, until answered"]
    report.verdict(
        f"{VOTES_PER_SECOND} votes a second on {CORES} idle cores, by processor time",
        met=answered.capable >= VOTES_PER_SECOND,
        measured=f"{answered.capable:.0f}; {answered.rate:.0f} here, load {answered.load:.1f}",
    )
    report.headline("votes a second, here", answered.rate, "votes/s", more=True)
    for name, phase in by_name.items():
        report.headline(name, phase.product * MILLISECONDS, "processor ms each")
