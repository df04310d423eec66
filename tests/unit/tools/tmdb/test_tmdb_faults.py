import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.unit.tools.tmdb.connecting import Connect
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import CatalogueBuilder
from tools.tmdb.middleware import ServerState
from tools.tmdb.rate_limit import TokenBucket
from tools.tmdb.request_count import RequestCount

_PATH = "/3/genre/movie/list"


class Clock:
    """A clock that a test winds."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(builder: CatalogueBuilder, clock: Clock) -> Starlette:
    builder.films(3, genres=(18,))
    return create_app(builder.build(), rate_limit=40, clock=clock)


@pytest.fixture
def client(app: Starlette, connect: Connect) -> httpx.AsyncClient:
    return connect(app)


async def _statuses(client: httpx.AsyncClient, count: int, path: str = _PATH) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]


async def _control(client: httpx.AsyncClient, **settings: object) -> dict[str, Any]:
    response = await client.post("/__control", json=settings)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def test_it_is_ready_and_says_with_how_much(client: httpx.AsyncClient) -> None:
    response = await client.get("/__ready")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "films": 3, "series": 0, "seed": 1}


async def test_forty_requests_a_second_pass_and_the_next_gets_a_429(
    client: httpx.AsyncClient,
) -> None:
    statuses = await _statuses(client, 40)
    refused = await client.get(_PATH)

    assert set(statuses) == {200}
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json() == {
        "success": False,
        "status_code": 25,
        "status_message": "Your request count (41) is over the allowed limit of (40).",
    }


async def test_the_limit_lets_through_again_as_time_passes(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    await _statuses(client, 40)

    clock.seconds += 0.5
    statuses = await _statuses(client, 21)

    assert Counter(statuses) == {200: 20, 429: 1}


async def test_a_slow_limit_asks_for_more_than_a_second(client: httpx.AsyncClient) -> None:
    await _control(client, rate_limit=0.25)
    await client.get(_PATH)

    refused = await client.get(_PATH)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "4")


async def test_a_limit_of_nought_is_none(client: httpx.AsyncClient) -> None:
    await _control(client, rate_limit=0)

    assert set(await _statuses(client, 200)) == {200}


async def test_the_limit_does_not_concern_images_nor_the_control(
    client: httpx.AsyncClient,
) -> None:
    await _statuses(client, 41)

    assert (await client.get("/t/p/w185/m1.svg")).status_code == 200
    assert (await client.get("/__control")).status_code == 200


async def test_settings_are_shown_changed_in_part_and_reset(client: httpx.AsyncClient) -> None:
    initial = (await client.get("/__control")).json()

    changed = await _control(client, error_rate=0.05, rate_limit=7)
    again = await _control(client, error_status=503)
    reset = (await client.post("/__control/reset")).json()

    assert (initial["error_rate"], initial["rate_limit"]) == (0, 40)
    assert changed == {**initial, "error_rate": 0.05, "rate_limit": 7}
    assert again == {**changed, "error_status": 503}
    assert reset == initial


async def test_who_streams_a_title_can_be_changed(client: httpx.AsyncClient) -> None:
    async def get(path: str, **query: str) -> dict[str, Any]:
        response = await client.get(f"/3/{path}", params={"api_key": "any", **query})
        answer: dict[str, Any] = response.json()
        return answer

    async def streamed(country: str) -> list[str]:
        title = await get(f"movie/{id_}", append_to_response="watch/providers")
        rows = title["watch/providers"]["results"].get(country, {}).get("flatrate", [])
        return [row["provider_name"] for row in rows]

    async def found() -> list[int]:
        rows = await get("discover/movie", watch_region="JP", with_watch_providers="8")
        return [row["id"] for row in rows["results"]]

    id_ = (await get("movie/popular"))["results"][0]["id"]
    before = await streamed("US")
    assert (await streamed("JP"), await found()) == ([], [])

    await _control(client, providers={f"movie/{id_}": {"JP": [8, 337], "US": []}})
    assert await streamed("JP") == ["Netflix", "Disney Plus"]
    assert (await streamed("US"), await found()) == ([], [id_])

    await client.post("/__control/reset")
    assert (await streamed("JP"), await streamed("US"), await found()) == ([], before, [])


@pytest.mark.parametrize(
    "body",
    [
        {"latency": 5},
        {"latency_ms": -1},
        {"error_rate": 2},
        {"error_status": 418},
        {"down": "yes"},
        {"hang": 1},
        {"providers": {"film/1": {"US": [8]}}},
        {"providers": {"movie/1": {"usa": [8]}}},
        {"providers": {"movie/1": {"US": [3]}}},
        {"down": True, "malformed_rate": None},
        [],
        "down",
    ],
)
async def test_an_invalid_setting_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, body: object
) -> None:
    before = (await client.get("/__control")).json()

    response = await client.post("/__control", json=body)

    assert response.status_code == 400
    assert response.json()["error"]
    assert (await client.get("/__control")).json() == before


async def test_a_body_that_is_not_json_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/__control", content=b"{down}")

    assert (response.status_code, response.json()["error"]) == (400, "the body is not JSON")


async def test_down_answers_nothing_but_503_even_to_a_bad_key(
    client: httpx.AsyncClient,
) -> None:
    await _control(client, down=True)

    response = await client.get(_PATH)
    keyless = await client.get(_PATH, headers={"Authorization": ""})

    assert response.status_code == keyless.status_code == 503
    assert response.json()["status_code"] == 9


async def test_down_ends_with_a_reset(client: httpx.AsyncClient) -> None:
    await _control(client, down=True)
    await client.post("/__control/reset")

    assert (await client.get(_PATH)).status_code == 200


@pytest.mark.parametrize(("status", "code"), [(500, 11), (503, 9), (504, 24), (429, 25)])
async def test_ordered_failures_come_first_and_then_no_more(
    client: httpx.AsyncClient, status: int, code: int
) -> None:
    await _control(client, fail_next=2, error_status=status, retry_after=3)

    responses = [await client.get(_PATH) for _ in range(3)]

    assert [response.status_code for response in responses] == [status, status, 200]
    assert responses[0].json()["status_code"] == code
    assert responses[0].headers.get("retry-after") == ("3" if status == 429 else None)
    assert (await client.get("/__control")).json()["fail_next"] == 0


async def test_an_error_rate_fails_about_that_share(client: httpx.AsyncClient) -> None:
    await _control(client, rate_limit=0, error_rate=0.2, error_status=503)

    counted = Counter(await _statuses(client, 500))

    assert set(counted) == {200, 503}
    assert 60 < counted[503] < 145


async def test_the_same_seed_fails_the_same_requests(client: httpx.AsyncClient) -> None:
    await _control(client, rate_limit=0, error_rate=0.3, seed=5)
    first = await _statuses(client, 60)
    await _control(client, seed=5)
    second = await _statuses(client, 60)
    await _control(client, seed=6)
    third = await _statuses(client, 60)

    assert first == second
    assert first != third


async def test_faults_can_be_held_to_a_part_of_the_api(client: httpx.AsyncClient) -> None:
    await _control(client, down=True, path_prefix="/3/discover")

    assert (await client.get("/3/discover/movie")).status_code == 503
    assert (await client.get("/3/movie/popular")).status_code == 200


async def test_latency_holds_every_answer_back(client: httpx.AsyncClient) -> None:
    await _control(client, latency_ms=200)
    loop = asyncio.get_running_loop()

    start = loop.time()
    await client.get(_PATH)
    one = loop.time() - start
    start = loop.time()
    await asyncio.gather(*(client.get(_PATH) for _ in range(10)))
    ten = loop.time() - start

    assert one >= 0.2
    assert 0.2 <= ten < 1.8, "latency is not a queue"


def test_jitter_varies_the_latency_both_ways_and_never_below_nought(app: Starlette) -> None:
    state: ServerState = app.state.server
    state.faults.change({"latency_ms": 20, "jitter_ms": 50})

    latencies = [state.faults.latency() for _ in range(300)]

    assert min(latencies) == 0
    assert 0.05 < max(latencies) <= 0.07
    assert len(set(latencies)) > 100


async def test_hanging_never_answers_and_leaves_when_the_client_does(
    client: httpx.AsyncClient,
) -> None:
    await _control(client, hang=True)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.get(_PATH)

    assert (await client.get("/__stats")).json()["by_status"] == {"none": 1}


async def test_hanging_ends_with_504_when_its_time_is_over(client: httpx.AsyncClient) -> None:
    await _control(client, hang=True, hang_seconds=0.05)

    response = await client.get(_PATH)

    assert (response.status_code, response.json()["status_code"]) == (504, 24)


async def test_a_hanging_request_notices_that_its_client_has_gone(app: Starlette) -> None:
    state: ServerState = app.state.server
    state.faults.change({"hang": True})
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - what ASGI sends
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": _PATH,
        "query_string": b"api_key=key",
        "headers": [],
    }
    async with asyncio.timeout(5):
        await app(scope, receive, send)

    assert sent == []


async def test_stopping_releases_what_hangs_and_what_waits(
    app: Starlette, client: httpx.AsyncClient
) -> None:
    state: ServerState = app.state.server
    await _control(client, hang=True)
    hanging = asyncio.ensure_future(client.get(_PATH))
    await asyncio.sleep(0.02)
    await _control(client, hang=False, latency_ms=60_000)
    waiting = asyncio.ensure_future(client.get(_PATH))
    await asyncio.sleep(0.02)

    state.stopping.set()
    async with asyncio.timeout(5):
        answers = [(await hanging).status_code, (await waiting).status_code]

    assert answers == [504, 200]


async def test_malformed_answers_are_200_and_never_json(client: httpx.AsyncClient) -> None:
    await _control(client, malformed_rate=1)

    responses = [await client.get(_PATH) for _ in range(30)]

    assert {response.status_code for response in responses} == {200}
    for response in responses:
        with pytest.raises(json.JSONDecodeError):
            response.json()
    kinds = {(response.headers["content-type"], bool(response.content)) for response in responses}
    assert len(kinds) == 3, "cut short, empty and a page of HTML"


async def test_malforming_leaves_errors_as_they_are(client: httpx.AsyncClient) -> None:
    await _control(client, malformed_rate=1)

    response = await client.get("/3/movie/4711")

    assert (response.status_code, response.json()["status_code"]) == (404, 34)


async def test_requests_are_counted_by_path_and_status_without_keys(
    client: httpx.AsyncClient,
) -> None:
    await client.get("/3/discover/movie", params={"with_genres": "18,16", "page": "1"})
    await client.get("/3/discover/movie", params={"page": "1", "with_genres": "18,16"})
    await client.get("/3/movie/4711", headers={"Authorization": "Bearer secret"})
    await client.get("/t/p/w185/m1.svg")

    stats = (await client.get("/__stats")).json()

    assert stats == {
        "requests": 3,
        "by_path": {"/3/discover/movie": 2, "/3/movie/4711": 1, "/t/p/w185/m1.svg": 1},
        "by_status": {"200": 2, "404": 1},
        "exact": {
            "GET /3/discover/movie?page=1&with_genres=18,16": 2,
            "GET /3/movie/4711": 1,
        },
        "max_in_one_second": 3,
        "max_accepted_in_one_second": 3,
    }


async def test_counts_start_anew_after_a_reset(client: httpx.AsyncClient) -> None:
    await _statuses(client, 3)

    reset = (await client.post("/__stats/reset")).json()

    assert (reset["requests"], reset["by_path"], reset["max_in_one_second"]) == (0, {}, 0)


async def test_refused_requests_count_as_received_but_not_as_accepted(
    client: httpx.AsyncClient,
) -> None:
    await _statuses(client, 55)

    stats = (await client.get("/__stats")).json()

    assert stats["by_status"] == {"200": 40, "429": 15}
    assert (stats["max_in_one_second"], stats["max_accepted_in_one_second"]) == (55, 40)


def test_the_busiest_second_may_begin_at_any_moment(clock: Clock) -> None:
    count = RequestCount(clock)
    for at in (0.0, 0.9, 1.1, 1.2, 1.3, 2.5):
        clock.seconds = 1_000 + at
        count.received("GET", "/3/x", [])

    assert count.snapshot()["max_in_one_second"] == 4


def test_very_many_different_requests_do_not_fill_the_memory(clock: Clock) -> None:
    count = RequestCount(clock)
    for number in range(50_010):
        count.received("GET", f"/3/movie/{number}", [])

    snapshot = count.snapshot()

    assert len(snapshot["exact"]) == len(snapshot["by_path"]) == 50_001
    assert snapshot["exact"]["(others)"] == 10


@pytest.mark.parametrize("rate", [1.0, 40.0, 0.5])
def test_a_bucket_permits_its_rate_and_one_burst_at_most(clock: Clock, rate: float) -> None:
    bucket = TokenBucket(rate, clock)
    passed = 0
    for _ in range(5_000):
        clock.seconds += 0.002
        passed += bucket.take() == 0.0

    assert passed == pytest.approx(10 * rate + max(1.0, rate), abs=1)


def test_a_bucket_says_exactly_how_long_to_wait(clock: Clock) -> None:
    bucket = TokenBucket(2.0, clock)
    _drain(bucket.take)

    wait = bucket.take()
    clock.seconds += wait

    assert wait == pytest.approx(0.5)
    assert bucket.take() == 0.0


def _drain(take: Callable[[], float]) -> None:
    while take() == 0.0:
        pass
