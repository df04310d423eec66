"""The TMDB client: what it asks, what it takes, what it does when TMDB fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from catalog.adapters.tmdb import TmdbClient, TmdbPages
from catalog.adapters.tmdb.throttle.priority import INTERACTIVE
from catalog.domain import DiscoverQuery, Strategy, TitlePage
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.ports import PageRequest
from matinee.media import MediaType
from tests.fakes.clock import seconds_of
from tests.unit.catalog.fakes import FakeRateLimiter, FakeTime, LogLines, seeded

V3_KEY = "0123456789abcdef0123456789abcdef"
V4_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJtYXRpbmVlIn0.c2lnbmF0dXJl"
FILMS = PageRequest(DiscoverQuery(MediaType.MOVIE, (16, 18), Strategy.AND), 3)
SERIES = PageRequest(DiscoverQuery(MediaType.TV, (16, 10765), Strategy.OR), 1)

ROW: Mapping[str, Any] = {
    "adult": False,
    "backdrop_path": None,
    "genre_ids": [16, 18],
    "id": 129,
    "original_language": "fr",
    "original_title": "La Maison",
    "overview": "A house that nobody leaves.",
    "popularity": 91.2,
    "poster_path": "/house.jpg",
    "release_date": "2001-07-20",
    "title": "The House",
    "video": False,
    "vote_average": 8.5,
    "vote_count": 15000,
}

type Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


def body(*rows: object, pages: int = 7, results: int = 139) -> dict[str, object]:
    return {"page": 1, "results": list(rows), "total_pages": pages, "total_results": results}


def ok(*rows: object) -> httpx.Response:
    return httpx.Response(200, json=body(*(rows or (dict(ROW),))))


class ClientScenario:
    """A client, the TMDB that it talks to, and the time that passes between them."""

    def __init__(
        self, answer: Answer, *, key: str = V3_KEY, rate: float = 0, seed: int = 7
    ) -> None:
        self.time = FakeTime()
        self.rate = FakeRateLimiter(self.time.now, rate)
        self.requests: list[httpx.Request] = []
        self._answer = answer
        self._key = key
        self.client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="https://tmdb.test/3", transport=httpx.MockTransport(self._respond)
            ),
            key=self._read_key,
            limiter=self.rate,
            random=seeded(seed),
            now=self.time.now,
            sleep=self.time.sleep,
        )
        self.pages = TmdbPages(self.client)

    async def fetch(self, *requests: PageRequest, seconds: float = 4.5) -> list[TitlePage]:
        return list(await self.pages.fetch(requests or (FILMS,), self.time.deadline(seconds)))

    async def _read_key(self) -> str:
        return self._key

    async def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answer(request)
        return answer if isinstance(answer, httpx.Response) else await answer


def in_turn(*answers: httpx.Response | Exception) -> Answer:
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        following = next(left)
        if isinstance(following, Exception):
            raise following
        return following

    return answer


def always(status: int, **headers: str) -> Answer:
    return lambda _: httpx.Response(status, headers=headers, json={"status_code": 11})


async def test_requests_films_with_every_filter_of_tmdb() -> None:
    scenario = ClientScenario(in_turn(ok()))

    await scenario.fetch(FILMS)

    [request] = scenario.requests
    assert request.url.path == "/3/discover/movie"
    assert dict(request.url.params) == {
        "with_genres": "16,18",
        "page": "3",
        "vote_count.gte": "50",
        "with_original_language": "en|es|fr|it|de|pt",
        "include_adult": "false",
        "sort_by": "popularity.desc",
        "language": "en-US",
        "api_key": V3_KEY,
    }


async def test_joins_genres_of_a_loose_query_with_a_pipe() -> None:
    scenario = ClientScenario(in_turn(ok()))

    await scenario.fetch(SERIES)

    assert scenario.requests[0].url.path == "/3/discover/tv"
    assert scenario.requests[0].url.params["with_genres"] == "16|10765"


async def test_no_genre_is_no_parameter() -> None:
    scenario = ClientScenario(in_turn(ok()))

    await scenario.fetch(PageRequest(DiscoverQuery(MediaType.MOVIE, (), Strategy.ANY), 1))

    assert "with_genres" not in scenario.requests[0].url.params


async def test_sends_a_v4_token_only_in_the_header() -> None:
    scenario = ClientScenario(in_turn(ok()), key=V4_TOKEN)

    await scenario.fetch()

    assert scenario.requests[0].headers["Authorization"] == f"Bearer {V4_TOKEN}"
    assert V4_TOKEN not in str(scenario.requests[0].url)


async def test_sends_a_v3_key_in_no_header() -> None:
    scenario = ClientScenario(in_turn(ok()))

    await scenario.fetch()

    assert "Authorization" not in scenario.requests[0].headers


@pytest.mark.parametrize("key", [V3_KEY, V4_TOKEN])
@pytest.mark.parametrize("status", [200, 401, 404, 500])
async def test_the_key_is_in_no_log_and_no_error(
    key: str, status: int, caplog: pytest.LogCaptureFixture, log_lines: LogLines
) -> None:
    caplog.set_level(logging.DEBUG)
    scenario = ClientScenario(lambda _: httpx.Response(status, json=body(dict(ROW))), key=key)

    shown = ""
    try:
        await scenario.fetch()
    except TmdbUnavailable as error:
        shown = f"{error!r} {error.info} {error.__cause__!r}"

    assert key not in caplog.text + shown + str(log_lines())


async def test_parses_a_film() -> None:
    [page] = await ClientScenario(in_turn(ok())).fetch(FILMS)

    [film] = page.titles
    assert (page.total_pages, page.total_results) == (7, 139)
    assert (film.id, film.title, film.release_date) == (129, "The House", "2001-07-20")
    assert (film.poster_path, film.vote_count, film.genre_ids) == ("/house.jpg", 15000, (16, 18))
    assert (film.media_type, film.original_language) == (MediaType.MOVIE, "fr")


async def test_parses_a_series() -> None:
    row = {k: v for k, v in ROW.items() if k not in ("title", "release_date", "adult")}
    row |= {"name": "The Houses", "first_air_date": "2011-04-17", "origin_country": ["FR"]}

    [page] = await ClientScenario(in_turn(ok(row))).fetch(SERIES)

    assert page.titles[0].title == "The Houses"
    assert page.titles[0].release_date == "2011-04-17"
    assert page.titles[0].media_type is MediaType.TV


@pytest.mark.parametrize("day", ["", None, "soon", "2020-13-45"])
async def test_parses_an_unknown_date_as_none(day: str | None) -> None:
    [page] = await ClientScenario(in_turn(ok({**ROW, "release_date": day}))).fetch()

    assert page.titles[0].release_date is None


@pytest.mark.parametrize(
    "row",
    [
        None,
        "a title",
        [],
        {},
        {**ROW, "id": "129"},
        {**ROW, "id": 0},
        {**ROW, "title": None},
        {**ROW, "genre_ids": "16"},
        {**ROW, "genre_ids": [None]},
        {**ROW, "id": 2**31},
        {**ROW, "genre_ids": [0]},
        {k: v for k, v in ROW.items() if k != "genre_ids"},
    ],
)
async def test_skips_only_the_malformed_row(row: object) -> None:
    [page] = await ClientScenario(in_turn(ok(dict(ROW), row, {**ROW, "id": 130}))).fetch()

    assert [title.id for title in page.titles] == [129, 130]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("vote_count", None, 0),
        ("vote_count", "many", 0),
        ("vote_count", -1, 0),
        ("vote_count", 7.5, 7),
        ("vote_count", 10**40, 2**31 - 1),
        ("vote_average", 10.5, 10),
        ("vote_average", -0.1, 0),
        ("vote_average", True, 0),
        ("popularity", -1, 0),
        ("popularity", 1e300, 2**31 - 1),
        ("genre_ids", list(range(1, 22)), tuple(range(1, 21))),
        ("title", "x" * 740, "x" * 500),
        ("title", "Fight\u202e\u200b Club\u2066\ufeff ", "Fight Club"),
        ("original_language", None, "xx"),
        ("original_language", "x" * 21, "x" * 20),
        ("poster_path", "javascript:alert(1)", None),
        ("poster_path", "//example.com/p.jpg", None),
        ("poster_path", "/p.jpg", "/p.jpg"),
        ("backdrop_path", 5, None),
        ("release_date", "2001-09-14T00:00:00.000Z", "2001-09-14"),
        ("adult", "no", True),
        ("adult", None, False),
    ],
)
async def test_brings_odd_fields_within_bounds(field: str, value: object, expected: object) -> None:
    [page] = await ClientScenario(in_turn(ok({**ROW, field: value, "softcore": False}))).fetch()

    assert [getattr(title, field) for title in page.titles] == [expected]


async def test_cuts_a_long_overview() -> None:
    [page] = await ClientScenario(in_turn(ok({**ROW, "overview": "ab" * 100_000}))).fetch()

    assert page.titles[0].overview == "ab" * 2000


async def test_unreadable_responses_do_not_open_the_circuit() -> None:
    scenario = ClientScenario(always(200))

    with pytest.raises(TmdbUnavailable) as refusal:
        await scenario.fetch()

    assert (scenario.rate.failures, scenario.rate.answered) == (0, INTERACTIVE.max_attempts)
    assert refusal.value.code == "TmdbUnavailable"


async def test_accepts_a_row_without_overview_or_poster() -> None:
    [page] = await ClientScenario(
        in_turn(ok({**ROW, "overview": None, "poster_path": None}))
    ).fetch()

    assert page.titles[0].overview == ""
    assert page.titles[0].poster_path is None


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(500),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(503),
        httpx.Response(408),
        httpx.Response(429),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, text=""),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"results": None, "total_pages": 1, "total_results": 1}),
        httpx.Response(200, json={"success": False}),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.DecodingError("bad gzip"),
    ],
    ids=str,
)
async def test_retries_a_transient_error(fault: httpx.Response | Exception) -> None:
    scenario = ClientScenario(in_turn(fault, ok()))

    [page] = await scenario.fetch()

    assert len(page.titles) == 1
    assert len(scenario.requests) == 2


async def test_the_backoff_grows_up_to_its_limit() -> None:
    scenario = ClientScenario(always(500))

    with pytest.raises(TmdbUnavailable):
        await scenario.fetch()

    pauses = [seconds for seconds in scenario.time.slept if seconds > 0]
    assert len(scenario.requests) == INTERACTIVE.max_attempts
    assert len(pauses) == INTERACTIVE.max_attempts - 1
    assert all(pause <= bound for pause, bound in zip(pauses, (0.1, 0.2, 0.4, 0.8), strict=True))


async def test_two_clients_have_different_backoffs() -> None:
    scenes = [ClientScenario(always(500)), ClientScenario(always(500), seed=8)]

    for scenario in scenes:
        with pytest.raises(TmdbUnavailable):
            await scenario.fetch()

    assert scenes[0].time.slept != scenes[1].time.slept


async def test_every_attempt_takes_a_slot_and_a_batch_one_write() -> None:
    scenario = ClientScenario(in_turn(ok(), httpx.Response(500), ok(), ok()))

    await scenario.fetch(FILMS, PageRequest(FILMS.query, 4), PageRequest(FILMS.query, 5))

    assert scenario.rate.reserved == [3, 1]


@pytest.mark.parametrize("header", ["2", "Sat, 31 Jan 2026 12:00:02 GMT"])
async def test_honours_and_shares_retry_after(header: str) -> None:
    scenario = ClientScenario(in_turn(httpx.Response(429, headers={"Retry-After": header}), ok()))

    await scenario.fetch()

    assert scenario.rate.pauses == [2.0]
    assert scenario.time.seconds >= 2.0


@pytest.mark.parametrize("header", ["", "soon", "-3", "Sat, 31 Jan 2026"])
async def test_replaces_an_invalid_retry_after_by_the_backoff(
    header: str,
) -> None:
    scenario = ClientScenario(in_turn(httpx.Response(429, headers={"Retry-After": header}), ok()))

    await scenario.fetch()

    assert 0 < scenario.time.seconds <= 0.2


async def test_raises_at_once_for_a_retry_after_past_the_deadline() -> None:
    scenario = ClientScenario(always(429, **{"Retry-After": "30"}))

    with pytest.raises(TmdbRateLimited) as refusal:
        await scenario.fetch()

    assert refusal.value.retry_after == 30
    assert scenario.time.seconds == 0
    assert scenario.rate.pauses == [30]


async def test_sends_nothing_without_a_slot_before_the_deadline() -> None:
    scenario = ClientScenario(always(200), rate=2)
    await scenario.rate.pause(10)

    with pytest.raises(TmdbRateLimited) as refusal:
        await scenario.fetch()

    assert refusal.value.retry_after == pytest.approx(10)
    assert scenario.requests == []


async def test_requests_wait_for_their_slots() -> None:
    scenario = ClientScenario(lambda _: ok(), rate=4)

    await scenario.fetch(FILMS, PageRequest(FILMS.query, 4))

    assert max(scenario.time.slept) == pytest.approx(1.05 / 4, abs=0.001)


@pytest.mark.parametrize("status", [401, 403])
async def test_logs_a_refused_key_and_does_not_retry(status: int, log_lines: LogLines) -> None:
    scenario = ClientScenario(always(status))

    with pytest.raises(TmdbKeyRefused):
        await scenario.fetch()

    assert len(scenario.requests) == 1
    [line] = log_lines()
    assert (line["message"], line["level"]) == ("tmdb_key_refused", "ERROR")
    assert "TMDB_SECRET_ARN" in line["repair"]


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
async def test_refuses_a_malformed_key_before_any_request(key: str) -> None:
    scenario = ClientScenario(always(200), key=key)

    with pytest.raises(TmdbKeyRefused):
        await scenario.fetch()

    assert scenario.requests == []


@pytest.mark.parametrize("status", [301, 400, 404, 422])
async def test_does_not_retry_a_refused_request(status: int) -> None:
    scenario = ClientScenario(always(status))

    with pytest.raises(TmdbUnavailable):
        await scenario.fetch()

    assert len(scenario.requests) == 1


async def test_fetches_pages_concurrently_and_in_order() -> None:
    together = asyncio.Barrier(3)

    async def answer(request: httpx.Request) -> httpx.Response:
        await together.wait()
        return ok({**ROW, "id": int(request.url.params["page"])})

    requests = [PageRequest(FILMS.query, page) for page in (9, 2, 5)]
    pages = await ClientScenario(answer).fetch(*requests)

    assert [page.titles[0].id for page in pages] == [9, 2, 5]


async def test_a_failed_page_cancels_the_others() -> None:
    never = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "2":
            return httpx.Response(404)
        await never.wait()
        raise AssertionError

    with pytest.raises(TmdbUnavailable):
        await ClientScenario(answer).fetch(FILMS, PageRequest(FILMS.query, 2))


def test_gives_up_at_the_deadline() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def fetch() -> None:
        deadline = Deadline.after(0.2, asyncio.get_running_loop().time)
        with pytest.raises(TmdbUnavailable):
            await ClientScenario(answer).pages.fetch([FILMS], deadline)

    assert seconds_of(fetch()) == pytest.approx(0.2)


async def test_sends_nothing_after_the_deadline() -> None:
    scenario = ClientScenario(always(200))

    with pytest.raises(TmdbUnavailable):
        await scenario.fetch(seconds=0)

    assert scenario.requests == []


async def test_does_not_hide_a_bug_as_a_tmdb_error() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        message = "a bug"
        raise ZeroDivisionError(message)

    with pytest.raises(ExceptionGroup):
        await ClientScenario(answer).fetch()
