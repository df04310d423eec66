"""Candidates on the running product: the promises of Smart Discovery, against what TMDB holds."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import MakePeople
from tools.ops.client import Refused, Stack

WESTERN_LANGUAGES = {"en", "es", "fr", "it", "de", "pt"}
WITHIN = 5.0
"""Seconds in which a failing TMDB must have become an error; a cold start may come on top."""

COLD_START = 4.0


@pytest.fixture
def tmdb(stack: Stack) -> Iterator[httpx.Client]:
    """The stand-in's own view, with its switches put back in the end."""
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with httpx.Client(base_url=origin, timeout=10, params={"api_key": "tests"}) as client:
        yield client
        client.post("/__control/reset").raise_for_status()


def valid(tmdb: httpx.Client, kind: str, genres: str) -> set[int]:
    """Return the ids of all titles that pass the filters, by walking through every page."""
    found: set[int] = set()
    page, pages = 1, 1
    while page <= min(pages, 500):
        answer = tmdb.get(
            f"/3/discover/{kind}",
            params={"with_genres": genres, "vote_count.gte": 50, "page": page},
        ).json()
        found |= {
            row["id"]
            for row in answer["results"]
            if row["poster_path"]
            and row["overview"]
            and row["original_language"] in WESTERN_LANGUAGES
            and row.get("title", row.get("name", "")).isascii()
        }
        page, pages = page + 1, answer["total_pages"]
    return found


@pytest.fixture
def quick(tmdb: httpx.Client) -> httpx.Client:
    """The stand-in without its rate limit, for tests that walk through whole genres."""
    tmdb.post("/__control", json={"rate_limit": 0}).raise_for_status()
    return tmdb


@pytest.mark.parametrize(
    ("media_type", "kind", "genres"),
    [
        ("MOVIE", "movie", [28, 35]),
        ("MOVIE", "movie", [18, 16]),
        ("MOVIE", "movie", [37, 99]),
        ("MOVIE", "movie", [10749]),
        ("TV", "tv", [10759, 10765]),
        ("TV", "tv", [35]),
    ],
)
async def test_rooms_get_fifty_candidates_all_genres_first(
    people: MakePeople, quick: httpx.Client, media_type: str, kind: str, genres: list[int]
) -> None:
    [ada] = await people("Ada")
    room = await ada.create_room(mediaType=media_type, genreIds=genres)
    candidates = room["candidates"]
    wanted = set(genres)
    at_least = valid(quick, kind, ",".join(map(str, genres)))
    either = valid(quick, kind, "|".join(map(str, genres)))

    assert len(candidates) == 50 or len(candidates) >= len(either)
    assert len({movie["id"] for movie in candidates}) == len(candidates)
    assert all(wanted & set(movie["genreIds"]) for movie in candidates)
    assert all(movie["posterPath"] and movie["overview"] for movie in candidates)
    assert all(movie["voteCount"] >= 50 for movie in candidates)
    assert all(movie["mediaType"] == media_type for movie in candidates)
    has_all = [wanted <= set(movie["genreIds"]) for movie in candidates]
    assert has_all == sorted(has_all, reverse=True)
    if len(at_least) >= 50:
        assert all(has_all)
    else:
        assert at_least <= {movie["id"] for movie in candidates}


async def test_two_rooms_of_the_same_genres_differ(people: MakePeople) -> None:
    [ada] = await people("Ada")
    first = await ada.create_room(genreIds=[18])
    second = await ada.create_room(genreIds=[18])
    assert {m["id"] for m in first["candidates"]} != {m["id"] for m in second["candidates"]}


@pytest.fixture
def nothing_cached(stack: Stack, aws: Callable[[str], Any]) -> Iterator[None]:
    """Points discovery to the stand-in under another name: no page cached, no circuit open.

    The state of its circuit is deleted before and after.
    """
    functions, dynamodb = aws("lambda"), aws("dynamodb")
    function, table = stack.outputs["DiscoverFunctionName"], stack.outputs["TmdbRateTableName"]
    before = functions.get_function_configuration(FunctionName=function)["Environment"]
    elsewhere = stack.tmdb_url.replace("127.0.0.1", "localhost")
    there = {"Variables": before["Variables"] | {"TMDB_BASE_URL": elsewhere}}
    bucket = {"bucket": {"S": f"localhost:{httpx.URL(stack.tmdb_url).port}"}}
    dynamodb.delete_item(TableName=table, Key=bucket)
    functions.update_function_configuration(FunctionName=function, Environment=there)
    yield
    functions.update_function_configuration(FunctionName=function, Environment=before)
    dynamodb.delete_item(TableName=table, Key=bucket)


@pytest.mark.usefixtures("nothing_cached")
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"down": True}, "CatalogUnavailable"),
        ({"hang": True}, "CatalogUnavailable"),
        ({"error_rate": 1.0, "error_status": 500}, "CatalogUnavailable"),
        ({"error_rate": 1.0, "error_status": 429}, "CatalogBusy"),
        ({"malformed_rate": 1.0}, "CatalogUnavailable"),
    ],
    ids=str,
)
async def test_a_failing_tmdb_is_a_typed_error_and_creates_no_room(
    people: MakePeople, tmdb: httpx.Client, fault: dict[str, Any], error: str
) -> None:
    [ada] = await people("Ada")
    tmdb.post("/__control", json=fault).raise_for_status()
    began = time.perf_counter()
    with pytest.raises(Refused) as refusal:
        await ada.create_room(genreIds=[53])
    elapsed = time.perf_counter() - began
    tmdb.post("/__control/reset").raise_for_status()
    assert refusal.value.type == error
    assert elapsed < WITHIN + COLD_START
    assert await ada.rooms() == []


async def test_an_unreliable_tmdb_still_gives_fifty(people: MakePeople, tmdb: httpx.Client) -> None:
    [ada] = await people("Ada")
    tmdb.post("/__control", json={"error_rate": 0.05, "error_status": 503}).raise_for_status()
    for _ in range(5):
        assert len((await ada.create_room(genreIds=[35]))["candidates"]) == 50


async def test_concurrent_rooms_stay_within_the_tmdb_rate(
    people: MakePeople, tmdb: httpx.Client
) -> None:
    hosts = await people("Ada", "Boris", "Carmen", "Dinah", "Emil", "Fatima")
    tmdb.post("/__stats/reset").raise_for_status()
    for host in hosts:
        assert len((await host.create_room(genreIds=[18]))["candidates"]) == 50
    statistics = tmdb.get("/__stats").json()
    assert "429" not in statistics["by_status"]


@pytest.mark.usefixtures("nothing_cached")
async def test_cached_candidates_replace_tmdb_requests(
    people: MakePeople, tmdb: httpx.Client
) -> None:
    [ada] = await people("Ada")
    costs = []
    for _ in range(7):
        tmdb.post("/__stats/reset").raise_for_status()
        room = await ada.create_room(genreIds=[12, 10751])
        assert len(room["candidates"]) == 50
        costs.append(tmdb.get("/__stats").json()["requests"])
    assert costs[0] <= 5
    assert all(cost <= 2 for cost in costs[1:])
    assert costs[-2:] == [0, 0]
