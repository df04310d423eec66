"""What a user's library costs: requests, read and write units and time, by the length of a list.

The real use cases and adapters run over an emulator's tables; `bench.ledger` books every call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched, count
from typing import TYPE_CHECKING, Any

import boto3

from bench.distribution import Distribution
from bench.emulated_tables import EmulatedTables, emulated_tables
from bench.ledger import Cost, Ledger
from bench.report import Report, Settings, note
from bench.surroundings import environment
from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables
from library.adapters.dynamodb.items import entry_item
from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository
from library.adapters.dynamodb.titles import DynamoDBTitleFacts
from library.domain.titles import Entry, ListName, Title
from library.events.factory import LibraryEventFactory
from library.use_cases.add_entries import AddEntries
from library.use_cases.changes import Added, single
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.list_entries import ListEntries
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.preferences import PreferencesService
from library.use_cases.remove_entry import RemoveEntries
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SIZES = (10, 100, 1_000, 10_000)
REPETITIONS = 20
LONG_PAGE = 100
MANY = 100
FLAT = 0.02
"""A cost that differs by less than this share does not grow."""

ONE_REQUEST = (
    "add a title",
    "add it again",
    "remove it, telling its addedAt",
    "a page of 4, newest",
    "a page of 4, by cursor",
    "read preferences",
)
USER = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
TRACE = Trace("bench")
LISTS = {ListName.FAVOURITES: "FavouritesTable", ListName.WATCHLIST: "WatchlistTable"}
_FIRST_NEW = 1_000_000
_BEGAN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Stopwatch:
    """Adds up the time that a client's calls take."""

    spent: float = 0.0
    _since: float = 0.0

    def watch(self, client: DynamoDBClient) -> None:
        """Listen to a client."""
        client.meta.events.register("before-send.dynamodb", self._sent)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def _sent(self, **_: object) -> None:
        self._since = time.perf_counter()

    def _answered(self, **_: object) -> None:
        self.spent += time.perf_counter() - self._since


@dataclass(slots=True)
class Measured:
    """One operation on a list of one length. Times are in milliseconds."""

    cost: Cost = field(default_factory=Cost)
    times: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def mean(self, name: str) -> float:
        """Return a part of the cost per repetition."""
        return float(getattr(self.cost, name)) / len(self.times)


class Shelf:
    """The use cases over the emulator's tables, and one user who has a list."""

    def __init__(self, tables: EmulatedTables, client: DynamoDBClient) -> None:
        self.tables = tables
        self.ledger = Ledger(tables.shapes, tables.peek)
        self.stopwatch = Stopwatch()
        self.ledger.watch(client)
        self.stopwatch.watch(client)
        lists = DynamoDBEntryRepository(Tables(LISTS, "LibraryOutboxTable"), client)
        events = LibraryEventFactory()
        titles = DescribeTitles(DynamoDBTitleFacts("LibraryTitlesTable", client))
        self.page = ListEntries(ListName.FAVOURITES, lists, titles)
        self.like = AddEntries(ListName.FAVOURITES, lists, events, titles)
        self.watch = AddEntries(ListName.WATCHLIST, lists, events, titles)
        self.remove = RemoveEntries(ListName.FAVOURITES, lists, events)
        self.move = MoveToFavourites(lists, events)
        self.preferences = PreferencesService(
            DynamoDBPreferencesRepository("UserPreferencesTable", "LibraryOutboxTable", client),
            events,
        )
        self.numbers = count(_FIRST_NEW)
        self.measured: dict[str, Measured] = {}
        self.length = 0

    def fill(self, first: int, last: int) -> None:
        """Store favourites past the service, older than all that follow."""
        self.length = last
        for numbers in batched(range(first, last + 1), 25, strict=False):
            puts: list[Any] = [
                {"PutRequest": {"Item": entry_item(USER, Entry(title(number), _moment(number)))}}
                for number in numbers
            ]
            table = LISTS[ListName.FAVOURITES]
            self.tables.aws.dynamodb.batch_write_item(RequestItems={table: puts})

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Book what is done inside the block."""
        self.ledger.take()
        self.stopwatch.spent = 0.0
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        measured = self.measured.setdefault(name, Measured())
        measured.cost = sum((call.cost for call in self.ledger.take()), measured.cost)
        measured.times.append(took * 1000)
        measured.own.append((took - self.stopwatch.spent) * 1000)

    def add(self, add: AddEntries, new: Title) -> Added:
        """Add one title, as its route does."""
        return single(add(USER, [Entry.at(new, datetime.now(UTC))], TRACE))

    def day(self) -> None:
        """Run every operation once; the list is as long afterwards as before."""
        new = title(next(self.numbers))
        with self.measure("add a title"):
            added = self.add(self.like, new)
        with self.measure("add it again"):
            self.add(self.like, new)
        with self.measure("remove it"):
            self.remove(USER, [new.key], TRACE)
        other = self.add(self.like, title(next(self.numbers))).entry
        with self.measure("remove it, telling its addedAt"):
            self.remove(USER, [other.title.key], TRACE, other.added_at)
        with self.measure("a page of 4, newest"):
            page = self.page(USER, 4, None)
        assert added.new
        with self.measure("a page of 4, by cursor"):
            self.page(USER, 4, page.next)
        if self.length > LONG_PAGE:
            with self.measure(f"a page of {LONG_PAGE}"):
                self.page(USER, LONG_PAGE, None)
        self.add(self.watch, new)
        with self.measure("move from the watchlist"):
            moved = self.move(USER, new.key, TRACE)
        self.remove(USER, [new.key], TRACE, moved.entry.added_at)
        with self.measure("read preferences"):
            self.preferences.get(USER)
        with self.measure("save preferences"):
            self.preferences.change(USER, {"minRating": next(self.numbers) % 10}, TRACE)

    def many(self) -> None:
        """Add and remove a hundred titles in one request each."""
        titles = [title(next(self.numbers)) for _ in range(MANY)]
        now = datetime.now(UTC)
        with self.measure(f"add {MANY} in one request"):
            self.like(USER, [Entry.at(one, now) for one in titles], TRACE)
        with self.measure(f"remove {MANY} in one request"):
            self.remove(USER, [one.key for one in titles], TRACE)


def title(number: int) -> Title:
    """Return an invented film with as many words as TMDB's have."""
    return Title(
        key=TitleKey(MediaType.MOVIE, number),
        title=f"The Lantern of Harbour {number}",
        overview="Two keepers tend a light and a row of apple trees. " * 6,
        poster_path="/kP4mQ2vT7sXbLwR9hG3nJ5dF8zY.jpg",
        backdrop_path="/bB7nM4kL2jH9gF6dS3aQ1wE5rT.jpg",
        release_date="2024-03-08",
        vote_average=7.6,
        vote_count=1234,
        popularity=61.416,
        genre_ids=(18, 10749, 35),
        original_language="en",
    )


