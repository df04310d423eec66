"""A file of ten thousand rows: how long it takes, and what bounds it.

In process, with a simulated clock: the library's worker and the catalogue's resolution are the
product's own code over an emulator's tables, TMDB is the stand-in with its limit of 40 requests
a second. Only time is invented: TMDB answers after TMDB_SECONDS, and whatever is not a request to
TMDB (SQS, the invocations, DynamoDB) takes PART_SECONDS for each part of a hundred rows.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import httpx
from mypy_boto3_dynamodb import DynamoDBClient

from bench.distribution import Distribution
from bench.emulated_tables import emulated_tables
from bench.report import Report, Settings, note
from bench.virtual_time import VirtualLoop
from catalog.adapters.dynamodb.titles import DynamoTitles
from catalog.adapters.tmdb import TmdbClient, TmdbTitles
from catalog.adapters.tmdb.throttle.gcra import Gcra
from catalog.adapters.tmdb.throttle.limiter import SharedRateLimiter
from catalog.adapters.tmdb.throttle.priority import IMPORT, INTERACTIVE, RequestPriority
from catalog.adapters.tmdb.throttle.table import RateTable
from catalog.api.resolve_schemas import ResolveRequest, ResolveSuccess
from catalog.domain.deadline import Deadline
from catalog.ports import CachedResponse
from catalog.use_cases.resolve_titles import ResolveTitles
from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables
from library.adapters.dynamodb.imports import DynamoDBImportRepository
from library.adapters.dynamodb.titles import DynamoDBTitleFacts
from library.adapters.lambda_.title_catalogue import LambdaTitleCatalogue
from library.api.import_files import SourceFile, parse_file
from library.domain.imports import Import, RowStatus
from library.domain.titles import ListName
from library.events.factory import LibraryEventFactory
from library.use_cases.add_entries import AddEntries
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.import_file import ImportFile
from library.use_cases.import_rows import ImportRows
from matinee.events.envelope import Trace
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import Catalogue, generate

ROWS = 10_000
FILMS = 12_000
LIMIT = 40
TMDB_SECONDS, PART_SECONDS = 0.08, 0.2
RESOLVE_SECONDS = 20.0
USER_EVERY = 3
"""A user's request to TMDB comes with every third part."""

NEAR = 0.7
"""Of the limit that an import alone must reach."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One import. `seconds` are simulated; `waits` are those of users' requests meanwhile."""

    name: str
    counts: Mapping[RowStatus, int]
    requests: int
    seconds: float
    most_in_a_second: int
    user_waits: Sequence[float]
    parts: int

    @property
    def rate(self) -> float:
        """Requests to TMDB a second."""
        return self.requests / self.seconds


def run(_: Settings, report: Report) -> None:
    """Measure, print, judge."""
    catalogue = generate(FILMS, 0)
    done = []
    with emulated_tables() as tables:
        for name, content in (
            ("IMDb, by id", imdb_ratings(catalogue)),
            ("Letterboxd, by name and year", letterboxd_ratings(catalogue)),
        ):
            note(f"  {name} ...")
            done.append(_Driver(catalogue, tables.aws.dynamodb, name).measure(content))
    _show(report, done)


def imdb_ratings(catalogue: Catalogue) -> bytes:
    """Return a file of ROWS ratings with ids."""
    rows = (
        f'tt1{film.id:07},9,2024-03-15,"{film.title}",Movie'
        for film in catalogue.movies.titles[:ROWS]
    )
    return "\n".join(["Const,Your Rating,Date Rated,Title,Title Type", *rows]).encode()


def letterboxd_ratings(catalogue: Catalogue) -> bytes:
    """Return a file of ROWS ratings without ids."""
    rows = (
        f'2024-03-15,"{film.title}",{film.released.year if film.released else ""},x,4.5'
        for film in catalogue.movies.titles[:ROWS]
    )
    return "\n".join(["Date,Name,Year,Letterboxd URI,Rating", *rows]).encode()


