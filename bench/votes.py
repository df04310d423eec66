"""What one vote costs in DynamoDB: calls, items, read and write units, from the vote to the match.

Every vote of a full room is cast on the real use cases, adapters, detector and relay over an
emulator's tables, and every call is booked by `bench.ledger`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

from bench.distribution import Distribution
from bench.ledger import Call, Cost
from bench.report import Report, Settings, note
from bench.rooms_service import (
    API,
    DETECTOR,
    FEED,
    NOTIFIER,
    RELAY,
    RoomsService,
    open_rooms_service,
    user_ids,
)
from bench.surroundings import prepare
from rooms.adapters.dynamodb.items import CANDIDATES_NAME

SIZES = (2, 6, 10, 20, 50)
FILMS = 50
"""Candidates of a room: fifty are the most that a room has."""

FILM_NUMBERS = (5, 10, 25, 50)
USERS_FOR_FILM_NUMBERS = 10

LIKED_BY_ALL = 5
"""Every so many-th film is liked by everybody: matches come about, as in the real thing."""

LIKING = 0.6
SEED = 2
PROCESSES = 2
"""Rooms measured side by side, each over an emulator of its own: only calls are counted."""

MAX_ITEMS = 6
MAX_READ_UNITS = 4
FLAT = 0.02
"""A cost that differs by less than this share does not grow."""

ORIGINAL: Mapping[int, tuple[int, float]] = {
    2: (17, 5.8),
    6: (80, 9.8),
    10: (143, 13.1),
    20: (299, 21.0),
}
"""The original's items and read units per vote, by users, in a room of fifty films."""

ORIGINAL_LAST_YES = 1021
"""Items that the original reads for the last yes vote of twenty users."""

OF_A_VOTE = (API, DETECTOR, RELAY)


@dataclass(frozen=True, slots=True)
class VoteCost:
    """One vote: its cost in each part of the product, and whether it completed a match."""

    parts: Mapping[str, Cost]
    completed: bool
    calls: Sequence[Call]

    @classmethod
    def of(cls, calls: Sequence[Call], *, completed: bool) -> VoteCost:
        """Sum up the calls of a vote."""
        parts: dict[str, Cost] = {}
        for call in calls:
            parts[call.phase] = parts.get(call.phase, Cost()) + call.cost
        return cls(parts, completed, calls)

    @property
    def total(self) -> Cost:
        """The vote's own work, match detection included; notifying comes on top."""
        return sum((self.parts.get(part, Cost()) for part in OF_A_VOTE), Cost())

    @property
    def read_candidates(self) -> bool:
        """Whether any of its calls read the room's candidates."""
        return any(CANDIDATES_NAME in key for call in self.calls for key in call.keys_read)


def run(_: Settings, report: Report) -> None:
    """Measure, print, judge."""
    report.say(
        "Counted while the real use case, match detector, relay and their DynamoDB adapters run "
        "over an emulator's tables (the tables of the templates): every vote of a full room, "
        f"cast in a random order; every {LIKED_BY_ALL}th film is liked by all and becomes a match, "
        f"the others by {LIKING:.0%}. Units are **computed** from the calls and the sizes of the "
        "items by DynamoDB's documented rules (on demand, no retries). The event's way is "
        "included: outbox item, its deletion, and the detector's idempotency record."
    )
    rooms = {(users, FILMS) for users in SIZES}
    rooms |= {(USERS_FOR_FILM_NUMBERS, number) for number in FILM_NUMBERS}
    largest_first = sorted(rooms, reverse=True)
    with ProcessPoolExecutor(PROCESSES, initializer=prepare) as processes:
        costs = dict(
            zip(largest_first, processes.map(measure_room, *zip(*largest_first, strict=True)))  # noqa: B905 - both are as long
        )
    measured = {users: costs[users, FILMS] for users in SIZES}
    by_films = {number: costs[USERS_FOR_FILM_NUMBERS, number] for number in FILM_NUMBERS}
    print_votes(report, measured)
    print_parts(report, measured)
    print_matches(report, measured)
    print_films(report, by_films)
    print_check(report, measured)
    judge(report, measured, by_films)
    print_method(report)
    record(report, measured, by_films)


def measure_room(users: int, films: int) -> list[VoteCost]:
    """Cast every vote of one full room over tables of its own."""
    with open_rooms_service() as service:
        return measure(service, users, films)


def measure(service: RoomsService, users: int, films: int) -> list[VoteCost]:
    """Cast every vote of one full room; returns what each cost."""
    note(f"  {users} users x {films} films")
    draw = random.Random(SEED)
    people = user_ids(users)
    room, candidates = service.room(people, films)
    ballots = [
        (user, movie, position % LIKED_BY_ALL == 0 or draw.random() < LIKING)
        for position, movie in enumerate(candidates)
        for user in people
    ]
    draw.shuffle(ballots)
    service.ledger.take()
    costs = []
    for user, movie, yes in ballots:
        match = service.vote(user, room, movie, yes=yes)
        costs.append(VoteCost.of(service.ledger.take(), completed=match is not None))
    return costs


