"""What a recommendation costs: time, memory and requests, by the size of the catalogue."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.distribution import Distribution
from bench.latency import a_product
from bench.report import Report, Settings, note
from matinee.media import MediaType
from recommender.adapters.dynamodb.tastes import TasteRepository
from recommender.adapters.dynamodb.titles import TitleRepository
from recommender.adapters.model_file import read_model
from recommender.adapters.model_writer import train
from recommender.adapters.s3.model_store import S3ModelStore
from recommender.domain.recommend import recommend
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import ListEntry, Taste, TasteList
from recommender.domain.titles import TitleFacts, TitleSnapshot
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from recommender.domain.training_state import ModelManifest
from tools.evaluate.served import NOW
from tools.evaluate.synthetic import Cinema
from tools.ops.client import Person, Stack

SIZES = (1_000, 10_000, 100_000)
USERS = 2_000
TITLES_OF_A_THEME = 250
REQUESTS = 150
WARMING = 10
COLD_STARTS = 3
NOTICED_WITHIN = 90.0
MILLISECONDS = 1000
ORIGINAL = "53 TMDB and 64 DynamoDB calls"
MAX_TABLE_REQUESTS = 3
VARIABLES = {
    "TASTES_TABLE": "RecommenderTastesTableName",
    "TITLES_TABLE": "RecommenderTitlesTableName",
    "MODEL_BUCKET": "ModelBucketName",
    "DISCOVER_FUNCTION": "DiscoverFunctionName",
}


@dataclass(frozen=True, slots=True)
class Size:
    """A catalogue's measurements. Seconds, megabytes."""

    titles: int
    warm: Mapping[str, Any]
    cold: Sequence[Mapping[str, Any]]
    http: Sequence[float]
    status: Sequence[float]


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    with a_product(settings) as (stack, whose), tempfile.TemporaryDirectory() as folder:
        sizes, without = asyncio.run(measure(stack, Path(folder)))
    favourites = len(model_of(cinema_of(SIZES[0]))[1])
    report.say(
        f"Invented catalogues; a user with {favourites} favourites asks for six "
        f"films and excludes the 150 that they were shown last. Through the API: {whose}, whose "
        "emulator of AWS runs the functions on this machine, with everything else that runs on it; "
        "GET /status, which does nothing, is measured between the requests."
    )
    print_warm(report, sizes)
    print_cold(report, sizes, without)
    judge(report, sizes)


async def measure(stack: Stack, folder: Path) -> tuple[list[Size], list[Mapping[str, Any]]]:
    """Measure every size on a product; returns also the cold starts without any model."""
    aws = _Aws(stack)
    person = await Person.sign_up(stack, "Ann")
    without = [aws.process("cold") for _ in range(COLD_STARTS)] if not aws.has_model() else []
    sizes = []
    async with person:
        for number in SIZES:
            note(f"  {number:,} titles: training ...")
            cinema = cinema_of(number)
            content, liked = model_of(cinema)
            model, favourites = folder / "model", folder / "favourites.json"
            model.write_bytes(content)
            favourites.write_text(json.dumps([entry.key.id for entry in liked]))
            note("  in process, then through the API ...")
            warm = aws.process("warm", str(model), str(favourites))
            aws.publish(content, cinema, liked, person.user_id)
            await _noticed(person, version_of(cinema))
            http, status = await _asked(person)
            cold = [aws.process("cold") for _ in range(COLD_STARTS)]
            sizes.append(Size(number, warm, cold, http, status))
    return sizes, without