def _show(report: Report, done: Sequence[Imported]) -> None:
    report.say(
        f"A driver in one process with a **simulated clock**: {ROWS:,} rows, the library's worker "
        f"and the catalogue's resolution, over an emulator's tables. The TMDB stand-in, "
        f"with {LIMIT} requests a second, answers each after {TMDB_SECONDS * 1000:.0f} ms. "
        f"All else that a part takes on AWS is assumed to be {PART_SECONDS * 1000:.0f} ms."
    )
    figures: list[tuple[str, Callable[[Imported], str]]] = [
        ("rows added", lambda it: f"{it.counts.get(RowStatus.ADDED, 0):,}"),
        ("rows for a person to complete", lambda it: f"{it.counts.get(RowStatus.UNRESOLVED, 0):,}"),
        ("requests to TMDB", lambda it: f"{it.requests:,}"),
        ("minutes (simulated)", lambda it: f"{it.seconds / 60:.1f}"),
        ("requests a second", lambda it: f"{it.rate:.1f}"),
        ("share of the limit", lambda it: f"{it.rate / LIMIT:.0%}"),
        ("most in any one second", lambda it: str(it.most_in_a_second)),
        ("a user's wait for a slot, median (ms)", lambda it: f"{_waits(it).p50:.0f}"),
        ("a user's wait for a slot, longest (ms)", lambda it: f"{_waits(it).max:.0f}"),
    ]
    report.table(
        ["", *(it.name for it in done)],
        [[name, *(figure(it) for it in done)] for name, figure in figures],
    )
    report.heading("Targets")
    for it in done:
        processed = sum(it.counts.values()) - it.counts.get(RowStatus.WAITING, 0)
        report.verdict(
            f"{it.name}: every row has its outcome",
            met=processed == ROWS,
            measured=f"{processed:,}",
        )
        report.verdict(
            f"{it.name}: bounded by the rate alone",
            met=it.most_in_a_second <= LIMIT and it.rate >= NEAR * LIMIT,
            measured=f"{it.rate / LIMIT:.0%} of it, at most {it.most_in_a_second} in a second",
        )
        report.verdict(
            f"{it.name}: a user waits for less than half a second",
            met=_waits(it).max < 500,  # noqa: PLR2004 - milliseconds
            measured=f"{_waits(it).max:.0f} ms",
        )
        report.headline(f"{it.name}: minutes", round(it.seconds / 60, 1), "min")


def _waits(it: Imported) -> Distribution:
    return Distribution.of([wait * 1000 for wait in it.user_waits])


@dataclass
class _Cache:
    """TMDB's cached responses, in memory."""

    now: Callable[[], datetime]
    kept: dict[str, CachedResponse] = field(default_factory=dict)

    async def get(self, key: str) -> CachedResponse | None:
        return self.kept.get(key)

    async def get_pages(self, key: str) -> Mapping[int, CachedResponse]:
        return {1: self.kept[key]} if key in self.kept else {}

    async def put(self, key: str, page: int, body: bytes, ttl: timedelta) -> CachedResponse:
        assert (page, ttl > timedelta(0)) == (1, True)
        self.kept[key] = CachedResponse(body, self.now())
        return self.kept[key]

    async def acquire_lease(self, key: str, until: datetime) -> tuple[bool, CachedResponse | None]:
        raise NotImplementedError

    async def release_lease(self, key: str, until: datetime) -> None:
        raise NotImplementedError


@dataclass
class _Queue:
    """The parts that are requested, each with its delay."""

    sent: list[tuple[int, float]] = field(default_factory=list)

    def send(
        self,
        of: Import,  # noqa: ARG002 - there is one
        part: int,
        caused_by: str | None = None,  # noqa: ARG002 - nothing is delivered twice
        delay_seconds: float = 0,
    ) -> None:
        self.sent.append((part, delay_seconds))


