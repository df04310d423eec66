"""The public catalogue on the running product: cached titles, misses, search, and TMDB going away.

It asks TMDB under another name than the other tests do ("localhost"), so that what is kept, and a
circuit that has been opened, concern nobody else.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import eventually
from tools.ops.client import Stack

MISSED_TOGETHER = 12


@pytest.fixture(scope="module", autouse=True)
def asking_there(stack: Stack, aws: Callable[[str], Any]) -> Iterator[None]:
    """Points the public interface to the stand-in under its other name, for these tests."""
    functions, function = aws("lambda"), stack.outputs["MediaFunctionName"]
    before = functions.get_function_configuration(FunctionName=function)["Environment"]
    elsewhere = stack.tmdb_url.replace("127.0.0.1", "localhost")
    there = {"Variables": before["Variables"] | {"TMDB_BASE_URL": elsewhere}}
    functions.update_function_configuration(FunctionName=function, Environment=there)
    yield
    functions.update_function_configuration(FunctionName=function, Environment=before)


@pytest.fixture
def tmdb(stack: Stack) -> Iterator[httpx.Client]:
    """The stand-in's own view; its switches are put back, and an open circuit closes."""
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with httpx.Client(base_url=origin, timeout=10, params={"api_key": "tests"}) as client:
        client.post("/__stats/reset").raise_for_status()
        yield client
        client.post("/__control/reset").raise_for_status()


@pytest.fixture
async def api(stack: Stack) -> Any:  # noqa: ANN401 - an async iterator of a client
    async with httpx.AsyncClient(base_url=stack.rest_url, timeout=30) as client:
        yield client


def paths_of_unknown_titles(number: int) -> list[str]:
    """Return paths of films that TMDB does not have: no room or list can have cached them."""
    first = 1_000_000_000 + secrets.randbelow(10**8)
    return [f"/media/movie/{first + place}" for place in range(number)]


def some_title(tmdb: httpx.Client, kind: str) -> Mapping[str, Any]:
    """Return a title of no list, as TMDB's lists show it."""
    page = secrets.choice(range(50, 70) if kind == "tv" else range(50, 200))
    answer = tmdb.get(f"/3/{kind}/popular", params={"page": page}).json()
    tmdb.post("/__stats/reset").raise_for_status()
    return secrets.choice(answer["results"])


