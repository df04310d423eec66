"""From the last vote to every client: seconds on the running product, and where they go."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.distribution import Distribution
from bench.probe import Probe, listening
from bench.report import Report, Settings, note
from tools.local.stack import LocalStack
from tools.ops.client import NotRunning, Person, Stack
from tools.ops.client.person import Inbox
from tools.ops.client.stack import STACK_FILE

MATCHES: Mapping[int, int] = {2: 20, 6: 15, 10: 15}
"""Matches to measure, by the size of the group."""

WARMING = 4
BUDGET = 180.0
"""Seconds after which no further match is begun."""

BREATH = 0.1
"""Seconds of quiet before the last vote, when all earlier votes have been through."""

ORIGINAL = (2.03, 2.09)
"""Seconds that the original's completing vote takes, for it sleeps two seconds."""

MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Timeline:
    """One match. Every figure is in seconds since the last vote was sent."""

    users: int
    vote_made: float
    answered: float
    vote_published: float
    match_made: float
    match_published: float
    clients: Sequence[float]

    @property
    def last_client(self) -> float:
        """When everybody knew."""
        return max(self.clients)


STAGES: Mapping[str, tuple[str, str]] = {
    "the vote reaches its use case": ("sent", "vote_made"),
    "the transaction, and the answer to the voter": ("vote_made", "answered"),
    "stream, relay, bus: VoteCast is published": ("vote_made", "vote_published"),
    "queue, detector: MatchFound is made": ("vote_published", "match_made"),
    "transaction, stream, relay, bus: it is published": ("match_made", "match_published"),
    "queue, notifier, AppSync: the last client": ("match_published", "last_client"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """People in a room, each with a client of their own."""

    people: Sequence[Person]
    inboxes: Sequence[Inbox]
    room: Mapping[str, Any]
    probe: Probe


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    with a_product(settings) as (stack, whose):
        timelines = asyncio.run(measure(stack))
    report.say(
        f"On {whose}: people with accounts and open WebSockets (the `gql` package's AppSync "
        "transport), over HTTP, functions, tables with streams, bus and queues. All but one have "
        "voted yes and the product has come to rest; then the last vote is sent. Measured after "
        f"{WARMING} matches to warm up, on one machine that also runs the clients."
    )
    print_times(report, timelines)
    print_stages(report, timelines)
    judge(report, timelines)
    report.record("matches", [asdict(timeline) for timeline in timelines])


@contextlib.contextmanager
def a_product(settings: Settings) -> Iterator[tuple[Stack, str]]:
    """Find the running product, or start one for the length of the block."""
    try:
        stack = Stack.load(settings.stack_file or STACK_FILE)
    except NotRunning:
        if settings.stack_file:
            raise
    else:
        yield stack, "the product that was running"
        return
    note("  starting the product ...")
    with (
        tempfile.TemporaryDirectory(prefix="matinee-bench-") as home,
        LocalStack.start(Path(home), strict=False) as local,
    ):
        yield Stack.load(local.folders.stack_file), "a product started for this"


async def measure(stack: Stack) -> list[Timeline]:
    """Run groups until they match; return how each went."""
    most = max(MATCHES)
    deadline = time.perf_counter() + BUDGET
    timelines = []
    async with contextlib.AsyncExitStack() as open_ends:
        probe = await open_ends.enter_async_context(listening(stack))
        people = [await Person.sign_up(stack, f"Bench{number}") for number in range(most)]
        for person in people:
            await open_ends.enter_async_context(person)
        inboxes = [await open_ends.enter_async_context(person.listening()) for person in people]
        note("  warming up")
        warm = await gather(people, inboxes, probe, most)
        async for _ in matches_of(warm, WARMING, deadline):
            pass
        for users, matches in MATCHES.items():
            note(f"  {users} users: {matches} matches")
            group = await gather(people, inboxes, probe, users)
            timelines += [t async for t in matches_of(group, matches, deadline)]
    return timelines


async def gather(
    people: Sequence[Person], inboxes: Sequence[Inbox], probe: Probe, users: int
) -> Group:
    """Open a room with so many in it."""
    host, *guests = people[:users]
    room = await host.create_room(maxParticipants=users)
    for guest in guests:
        await guest.join_room(room["code"])
    return Group(people[:users], inboxes[:users], room, probe)


async def matches_of(group: Group, number: int, deadline: float) -> AsyncIterator[Timeline]:
    """Have a group agree on one film after the other."""
    for position, movie in enumerate(group.room["candidates"][:number]):
        if time.perf_counter() > deadline:
            note("  the time is up")
            return
        yield await one_match(group, movie["id"], last=position % len(group.people))


async def one_match(group: Group, movie_id: int, last: int) -> Timeline:
    """Have all vote, one of them last, and wait until every client was notified."""
    room_id = group.room["id"]
    told_before = [len(inbox.received) for inbox in group.inboxes]
    others = [person for number, person in enumerate(group.people) if number != last]
    await asyncio.gather(*(person.vote(room_id, movie_id) for person in others))
    await group.probe.wait_for(len(others), "VoteCast", room_id, movie_id)
    await asyncio.sleep(BREATH)
    epoch = time.time() - time.perf_counter()
    sent = time.perf_counter()
    result = await group.people[last].vote(room_id, movie_id)
    answered = time.perf_counter() - sent
    for inbox, before in zip(group.inboxes, told_before, strict=True):
        await inbox.wait_for(before + 1)
    votes = await group.probe.wait_for(len(group.people), "VoteCast", room_id, movie_id)
    [found] = await group.probe.wait_for(1, "MatchFound", room_id, movie_id)
    if not result["match"] or result["match"]["matchId"] != found.data["match_id"]:
        message = "the last vote's answer and the match differ"
        raise RuntimeError(message)
    return Timeline(
        users=len(group.people),
        vote_made=votes[-1].made - epoch - sent,
        answered=answered,
        vote_published=votes[-1].published - epoch - sent,
        match_made=found.made - epoch - sent,
        match_published=found.published - epoch - sent,
        clients=[
            inbox.received[before][0] - sent
            for inbox, before in zip(group.inboxes, told_before, strict=True)
        ],
    )


def print_times(report: Report, timelines: Sequence[Timeline]) -> None:
    """Print the times that people feel."""
    report.heading("Milliseconds")
    rows = []
    for users in MATCHES:
        of_size = [timeline for timeline in timelines if timeline.users == users]
        if not of_size:
            continue
        answered = [t.answered for t in of_size]
        clients = [client for t in of_size for client in t.clients]
        last = [t.last_client for t in of_size]
        after = [t.last_client - t.answered for t in of_size]
        rows.append(
            [
                users,
                len(of_size),
                *_cells(answered),
                *_cells(clients),
                *_cells(last),
                *_cells(after),
            ]
        )
    figures = ("p50", "p95", "max")
    report.table(
        [
            "users",
            "matches",
            *_header("vote answered", figures),
            *_header("sent to each client", figures),
            *_header("sent to the last client", figures),
            *_header("answered to the last client", figures),
        ],
        rows,
        words=0,
    )


def print_stages(report: Report, timelines: Sequence[Timeline]) -> None:
    """Print where the time goes."""
    report.heading("Where the time goes, milliseconds over all matches")
    rows = [
        [stage, *_cells([_moment(t, end) - _moment(t, start) for t in timelines])]
        for stage, (start, end) in STAGES.items()
    ]
    report.table(["stage", "p50", "p95", "max"], rows)
    report.say(
        "The moments in between are the events' own: their ids carry the millisecond in which they "
        "were made, and a queue beside the product's notes when the bus hands them out. The second "
        "and the third stage begin together: the voter's answer does not wait for the event. The "
        "same way on AWS has the same stages with AWS's own times."
    )


def judge(report: Report, timelines: Sequence[Timeline]) -> None:
    """Compare with the original."""
    report.heading("Targets")
    clients = Distribution.of([client for t in timelines for client in t.clients])
    answered = Distribution.of([t.answered for t in timelines])
    low, high = ORIGINAL
    report.headline("from the last vote to every phone, p50", clients.p50, "s")
    report.headline("from the last vote to every phone, p95", clients.p95, "s")
    report.verdict(
        f"every client knows sooner than the original's {low}-{high} s (p95)",
        met=clients.p95 < low,
        measured=f"p50 {clients.p50:.2f} s, p95 {clients.p95:.2f} s, max {clients.max:.2f} s; "
        f"{low / clients.p50:.1f} times sooner at p50",
    )
    report.verdict(
        "the vote that completes a match is answered without a sleep",
        met=answered.p95 < low,
        measured=f"p50 {answered.p50:.3f} s, p95 {answered.p95:.3f} s; "
        f"{low / answered.p50:.0f} times sooner at p50",
    )
    wanted = sum(MATCHES.values())
    report.verdict(
        f"{wanted} matches within the time",
        met=len(timelines) == wanted,
        measured=f"{len(timelines)} measured",
    )


def _moment(timeline: Timeline, name: str) -> float:
    return 0.0 if name == "sent" else float(getattr(timeline, name))


def _cells(seconds: Sequence[float]) -> list[str]:
    return Distribution.of([value * MILLISECONDS for value in seconds]).cells()


def _header(name: str, figures: Sequence[str]) -> list[str]:
    first, *rest = figures
    return [f"{name}, {first}", *rest]