class _Driver:
    """Everything that takes part in an import, on one simulated clock."""

    def __init__(self, catalogue: Catalogue, dynamodb: DynamoDBClient, name: str) -> None:
        self.name = name
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.loop = cast("VirtualLoop", self.runner.get_loop())
        self.dynamodb = dynamodb
        self.app = create_app(catalogue, rate_limit=LIMIT, clock=self.loop.time)
        self.app.state.server.faults.change({"latency_ms": TMDB_SECONDS * 1000})
        self.user_waits: list[float] = []
        self.random = Random(1)  # noqa: S311 - when users come
        self._asked = 0
        self.users = self._limiter(INTERACTIVE)
        client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="http://tmdb.bench/3", transport=httpx.ASGITransport(self.app)
            ),
            key=_key,
            limiter=self._limiter(IMPORT),
            random=self.random,
            now=self.loop.now,
            priority=IMPORT,
        )
        self.titles = ResolveTitles(
            DynamoTitles("MediaTable", "", dynamodb, self.loop.now),
            TmdbTitles(client),
            _Cache(self.loop.now),
            "tmdb.bench",
        )

    def measure(self, content: bytes) -> Imported:
        """Import a file; return what it took."""
        now, queue, events = self.loop.now, _Queue(), LibraryEventFactory(now=self.loop.now)
        imports = DynamoDBImportRepository("ImportsTable", "LibraryOutboxTable", self.dynamodb, now)
        lists = {
            ListName.FAVOURITES: "FavouritesTable",
            ListName.WATCHLIST: "WatchlistTable",
            ListName.SEEN: "SeenTitlesTable",
            ListName.DISMISSED: "DismissedTitlesTable",
        }
        entries = DynamoDBEntryRepository(Tables(lists, "LibraryOutboxTable"), self.dynamodb)
        facts = DescribeTitles(DynamoDBTitleFacts("LibraryTitlesTable", self.dynamodb, now))
        worker = ImportRows(
            imports=imports,
            parts=imports,
            entries=entries,
            lists={it: AddEntries(it, entries, events, facts) for it in ListName},
            catalogue=LambdaTitleCatalogue("resolve", cast("Any", self)),
            queue=queue,
            events=events,
            now=now,
        )
        parsed = parse_file(SourceFile("ratings.csv", content), now())
        of = ImportFile(imports, queue, events, now)(
            self.name, "ratings.csv", content, parsed, TRACE
        )
        parts = 0
        while queue.sent:
            part, delay = queue.sent.pop(0)
            self.loop.seconds += delay + PART_SECONDS
            worker(self.name, of.id, part, f"message {parts}")
            parts += 1
        done = imports.get(self.name, of.id)
        assert done is not None
        stats = self.app.state.server.count.snapshot()
        return Imported(
            self.name,
            done.counts,
            stats["requests"],
            self.loop.seconds,
            stats["max_in_one_second"],
            self.user_waits,
            parts,
        )

    def invoke(self, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 - AWS's
        """Return what ResolveFunction would, while a user comes now and then."""
        assert FunctionName == "resolve"
        request = ResolveRequest.model_validate_json(Payload)
        resolved = self.runner.run(self._resolve(request))
        body = json.dumps(resolved.model_dump(mode="json", by_alias=True)).encode()
        return {"StatusCode": 200, "Payload": io.BytesIO(body)}

    async def _resolve(self, request: ResolveRequest) -> ResolveSuccess:
        self._asked += 1
        deadline = Deadline.after(RESOLVE_SECONDS, self.loop.time)
        async with asyncio.TaskGroup() as group:
            resolving = group.create_task(self.titles.resolve(request.refs(), deadline))
            if self._asked % USER_EVERY == 0:
                group.create_task(self._user())
        return ResolveSuccess.from_resolutions(resolving.result())

    async def _user(self) -> None:
        """Reserve a slot as a room's creation does, at some moment."""
        await asyncio.sleep(self.random.uniform(0.1, 1.0))
        reservation = await self.users.reserve(1, Deadline.after(4, self.loop.time))
        self.user_waits.append(reservation.waits[0])

    def _limiter(self, priority: RequestPriority) -> SharedRateLimiter:
        table = RateTable(
            dynamodb=self.dynamodb,
            table="TmdbRateTable",
            bucket=self.name,
            now=self.loop.now,
            monotonic=self.loop.time,
        )
        return SharedRateLimiter(table, Gcra.for_limit(LIMIT), priority, random=self.random)


TRACE = Trace("bench-imports")


async def _key() -> str:
    return "any"
