"""The refresh on the running product: TMDB fails, workers die, and the cache is the same."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from tests.e2e.catalogue import Catalogue
from tests.e2e.conftest import MakePeople
from tools.client import Stack
from tools.refresh.__main__ import main as refresh_command
from tools.refresh.operator import NotAccepted, Operator

LIMIT = 40
PAGES = 3
LISTS = 6
REQUESTS_OF_A_PAGE = 21
PATIENCE = 400.0
"""Seconds for a refresh whose workers die."""

KILLS = 4


@pytest.fixture(scope="module")
def catalogue(stack: Stack, aws: Callable[[str], Any]) -> Iterator[Catalogue]:
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with (
        closing(aws("dynamodb")) as dynamodb,
        closing(aws("sqs")) as sqs,
        closing(aws("lambda")) as functions,
        httpx.Client(base_url=origin, timeout=10, params={"api_key": "tests"}) as client,
    ):
        yield Catalogue(stack, client, dynamodb, sqs, functions)
        client.post("/__control/reset").raise_for_status()


@pytest.fixture(scope="module")
def operator(stack: Stack) -> Iterator[Operator]:
    with Operator.of(stack) as operator:
        yield operator


@pytest.fixture(autouse=True)
def calm(catalogue: Catalogue) -> Iterator[None]:
    """Begin with an empty catalogue and a TMDB that works; end with one that works."""
    catalogue.clear()
    yield
    catalogue.tmdb.post("/__control/reset").raise_for_status()


@pytest.fixture(scope="module")
def undisturbed(catalogue: Catalogue, operator: Operator) -> Mapping[str, Any]:
    """What the cache holds when nothing has gone wrong, and what TMDB was asked for it."""
    catalogue.clear()
    report = follow(operator, operator.begin("lists", PAGES))
    assert report["state"] == "completed"
    return {"contents": catalogue.contents(), "asked": catalogue.asked(), "report": report}


def follow(operator: Operator, run_id: str) -> dict[str, Any]:
    """Wait until a run is over; return its report."""
    report: dict[str, Any] = {}

    def is_over() -> bool:
        report.update(operator.look(run_id))
        return bool(report["state"] != "running")

    until(is_over)
    return report


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not true after {PATIENCE:.0f} s"
        time.sleep(0.2)


def test_a_refresh_is_complete_without_repeated_requests(
    undisturbed: Mapping[str, Any],
) -> None:
    asked, report = undisturbed["asked"], undisturbed["report"]

    assert report["pagesDone"] == LISTS * PAGES
    assert report["listsDone"] == LISTS
    assert report["titles"] == LISTS * PAGES * 20
    assert report["failures"] == 0
    assert report["requests"] == asked["requests"]
    assert max(asked["exact"].values()) == 1
    assert asked["max_in_one_second"] <= LIMIT
    assert asked["by_status"].keys() == {"200"}


def test_a_refresh_survives_tmdb_errors_and_throttling(
    catalogue: Catalogue, operator: Operator, undisturbed: Mapping[str, Any]
) -> None:
    catalogue.disturb(error_rate=0.05, error_status=500, seed=3)
    run_id = operator.begin("lists", PAGES)
    until(lambda: catalogue.asked()["by_status"].get("500", 0) > 0)
    catalogue.disturb(error_status=429, retry_after=1)
    until(lambda: catalogue.asked()["by_status"].get("429", 0) > 0)
    catalogue.disturb(error_rate=0)
    report = follow(operator, run_id)
    asked = catalogue.asked()

    assert report["state"] == "completed"
    assert report["failures"] == 0
    assert catalogue.contents() == undisturbed["contents"]
    assert asked["by_status"]["500"] > 0
    assert asked["by_status"]["429"] > 0
    assert asked["max_in_one_second"] <= LIMIT
    assert asked["by_status"]["200"] == undisturbed["asked"]["requests"], "a good answer, twice"


def test_killed_workers_repeat_at_most_their_page(
    catalogue: Catalogue, operator: Operator, undisturbed: Mapping[str, Any]
) -> None:
    random = Random(7)  # noqa: S311 - whom it strikes is no secret
    killed = 0
    over = threading.Event()

    def kill() -> None:
        nonlocal killed
        while killed < KILLS and not over.wait(2.5):
            killed += catalogue.kill_a_worker(random)

    with catalogue.impatient():
        run_id = operator.begin("lists", PAGES)
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            report = follow(operator, run_id)
        finally:
            over.set()
            killer.join()
    asked = catalogue.asked()

    assert killed >= 2
    assert report["state"] == "completed"
    assert catalogue.contents() == undisturbed["contents"]
    repeated = sum(times - 1 for times in asked["exact"].values())
    assert repeated <= killed * REQUESTS_OF_A_PAGE
    assert asked["max_in_one_second"] <= LIMIT


def test_every_title_and_list_is_published(
    catalogue: Catalogue, operator: Operator, wiretap: Callable[[], list[dict[str, Any]]]
) -> None:
    follow(operator, operator.begin("lists", 1))
    titles = {key for key in catalogue.contents() if key.rpartition(" ")[2] in ("movie", "tv")}

    def told() -> tuple[set[str], set[tuple[str, str]]]:
        heard = [event for event in wiretap() if event["source"] == "matinee.catalog"]
        cached = [
            title
            for event in heard
            if event["detail-type"] == "TitlesCached"
            for title in event["detail"]["data"]["titles"]
        ]
        refreshed = [
            event["detail"]["data"] for event in heard if event["detail-type"] == "ListRefreshed"
        ]
        return (
            {f"{title['media_id']} {title['media_type']}" for title in cached},
            {(data["media_type"], data["list_type"]) for data in refreshed},
        )

    until(lambda: told()[0] == titles and len(told()[1]) == LISTS)


def test_make_refresh_shows_progress_and_succeeds(
    stack: Stack,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    described = tmp_path / "stack.json"
    described.write_text(json.dumps({name: getattr(stack, name) for name in Stack.__slots__}))

    status = refresh_command(["--pages", "1", "--stack-file", str(described)])

    said = capsys.readouterr().out
    assert status == 0
    assert "100%  6/6 pages" in said
    assert said.count("published") == LISTS


def test_a_second_refresh_is_refused(operator: Operator) -> None:
    run_id = operator.begin("lists", 1)

    with pytest.raises(NotAccepted) as refusal:
        operator.begin("lists", 1)

    assert refusal.value.body["code"] == "RefreshRunning"
    assert refusal.value.body["runId"] == run_id
    follow(operator, run_id)


async def test_only_operators_start_or_see_refreshes(stack: Stack, people: MakePeople) -> None:
    [ann] = await people("Ann")
    mine = {"Authorization": f"Bearer {ann.token}"}
    url = f"{stack.rest_url}/media/refresh"
    run = f"{url}/01a20068-ae55-7890-9c9f-b41d4385fbfa"

    assert (await ann.http.post(url, json={}, headers=mine)).status_code == 403
    assert (await ann.http.get(run, headers=mine)).status_code == 403
    assert (await ann.http.post(url, json={})).status_code == 401
    assert (await ann.http.get(run)).status_code == 401


def test_an_invalid_refresh_names_the_field(operator: Operator) -> None:
    for scope, pages, field in (("favourites", 1, "scope"), ("lists", 501, "pages")):
        with pytest.raises(NotAccepted) as refusal:
            operator.begin(scope, pages)
        assert refusal.value.body["status"] == 400
        assert field in refusal.value.body["fields"]
    with pytest.raises(NotAccepted) as refusal:
        operator.look("01a20068-0000-7000-8000-000000000000")
    assert refusal.value.body["status"] == 404