def a_known_title(tmdb: httpx.Client) -> Mapping[str, Any]:
    """Return a film of no list that enough people have voted for: it is stored and announced."""
    wanted: dict[str, str | int] = {"vote_count.gte": 50, "sort_by": "popularity.desc"}
    pages = tmdb.get("/3/discover/movie", params=wanted).json()["total_pages"]
    page = secrets.choice(range(pages // 2, pages))
    answer = tmdb.get("/3/discover/movie", params=wanted | {"page": page}).json()
    tmdb.post("/__stats/reset").raise_for_status()
    return secrets.choice(answer["results"])


def asked(tmdb: httpx.Client) -> dict[str, int]:
    by_path: dict[str, int] = tmdb.get("/__stats").json()["by_path"]
    return by_path


async def test_a_title_is_fetched_once_and_then_served_from_the_cache(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    title = some_title(tmdb, "movie")
    path = f"/media/movie/{title['id']}"

    first, second = await api.get(path), await api.get(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    body = first.json()
    assert (body["id"], body["title"]) == (title["id"], title["title"])
    assert body["genres"] == "|".join(map(str, title["genre_ids"]))
    assert body["posterPath"] == body["poster_path"] == title["poster_path"]
    assert body["directors"]
    assert body["runtime"]
    assert not body["stale"]
    assert asked(tmdb) == {f"/3/movie/{title['id']}": 1}


async def test_concurrent_misses_of_a_title_make_one_request(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    title = some_title(tmdb, "tv")
    tmdb.post("/__control", json={"latency_ms": 400}).raise_for_status()

    answers = await asyncio.gather(
        *(api.get(f"/media/tv/{title['id']}") for _ in range(MISSED_TOGETHER))
    )

    assert Counter(answer.status_code for answer in answers) == {200: MISSED_TOGETHER}
    assert {answer.json()["title"] for answer in answers} == {title["name"]}
    assert asked(tmdb) == {f"/3/tv/{title['id']}": 1}


async def test_a_missing_title_is_requested_once(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    nobody = 2_000_000_000 + secrets.randbelow(10**8)

    answers = [await api.get(f"/media/movie/{nobody}") for _ in range(5)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (404, "TitleNotFound")
    }
    assert asked(tmdb) == {f"/3/movie/{nobody}": 1}


async def test_cached_titles_are_published(
    api: httpx.AsyncClient, tmdb: httpx.Client, wiretap: Callable[[], list[dict[str, Any]]]
) -> None:
    title = a_known_title(tmdb)
    answer = await api.get(
        f"/media/movie/{title['id']}", headers={"X-Correlation-Id": "edge-test-1"}
    )
    assert answer.status_code == 200

    async def heard() -> bool:
        return any(
            event["detail-type"] == "TitlesCached"
            and event["detail"]["metadata"]["correlation_id"] == "edge-test-1"
            and event["detail"]["data"]["titles"][0]["media_id"] == title["id"]
            for event in wiretap()
        )

    assert await eventually(heard)


async def test_an_unchanged_response_is_a_304(api: httpx.AsyncClient, tmdb: httpx.Client) -> None:
    title = some_title(tmdb, "movie")
    for path in (f"/media/movie/{title['id']}", "/media/genres", "/media"):
        first = await api.get(path)
        again = await api.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


async def test_a_search_makes_one_request_per_media_type(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    word = some_title(tmdb, "movie")["title"]

    answers = [
        await api.get("/media/search", params={"q": text})
        for text in (word, f"  {word.upper()} ", word.lower())
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert answers[0].json()["items"]
    assert asked(tmdb) == {"/3/search/movie": 1, "/3/search/tv": 1}


async def test_public_requests_start_no_refresh(api: httpx.AsyncClient, tmdb: httpx.Client) -> None:
    for query in ({}, {"listType": "top_rated", "mediaType": "tv"}, {"genreId": "18"}):
        answer = await api.get("/media", params=query)
        assert answer.status_code == 200
        assert {"items", "nextCursor", "stale", "refreshedAt"} <= answer.json().keys()

    assert asked(tmdb) == {}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/media?limit=0", "limit"),
        ("/media?limit=101", "limit"),
        ("/media?limit=many", "limit"),
        ("/media?listType=best", "listType"),
        ("/media?cursor=broken", "cursor"),
        ("/media?excludeIds=1,x", "excludeIds.1"),
        ("/media?excludeIds=" + ",".join(map(str, range(1, 152))), "excludeIds"),
        ("/media/book/550", "mediaType"),
        ("/media/movie/abc", "mediaId"),
        ("/media/search", "q"),
        ("/media/search?q=%20", "q"),
    ],
)
async def test_bad_input_is_a_400_that_names_the_field(
    api: httpx.AsyncClient, tmdb: httpx.Client, path: str, field: str
) -> None:
    answer = await api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidInput")
    assert list(answer.json()["fields"]) == [field]
    assert asked(tmdb) == {}


async def test_cached_titles_are_served_while_tmdb_is_down(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    title = some_title(tmdb, "movie")
    cached = f"/media/movie/{title['id']}"
    missed = paths_of_unknown_titles(12)
    assert (await api.get(cached)).status_code == 200
    tmdb.post("/__stats/reset").raise_for_status()
    tmdb.post("/__control", json={"down": True}).raise_for_status()

    began = time.perf_counter()
    answers = [await api.get(path) for path in missed]
    elapsed = time.perf_counter() - began

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["code"] for answer in answers} == {"TmdbUnavailable"}
    assert (await api.get(cached)).status_code == 200
    # Unprotected, it would be five requests for each.
    assert sum(asked(tmdb).values()) < 2.5 * len(missed)
    assert elapsed < 30

    tmdb.post("/__control/reset").raise_for_status()

    async def is_back() -> bool:
        return (await api.get(missed[0])).status_code == 404

    assert await eventually(is_back)


async def test_the_public_gets_at_most_half_of_the_rate(
    api: httpx.AsyncClient, tmdb: httpx.Client
) -> None:
    """Misses wait to be admitted, or are told to come back; a few may go late, none beyond 40."""
    paths = paths_of_unknown_titles(60)
    await asyncio.gather(*(api.get("/media/genres") for _ in range(4)))

    answers = await asyncio.gather(*(api.get(path) for path in paths))

    seen = tmdb.get("/__stats").json()
    assert {answer.status_code for answer in answers} <= {404, 429}
    assert all(answer.headers.get("Retry-After") for answer in answers if answer.status_code == 429)
    assert "429" not in seen["by_status"]
    assert seen["max_in_one_second"] <= 25