def run(_: Settings, report: Report) -> None:
    """Measure, print, judge."""
    report.say(
        "The real use cases and adapters over an emulator's tables (those of the templates); each "
        f"operation {REPETITIONS} times, on a list of each length. Units are **computed** from the "
        "calls and the items' sizes by DynamoDB's documented rules. The event's outbox item and "
        "the look for an account that is gone are included. Times are those of this laptop and "
        "its emulator, whose queries walk through a list; the product's own part is shown apart."
    )
    measured = measure()
    for name, heading, digits in (
        ("calls", "Table requests per operation, by the list's length", 1),
        ("read_units", "Read units", 2),
        ("write_units", "Write units", 1),
    ):
        report.heading(heading)
        _print(report, measured, partial(_figure, name, digits))
    report.heading("Milliseconds, median: all of it, and (the product's own code)")
    _print(
        report,
        measured,
        lambda one: f"{Distribution.of(one.times).p50:.1f} ({Distribution.of(one.own).p50:.1f})",
    )
    judge(report, measured)
    report.record(
        "operations",
        [
            {
                "operation": name,
                "length": size,
                "calls": one.mean("calls"),
                "read_units": one.mean("read_units"),
                "write_units": one.mean("write_units"),
                "p50_ms": Distribution.of(one.times).p50,
                "p95_ms": Distribution.of(one.times).p95,
                "own_p50_ms": Distribution.of(one.own).p50,
            }
            for size, operations in measured.items()
            for name, one in operations.items()
        ],
    )


def measure() -> Mapping[int, Mapping[str, Measured]]:
    """Return what each operation costs, by the list's length."""
    found: dict[int, Mapping[str, Measured]] = {}
    with emulated_tables() as tables, environment(tables.environment):
        shelf = Shelf(tables, boto3.client("dynamodb"))
        shelf.preferences.change(USER, {"favoriteGenres": [18, 878], "keywords": ["heist"]}, TRACE)
        stored = 0
        for size in SIZES:
            note(f"  {size} favourites")
            shelf.fill(stored + 1, size)
            stored, shelf.measured = size, {}
            for _ in range(REPETITIONS):
                shelf.day()
            for _ in range(REPETITIONS // 4):
                shelf.many()
            found[size] = shelf.measured
    return found


def judge(report: Report, measured: Mapping[int, Mapping[str, Measured]]) -> None:
    """Compare with what was promised."""
    report.heading("Targets")
    names = list(measured[SIZES[-1]])
    spread = {name: _spread([by[name] for by in measured.values() if name in by]) for name in names}
    worst = max(names, key=lambda name: spread[name])
    for name in ONE_REQUEST:
        written = measured[SIZES[-1]][name].mean("write_units")
        report.headline(f"{name}, writes", written, "write units")
    report.verdict(
        f"units flat from {SIZES[0]} to {SIZES[-1]:,} items",
        met=spread[worst] <= FLAT,
        measured=f"at most {spread[worst]:.1%} apart ({worst})",
    )
    calls = {name: max(by[name].mean("calls") for by in measured.values()) for name in ONE_REQUEST}
    report.verdict(
        "one table request per single-item operation",
        met=all(number == 1 for number in calls.values()),
        measured=", ".join(f"{name}: {number:g}" for name, number in calls.items()),
    )


def _spread(measured: Sequence[Measured]) -> float:
    """Return by which share the units of an operation differ between lengths."""
    units = [one.mean("read_units") + one.mean("write_units") for one in measured]
    return (max(units) - min(units)) / min(units)


def _print(
    report: Report,
    measured: Mapping[int, Mapping[str, Measured]],
    cell: Callable[[Measured], str],
) -> None:
    names = list(measured[SIZES[-1]])
    rows = [
        [name, *(cell(by[name]) if name in by else "-" for by in measured.values())]
        for name in names
    ]
    report.table(["operation", *(f"{size:,}" for size in measured)], rows)


def _figure(name: str, digits: int, one: Measured) -> str:
    return f"{one.mean(name):.{digits}f}"


def _moment(number: int) -> datetime:
    return _BEGAN + timedelta(seconds=number)