def print_votes(report: Report, measured: Mapping[int, Sequence[VoteCost]]) -> None:
    """Print the sum per vote beside the original's."""
    report.heading(f"Per vote, match detection included, {FILMS} films")
    rows = []
    for users, costs in measured.items():
        items = Distribution.of([cost.total.items_read for cost in costs])
        units = Distribution.of([cost.total.read_units for cost in costs])
        writes = Distribution.of([cost.total.write_units for cost in costs])
        calls = mean(cost.total.calls for cost in costs)
        old_items, old_units = ORIGINAL.get(users, (None, None))
        rows.append(
            [
                users,
                len(costs),
                f"{calls:.1f}",
                f"{items.mean:.2f}",
                f"{items.p95:.0f}",
                f"{items.max:.0f}",
                f"{units.mean:.2f}",
                f"{units.p95:g}",
                f"{units.max:g}",
                f"{writes.mean:.1f}",
                f"{writes.p95:g}",
                f"{writes.max:g}",
                old_items or "-",
                old_units or "-",
                f"{old_items / items.mean:.0f}x" if old_items else "-",
                f"{old_units / units.mean:.1f}x" if old_units else "-",
            ]
        )
    report.table(
        [
            "users",
            "votes",
            "calls",
            "items read, mean",
            "p95",
            "max",
            "read units, mean",
            "p95",
            "max",
            "write units, mean",
            "p95",
            "max",
            "original's items",
            "and read units",
            "fewer items",
            "fewer read units",
        ],
        rows,
        words=0,
    )


def print_parts(report: Report, measured: Mapping[int, Sequence[VoteCost]]) -> None:
    """Print who causes the cost."""
    report.heading("Where it goes (means per vote)")
    rows = [
        [users, part, *_cells(costs_of(costs, part), len(costs))]
        for users, costs in measured.items()
        for part in (*OF_A_VOTE, FEED)
    ]
    report.table(["users", "part", *_CELLS], rows, words=2)
    report.say(
        "The feed is what it costs at most: progress after every vote, as if each came later than "
        "a second after the one before. It is published once a room, whoever listens, and is not "
        "part of the sums above."
    )


def print_matches(report: Report, measured: Mapping[int, Sequence[VoteCost]]) -> None:
    """Print the dearest votes: those that complete a match."""
    report.heading("The last yes vote, which completes a match with everybody")
    rows = []
    for users, costs in measured.items():
        last = [cost for cost in costs if cost.completed]
        own = [cost.total for cost in last]
        telling = [cost.parts.get(NOTIFIER, Cost()) for cost in last]
        rows.append(
            [
                users,
                len(last),
                f"{mean(cost.items_read for cost in own):.1f}",
                f"{mean(cost.read_units for cost in own):.1f}",
                f"{mean(cost.write_units for cost in own):.0f}",
                f"{mean(cost.items_read for cost in telling):.0f}",
                f"{mean(cost.read_units for cost in telling):.0f}",
                f"{mean(cost.write_units for cost in telling):.0f}",
            ]
        )
    report.table(
        [
            "users",
            "matches",
            "items read",
            "read units",
            "write units",
            "telling all: items read",
            "read units",
            "write units",
        ],
        rows,
        words=0,
    )
    report.say(
        f"The original reads {ORIGINAL_LAST_YES:,} items for the last yes vote of 20 users. "
        "Telling everybody (the notifier, and what its mutation looks up for each user) comes once "
        "per match and grows with those who are notified; it is not part of the sums above."
    )


def print_films(report: Report, by_films: Mapping[int, Sequence[VoteCost]]) -> None:
    """Print that the films do not matter."""
    report.heading(f"The same with fewer films, {USERS_FOR_FILM_NUMBERS} users")
    rows = [
        [
            number,
            len(costs),
            f"{mean(cost.total.calls for cost in costs):.2f}",
            f"{mean(cost.total.items_read for cost in costs):.2f}",
            f"{mean(cost.total.read_units for cost in costs):.2f}",
            f"{mean(cost.total.write_units for cost in costs):.2f}",
        ]
        for number, costs in by_films.items()
    ]
    report.table(
        ["films", "votes", "calls", "items read", "read units", "write units"], rows, words=0
    )


def print_check(report: Report, measured: Mapping[int, Sequence[VoteCost]]) -> None:
    """Print the emulator's own account beside ours."""
    report.heading("Check of the arithmetic: what the emulator itself says (ConsumedCapacity)")
    reported: dict[str, list[tuple[float, float | None]]] = {}
    for costs in measured.values():
        for call in (call for cost in costs for call in cost.calls):
            units = call.cost.read_units + call.cost.write_units
            reported.setdefault(call.operation, []).append((units, call.reported))
    rows = []
    for operation, pairs in sorted(reported.items()):
        compared = [(ours, its) for ours, its in pairs if its is not None]
        rows.append(
            [
                operation,
                f"{len(pairs):,}",
                f"{sum(ours for ours, _ in pairs):,g}",
                f"{sum(its for _, its in compared):,g}" if compared else "says nothing",
                f"{sum(ours != its for ours, its in compared):,}" if compared else "-",
            ]
        )
    report.table(
        ["operation", "calls", "units, computed", "units, emulator", "calls that differ"], rows
    )