class _Aws:
    """The product's own stores, written past its functions: the trainer is measured elsewhere."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._access: dict[str, Any] = {
            "endpoint_url": stack.emulator_url,
            "region_name": stack.region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        config = Config(proxies={})
        self._models = S3ModelStore(
            stack.outputs["ModelBucketName"], boto3.client("s3", config=config, **self._access)
        )
        self._dynamodb = boto3.client("dynamodb", config=config, **self._access)

    def has_model(self) -> bool:
        """Return whether something has been trained here."""
        return self._models.current() is not None

    def publish(
        self, content: bytes, cinema: Cinema, liked: Sequence[ListEntry], user: str
    ) -> None:
        """Publish a model, and store one user's favourites and the titles they may be shown."""
        base = self._models.current()
        run, version = f"{time.time_ns()}", version_of(cinema)
        self._models.publish(
            ModelManifest(
                run=run,
                epoch=run,
                abandoned=frozenset(),
                counts=self._models.write("counts", run, b"none"),
                model=self._models.write("models", version, content),
                version=version,
                trained_at=datetime.now(UTC),
                etag=base.etag if base else None,
            )
        )
        outputs = self._stack.outputs
        tastes = TasteRepository(
            outputs[VARIABLES["TASTES_TABLE"]],
            outputs["RecommenderTrainingTableName"],
            self._dynamodb,
        )
        for entry in liked:
            tastes.add_entry(user, TasteList.FAVOURITES, entry)
        titles = TitleRepository(outputs[VARIABLES["TITLES_TABLE"]], self._dynamodb)
        now = datetime.now(UTC)
        for facts in _seen(content, liked, cinema):
            titles.upsert(TitleSnapshot(facts, now, datetime(2040, 1, 1, tzinfo=UTC)))

    def process(self, *arguments: str) -> Mapping[str, Any]:
        """Run a process of the API's function; returns what it measured."""
        environment = {
            **os.environ,
            **{name: self._stack.outputs[output] for name, output in VARIABLES.items()},
            "STAGE": "local",
            "AWS_ENDPOINT_URL": self._stack.emulator_url,
            "AWS_DEFAULT_REGION": self._stack.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "NO_PROXY": "*",
        }
        command = [sys.executable, "-m", "bench.recommender_process", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603
        figures: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures


def _seen(content: bytes, liked: Sequence[ListEntry], cinema: Cinema) -> Sequence[TitleFacts]:
    """Return the titles that the user's requests will show, by asking as often in this process."""
    recommend(
        ResolvedRequest(frozenset({MediaType.MOVIE}), 50),
        Taste(tuple(liked)),
        model=read_model(content),
        projection=cinema,
        catalogue=None,
        now=datetime.now(UTC),
    )
    return [*cinema.shown.values()]


def cinema_of(titles: int) -> Cinema:
    """Return a cinema of so many films, a theme for each 250 of them."""
    return Cinema(titles, themes=max(8, titles // TITLES_OF_A_THEME))


def model_of(cinema: Cinema) -> tuple[bytes, list[ListEntry]]:
    """Train on a cinema; returns the model and the favourites of the user who has most."""
    users = [*cinema.histories(USERS)]
    counts = CooccurrenceCounts().changed(FavouritesChange(after=keys) for keys in users)
    content = train(counts, cinema.titles(), version=version_of(cinema), trained_at=NOW)
    return content, [ListEntry(key, NOW) for key in max(users, key=len)]


def version_of(cinema: Cinema) -> str:
    """Return the name of a cinema's model."""
    return f"bench-{len(cinema)}"


async def _noticed(person: Person, version: str) -> None:
    """Wait until the product serves a model."""
    deadline = time.monotonic() + NOTICED_WITHIN
    while (await _ask(person))["modelVersion"] != version:
        assert time.monotonic() < deadline, f"{version} is not served"
        await asyncio.sleep(1)


async def _ask(person: Person) -> Mapping[str, Any]:
    answer = await person.http.post(
        f"{person.stack.rest_url}/recommendations",
        json={"mediaType": "movie", "exclude": "1,2", "preferences": {}, "favorites": ""},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    answer.raise_for_status()
    body: Mapping[str, Any] = answer.json()
    return body


async def _asked(person: Person) -> tuple[list[float], list[float]]:
    asked, idle = [], []
    for number in range(WARMING + REQUESTS):
        began = time.perf_counter()
        await _ask(person)
        middle = time.perf_counter()
        await person.http.get(f"{person.stack.rest_url}/status")
        if number >= WARMING:
            asked.append(middle - began)
            idle.append(time.perf_counter() - middle)
    return asked, idle


def print_warm(report: Report, sizes: Sequence[Size]) -> None:
    """Print what a process costs that has been at work for a while."""
    report.heading("Warm")
    report.table(
        ["titles", "in process, ms p50", "p95", "through the API, ms p50", "p95", "/status p50"],
        [
            [
                f"{size.titles:,}",
                *_ms(size.warm["seconds"]),
                *_ms(size.http),
                _ms(size.status)[0],
            ]
            for size in sizes
        ],
        words=0,
    )
    report.heading("The model in memory")
    report.table(
        ["titles", "object, MB", "opened in, ms", "MB more for it", "whole process, MB"],
        [
            [
                f"{size.titles:,}",
                f"{size.warm['bytes'] / 1e6:.1f}",
                f"{size.warm['open'] * MILLISECONDS:.0f}",
                f"{size.warm['loaded'] - size.warm['before']:.0f}",
                f"{size.warm['after']:.0f}",
            ]
            for size in sizes
        ],
        words=0,
    )


def print_cold(report: Report, sizes: Sequence[Size], without: Sequence[Mapping[str, Any]]) -> None:
    """Print how long the first answer takes."""
    report.heading(f"A cold start, ms, median of {COLD_STARTS}")
    rows = [("no model", without), *((f"{size.titles:,} titles", size.cold) for size in sizes)]
    report.table(
        ["", "imports", "clients and model", "first answer", "together", "source"],
        [
            [
                name,
                *(_median(starts, part) for part in ("import", "prepare", "first")),
                _median(starts, "import", "prepare", "first"),
                starts[0]["source"],
            ]
            for name, starts in rows
            if starts
        ],
    )


def judge(report: Report, sizes: Sequence[Size]) -> None:
    """Compare with what was asked for, and with the original."""
    report.heading("Targets")
    calls = [start["calls"] for size in sizes for start in size.cold]
    most = max(sum(one.values()) for one in calls)
    report.verdict(
        f"a warm request makes at most {MAX_TABLE_REQUESTS} requests to tables and none to TMDB "
        f"or S3 (the original: {ORIGINAL})",
        met=most <= MAX_TABLE_REQUESTS and all(set(c) <= {"Query", "BatchGetItem"} for c in calls),
        measured=f"{most}: {', '.join(f'{n} {name}' for name, n in calls[0].items())}",
    )
    for size in sizes:
        figures = Distribution.of([value * MILLISECONDS for value in size.warm["seconds"]])
        report.headline(f"a request at {size.titles:,} titles, p95", figures.p95, "ms in process")
        report.verdict(
            f"warm within 100 ms at {size.titles:,} titles, in process (p95)",
            met=figures.p95 <= 100,  # noqa: PLR2004
            measured=f"p50 {figures.p50:.1f} ms, p95 {figures.p95:.1f} ms",
        )


def _ms(seconds: Sequence[float]) -> list[str]:
    return Distribution.of([value * MILLISECONDS for value in seconds]).cells(1)[:2]


def _median(starts: Sequence[Mapping[str, Any]], *parts: str) -> str:
    values = sorted(sum(start[part] for part in parts) for start in starts)
    return f"{values[len(values) // 2] * MILLISECONDS:.0f}"
