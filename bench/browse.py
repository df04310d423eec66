"""What it costs to browse the catalogue, however much of it is cached.

The requests of the public interface, as its handler answers them, over the template's tables in an
emulator: 1,000, 10,000 and 100,000 titles, and a list as long as a refresh makes it, twenty pages.
Read units are counted by DynamoDB's own rules. The time is that of the handler with the emulator,
which copies a whole partition for each query: DynamoDB does not.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import product
from random import Random
from string import ascii_lowercase
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.emulated_tables import EmulatedTables, emulated_tables
from bench.ledger import Cost, Ledger
from bench.report import Report, Settings, note
from catalog.adapters.dynamodb.media_items import head_key, row_item, title_item
from catalog.domain import (
    TRANSLATED_LANGUAGES,
    CachedTitle,
    Facts,
    ListKey,
    ListType,
    Provider,
    Title,
    Trailer,
    Translation,
)
from matinee.clock import iso
from matinee.dynamodb.items import to_item
from matinee.media import MediaType

SIZES = (1_000, 10_000, 100_000)
LIST = 400
DEEP = 3
"""Pages of a hundred."""

REPEATS = 40
BATCH = 25
TABLE = "MediaTable"
POPULAR = ListKey(ListType.POPULAR, MediaType.MOVIE)
VERSION = "019b0000-0000-7000-8000-000000000001"
NOW = datetime.now(UTC)
FLAT = 1.5
"""How much slower the largest catalogue may be: the emulator shares this machine with others."""

OVERVIEW = (
    "A postman takes the wrong train, stays on it, and finds a town that nobody writes to. " * 4
)
EXCLUDED = ",".join(str(2 * number + 1) for number in range(150))

REQUESTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a list, 20 titles": ("/media", {"listType": "popular"}),
    "a list, 100 titles": ("/media", {"listType": "popular", "limit": "100"}),
    "20 titles, 150 excluded": ("/media", {"listType": "popular", "excludeIds": EXCLUDED}),
    "deep in a list (by cursor)": ("/media", {"listType": "popular", "cursor": ""}),
    "one title": ("/media/movie/{id}", {}),
}


@dataclass(frozen=True, slots=True)
class Browsed:
    """One kind of request at one size. Times are in milliseconds."""

    request: str
    titles: int
    read_units: float
    items_read: float
    calls: float
    median: float
    p95: float


def run(_: Settings, report: Report) -> None:
    """Fill, ask, print, judge."""
    found: list[Browsed] = []
    with emulated_tables() as tables:
        client = _connect(tables)
        stored = 0
        for size in SIZES:
            note(f"  {size} titles ...")
            _fill(client, stored, size)
            if not stored:
                _publish(client, LIST)
            stored = size
            found += _browse(tables, size)
    report.say(
        f"{REPEATS} requests of each kind at each size, through MediaFunction's handler, by one"
        " caller. Read units are strongly consistent ones."
    )
    report.table(
        ["request", "titles cached", "read units", "items read", "calls", "median ms", "p95 ms"],
        [
            (b.request, f"{b.titles:,}", f"{b.read_units:.1f}", f"{b.items_read:.0f}",
             f"{b.calls:.0f}", f"{b.median:.1f}", f"{b.p95:.1f}")
            for b in found
        ],
    )  # fmt: skip
    _judge(report, found)
    report.record("requests", [asdict(browsed) for browsed in found])


def _connect(tables: EmulatedTables) -> Any:  # noqa: ANN401 - boto3's own
    os.environ.update(tables.environment)
    os.environ.update(
        {
            "STAGE": "bench",
            "POWERTOOLS_SERVICE_NAME": "catalog",
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
            "TMDB_BASE_URL": "http://127.0.0.1:9/3",
            "TMDB_SECRET_ARN": "none",
            "RATE_TABLE": "TmdbRateTable",
            "ANSWERS_TABLE": "TmdbAnswersTable",
            "MEDIA_TABLE": TABLE,
            "OUTBOX_TABLE": "CatalogOutboxTable",
        }
    )
    return boto3.client("dynamodb")


def _title(number: int) -> Title:
    return Title(
        id=number,
        media_type=MediaType.MOVIE,
        title=f"The Long Way Home, part {number}",
        overview=OVERVIEW,
        poster_path=f"/{number}.jpg",
        release_date="2019-05-01",
        vote_average=5 + number % 50 / 10,
        vote_count=number % 9_000,
        genre_ids=(18, 28 if number % 2 else 35),
        original_language="en",
        adult=False,
        backdrop_path=f"/{number}-wide.jpg",
        popularity=float(number % 1_000),
    )


def _items(first: int, last: int) -> Iterator[Mapping[str, Any]]:
    facts = Facts(
        101,
        tuple(f"keyword {n}" for n in range(12)),
        ("Ada Roe",),
        ("Bo Lind",) * 5,
        Trailer("YouTube", "Zk3xQ9vB1fA"),
    )
    for number in range(first + 1, last + 1):
        local = replace(facts, **_local(number))
        yield title_item(CachedTitle(_title(number), local, NOW))


def _local(number: int) -> dict[str, Any]:
    """Return providers in 60 countries, and translations, whose words hardly repeat."""
    chance = Random(number)
    words = ["".join(chance.choices(ascii_lowercase, k=chance.randint(2, 9))) for _ in range(900)]
    return {
        "providers": {
            a + b: tuple(Provider(id_, f"Provider {id_}") for id_ in chance.sample(range(99), 5))
            for a, b in product("ABCDEF", "ABCDEFGHIJ")
        },
        "translations": {
            language: Translation(words[rank], " ".join(words[50 * rank : 50 * rank + 50]))
            for rank, language in enumerate(sorted(TRANSLATED_LANGUAGES))
        },
    }


def _fill(client: Any, stored: int, size: int) -> None:  # noqa: ANN401
    _write(client, _items(stored, size))


def _publish(client: Any, length: int) -> None:  # noqa: ANN401
    """Write a version of a list and publish it."""
    until = NOW.replace(year=NOW.year + 1)
    _write(
        client,
        (row_item(POPULAR, VERSION, rank, _title(rank + 1), until) for rank in range(length)),
    )
    head = {
        "version": VERSION,
        "startedAt": iso(NOW),
        "refreshedAt": iso(NOW),
        "titles": length,
        "ttl": int(until.timestamp()),
    }
    client.put_item(TableName=TABLE, Item=head_key(POPULAR) | to_item(head))


def _write(client: Any, items: Iterator[Mapping[str, Any]]) -> None:  # noqa: ANN401
    batch: list[Any] = []
    for item in items:
        batch.append({"PutRequest": {"Item": item}})
        if len(batch) == BATCH:
            client.batch_write_item(RequestItems={TABLE: batch})
            batch = []
    if batch:
        client.batch_write_item(RequestItems={TABLE: batch})


def _browse(tables: EmulatedTables, size: int) -> Iterator[Browsed]:
    from catalog import bootstrap  # noqa: PLC0415 - its settings are in the environment by now
    from catalog.handlers import media  # noqa: PLC0415

    for made in (
        bootstrap.media_settings,
        bootstrap.media_runner,
        bootstrap.media_browser,
        media.handler,
    ):  # noqa: SLF001
        made.cache_clear()
    ledger = Ledger(tables.shapes, tables.peek)
    with ledger.watching_new_clients():
        cursor = _deep(media.handler)
        for name, (path, query) in REQUESTS.items():
            wanted = {**query, "cursor": cursor} if "cursor" in query else query
            yield _measure(media.handler, ledger, name, path, wanted, size)


def _deep(handler: Any) -> str:  # noqa: ANN401
    """Return a cursor deep in the list, as after reading everything before it."""
    query = {"listType": "popular", "limit": "100"}
    cursor = ""
    for _ in range(DEEP):
        following = _ask(handler, "/media", query)["nextCursor"]
        if not following:
            break
        cursor = query["cursor"] = following
    return cursor


def _measure(  # noqa: PLR0917 - one row of the table
    handler: Any,  # noqa: ANN401
    ledger: Ledger,
    name: str,
    path: str,
    query: Mapping[str, str],
    size: int,
) -> Browsed:
    times = []
    ledger.take()
    for number in range(REPEATS):
        at = path.replace("{id}", str(1 + number * (size // REPEATS)))
        began = time.perf_counter()
        _ask(handler, at, query)
        times.append((time.perf_counter() - began) * 1000)
    calls = ledger.take()
    cost = sum((call.cost for call in calls), Cost())
    times.sort()
    return Browsed(
        name,
        size,
        cost.read_units / REPEATS,
        cost.items_read / REPEATS,
        len(calls) / REPEATS,
        statistics.median(times),
        times[int(0.95 * len(times))],
    )


def _ask(handler: Any, path: str, query: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    parts = path.split("/")
    answer = handler(
        {
            "version": "2.0",
            "routeKey": "GET /media",
            "rawPath": path,
            "headers": {},
            "queryStringParameters": dict(query),
            "pathParameters": {"mediaType": parts[2], "mediaId": parts[3]} if parts[2:] else {},
            "requestContext": {"http": {"method": "GET", "path": path}, "stage": "$default"},
        },
        _Context(),
    )
    assert answer["statusCode"] == HTTPStatus.OK, answer["body"]
    body: dict[str, Any] = json.loads(answer["body"])
    return body


class _Context(LambdaContext):
    """What the handler's decorators read of a context."""

    _function_name = "MediaFunction"
    _memory_limit_in_mb = 512
    _invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:MediaFunction"
    _aws_request_id = "019b0000-0000-7000-8000-00000000000f"


def _judge(report: Report, found: list[Browsed]) -> None:
    report.heading("Targets")
    for name in REQUESTS:
        least, *_, most = (browsed for browsed in found if browsed.request == name)
        report.headline(f"{name}, reads", most.read_units, "read units")
        report.verdict(
            f"{name}: what is read does not grow with the catalogue",
            met=most.read_units <= least.read_units * 1.05,
            measured=f"{least.read_units:.1f} read units at {least.titles:,} titles, "
            f"{most.read_units:.1f} at {most.titles:,}",
        )
        report.verdict(
            f"{name}: nor does the time, up to {FLAT}-fold",
            met=most.median <= least.median * FLAT,
            measured=f"{least.median:.1f} ms, {most.median:.1f} ms",
        )