def judge(
    report: Report,
    measured: Mapping[int, Sequence[VoteCost]],
    by_films: Mapping[int, Sequence[VoteCost]],
) -> None:
    """Add which targets are met."""
    report.heading("Targets")
    items = {users: mean(c.total.items_read for c in costs) for users, costs in measured.items()}
    units = {users: mean(c.total.read_units for c in costs) for users, costs in measured.items()}
    checked = {
        users: mean(c.total.items_read + c.total.items_checked for c in costs)
        for users, costs in measured.items()
    }
    most_items = max(c.total.items_read for costs in measured.values() for c in costs)
    most_units = max(c.total.read_units for costs in measured.values() for c in costs)
    writes = max(mean(c.total.write_units for c in costs) for costs in measured.values())
    feed = max(costs_of(costs, FEED).write_units / len(costs) for costs in measured.values())
    report.headline("what the feed writes of a vote, at most", feed, "write units")
    report.headline("what a vote reads", max(units.values()), "read units")
    report.headline("what a vote writes", writes, "write units")
    report.verdict(
        f"fewer than {MAX_ITEMS} items per vote at every size",
        met=max(items.values()) < MAX_ITEMS,
        measured=f"{max(items.values()):.2f} on average at the dearest size "
        f"({max(checked.values()):.2f} with those that only a condition looks at)",
    )
    report.verdict(
        f"fewer than {MAX_ITEMS} items for each single vote",
        met=most_items < MAX_ITEMS,
        measured=f"at most {most_items}",
    )
    report.verdict(
        f"fewer than {MAX_READ_UNITS} read units per vote at every size",
        met=max(units.values()) < MAX_READ_UNITS,
        measured=f"{max(units.values()):.2f} on average at the dearest size",
    )
    report.verdict(
        f"fewer than {MAX_READ_UNITS} read units for each single vote",
        met=most_units < MAX_READ_UNITS,
        measured=f"at most {most_units:g}",
    )
    spreads = [
        spread([mean(getattr(c.total, what) for c in costs) for costs in by_films.values()])
        for what in ("items_read", "read_units", "write_units")
    ]
    report.verdict(
        "a vote's cost does not grow with the films",
        met=max(spreads) < FLAT,
        measured=f"{FILM_NUMBERS[0]} to {FILM_NUMBERS[-1]} films differ by "
        f"{max(spreads):.1%} at most",
    )
    every = [cost for costs in (*measured.values(), *by_films.values()) for cost in costs]
    reading = sum(cost.read_candidates for cost in every)
    queries = sum(cost.total.queries for cost in every)
    report.verdict(
        "no vote reads the candidates, none queries or scans",
        met=reading == queries == 0,
        measured=f"{reading} of {len(every):,} votes read them, {queries} queries or scans",
    )


def print_method(report: Report) -> None:
    """Add how it was counted."""
    report.heading("How it is counted")
    report.say(
        "Items are those that reads return. A strongly consistent read costs a unit for each 4 KiB "
        "of an item, an eventually consistent one half, a missing item as much as the smallest; "
        "BatchGetItem rounds each item by itself. A write costs a unit for each KiB of the larger "
        "of the item before and after, in a transaction two; a ConditionCheck costs as much as a "
        "write of the item that it looks at, and no read unit; the conditions of other writes cost "
        "nothing. Reading the outbox's stream and what TTL deletes are free. The original's "
        "figures were measured by running its code: the items that the reads of its vote returned, "
        "and their read units, on average over all votes of a room with fifty films; it was not "
        "run with 50 users."
    )


def record(
    report: Report,
    measured: Mapping[int, Sequence[VoteCost]],
    by_films: Mapping[int, Sequence[VoteCost]],
) -> None:
    """Add the figures for programs."""
    for name, series in (("by_users", measured), ("by_films", by_films)):
        report.record(
            name,
            {
                str(key): {
                    what: asdict(Distribution.of([getattr(c.total, what) for c in costs]))
                    for what in ("calls", "items_read", "read_units", "write_units")
                }
                for key, costs in series.items()
            },
        )


def costs_of(costs: Sequence[VoteCost], part: str) -> Cost:
    """Sum up one part of the product over all votes."""
    return sum((cost.parts.get(part, Cost()) for cost in costs), Cost())


def mean(values: Iterable[float]) -> float:
    """Return the mean of numbers."""
    numbers = list(values)
    return sum(numbers) / len(numbers)


def spread(values: Sequence[float]) -> float:
    """Return by which share of the smallest the largest is above it."""
    return max(values) / min(values) - 1


_CELLS = ("calls", "items read", "read units", "items checked", "items written", "write units")


def _cells(total: Cost, votes: int) -> list[str]:
    figures = (
        total.calls,
        total.items_read,
        total.read_units,
        total.items_checked,
        total.items_written,
        total.write_units,
    )
    return [f"{figure / votes:.2f}" for figure in figures]
