"""MediaFunction, from its HTTP event to its answer."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog import bootstrap
from catalog.api.deadline_runner import DeadlineRunner
from catalog.api.routes import LIST_MEDIA, SHOW_TITLE
from catalog.domain import ListKey, ListType
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.handlers import media
from catalog.settings import MediaSettings
from matinee.media import MediaType
from tests.unit.catalog.fakes import a_title, titles
from tests.unit.catalog.media_fakes import (
    FACTS,
    MediaScenario,
    a_context,
    a_series,
    body_of,
    http_event,
)

EVENTS = Path(__file__).resolve().parents[3] / "events" / "catalog"
POPULAR = ListKey(ListType.POPULAR, MediaType.MOVIE)
TRENDING = ListKey(ListType.TRENDING, MediaType.MOVIE)
DRAMA = ListKey(ListType.GENRE, MediaType.MOVIE, 18)
NOW, OLD = timedelta(0), timedelta(days=9)

ENVIRONMENT = {
    "STAGE": "test",
    "POWERTOOLS_SERVICE_NAME": "catalog",
    "TMDB_BASE_URL": "https://tmdb.test/3",
    "TMDB_SECRET_ARN": "matinee/tmdb",
    "RATE_TABLE": "Rates",
    "ANSWERS_TABLE": "Answers",
    "MEDIA_TABLE": "Media",
    "OUTBOX_TABLE": "Outbox",
}


@pytest.fixture
def scenario(monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaScenario]:
    scenario = MediaScenario(a_title(550, 28, 12, backdrop_path="/wide.jpg", popularity=91.5))
    with asyncio.Runner() as runner:
        run = DeadlineRunner(5, runner, scenario.time.monotonic)
        browser = scenario.instance()
        monkeypatch.setattr(bootstrap, "media_runner", lambda: run)
        monkeypatch.setattr(bootstrap, "media_browser", lambda: browser)
        monkeypatch.setattr(bootstrap, "media_settings", lambda: MediaSettings.load(ENVIRONMENT))
        media.handler.cache_clear()
        yield scenario
        media.handler.cache_clear()


def get(
    path: str, query: Mapping[str, str] | None = None, **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    parts = path.split("/")
    named = {"mediaType": parts[2], "mediaId": "/".join(parts[3:])} if len(parts) > 3 else {}
    tags = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = media.handler(http_event(path, query, tags, named), a_context())
    body = body_of(answer) if answer["body"] else {}
    return answer["statusCode"], body, dict(answer["headers"])


def ids(body: Mapping[str, Any]) -> list[int]:
    return [item["id"] for item in body["items"]]


class TestLists:
    def test_returns_a_list_with_every_name_that_clients_read(
        self, scenario: MediaScenario
    ) -> None:
        shown = a_title(550, 28, 12, backdrop_path="/wide.jpg", popularity=91.5)
        scenario.refresh(POPULAR, [shown, a_title(7)], age=NOW)

        status, body, _ = get("/media", {"listType": "popular"})

        assert status == 200
        assert body["items"][0] == {
            "mediaId": "550",
            "id": 550,
            "mediaType": "movie",
            "title": "The Long Way Home",
            "overview": "A postman takes the wrong train and stays on it.",
            "posterPath": "/home.jpg",
            "poster_path": "/home.jpg",
            "backdropPath": "/wide.jpg",
            "backdrop_path": "/wide.jpg",
            "voteAverage": 7.1,
            "vote_average": 7.1,
            "voteCount": 420,
            "releaseDate": "2019-05-01",
            "release_date": "2019-05-01",
            "popularity": 91.5,
            "genres": "28|12",
            "genreIds": [28, 12],
            "originalLanguage": "en",
        }
        assert {name: value for name, value in body.items() if name != "items"} == {
            "listType": "popular",
            "mediaType": "movie",
            "genreId": None,
            "total": 2,
            "nextCursor": None,
            "refreshedAt": "2026-01-31T12:00:00.000Z",
            "stale": False,
        }

    def test_returns_twenty_trending_films_by_default(self, scenario: MediaScenario) -> None:
        scenario.refresh(TRENDING, titles(50), age=NOW)

        _, body, _ = get("/media")

        assert ids(body) == list(range(1, 21))
        assert (body["listType"], body["mediaType"]) == ("trending", "movie")

    @pytest.mark.parametrize(
        "query", [{"genreId": "18"}, {"genreId": "18", "listType": "genre", "mediaType": "movie"}]
    )
    def test_a_genre_has_a_list_of_its_own(
        self, scenario: MediaScenario, query: dict[str, str]
    ) -> None:
        scenario.refresh(DRAMA, titles(3), age=NOW)

        _, body, _ = get("/media", query)

        assert (ids(body), body["listType"], body["genreId"]) == ([1, 2, 3], "genre", 18)

    def test_films_and_series_have_separate_lists(self, scenario: MediaScenario) -> None:
        series = ListKey(ListType.TOP_RATED, MediaType.TV)
        scenario.refresh(series, [a_series(a_title(9))], age=NOW)

        _, body, _ = get("/media", {"listType": "top_rated", "mediaType": "tv"})

        assert body["items"][0]["mediaType"] == "tv"

    def test_cursors_lead_through_the_whole_list(self, scenario: MediaScenario) -> None:
        scenario.refresh(POPULAR, titles(45), age=NOW)
        query, seen = {"listType": "popular", "limit": "20"}, []

        for _ in range(3):
            _, body, _ = get("/media", query)
            seen += ids(body)
            query["cursor"] = body["nextCursor"]

        assert seen == list(range(1, 46))
        assert body["nextCursor"] is None

    def test_replaces_excluded_ids_by_others(self, scenario: MediaScenario) -> None:
        scenario.refresh(POPULAR, titles(200), age=NOW)
        excluded = ",".join(map(str, range(1, 151)))

        _, body, _ = get("/media", {"listType": "popular", "excludeIds": excluded, "limit": "10"})

        assert ids(body) == list(range(151, 161))

    def test_accepts_an_empty_exclusion(self, scenario: MediaScenario) -> None:
        scenario.refresh(POPULAR, titles(3), age=NOW)

        assert ids(get("/media", {"listType": "popular", "excludeIds": ""})[1]) == [1, 2, 3]

    def test_an_unrefreshed_list_is_empty_and_stale(self, scenario: MediaScenario) -> None:
        status, body, headers = get("/media", {"listType": "top_rated"})

        assert (status, body["items"], body["refreshedAt"], body["stale"]) == (200, [], None, True)
        assert headers["Cache-Control"] == "public, no-cache"
        assert scenario.tmdb.requests == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": "10,20"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"listType": "best"}, "listType"),
        ({"listType": "Popular"}, "listType"),
        ({"mediaType": "book"}, "mediaType"),
        ({"mediaType": "both"}, "mediaType"),
        ({"genreId": "28", "mediaType": "tv"}, "genreId"),
        ({"genreId": "action"}, "genreId"),
        ({"genreId": "18", "listType": "popular"}, "listType"),
        ({"listType": "genre"}, "listType"),
        ({"excludeIds": "1,x"}, "excludeIds.1"),
        ({"excludeIds": ",".join(map(str, range(1, 152)))}, "excludeIds"),
        ({"excludeIds": "0"}, "excludeIds.0"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "broken"}, "cursor"),
        ({"cursor": "x" * 5000}, "cursor"),
        ({"page": "2"}, "page"),
        ({"userId": "victim"}, "userId"),
    ],
)
def test_returns_400_naming_the_invalid_field(
    scenario: MediaScenario, query: dict[str, str], field: str
) -> None:
    scenario.refresh(TRENDING, titles(3), age=NOW)

    status, body, headers = get("/media", query)

    assert (status, body["code"]) == (400, "InvalidInput")
    assert list(body["fields"]) == [field]
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "other",
    [
        {"listType": "trending"},
        {"listType": "popular", "mediaType": "tv"},
        {"genreId": "18"},
    ],
)
def test_returns_400_for_a_cursor_of_another_list(
    scenario: MediaScenario, other: dict[str, str]
) -> None:
    for key in (POPULAR, TRENDING, DRAMA, replace(POPULAR, media_type=MediaType.TV)):
        scenario.refresh(key, titles(40), age=NOW)
    _, body, _ = get("/media", {"listType": "popular"})

    status, refusal, _ = get("/media", {**other, "cursor": body["nextCursor"]})

    assert (status, list(refusal["fields"])) == (400, ["cursor"])


def test_returns_400_for_a_cursor_of_a_deleted_version(scenario: MediaScenario) -> None:
    scenario.refresh(POPULAR, titles(40), age=timedelta(days=1))
    _, body, _ = get("/media", {"listType": "popular"})
    scenario.refresh(POPULAR, titles(40), age=NOW)

    status, refusal, _ = get("/media", {"listType": "popular", "cursor": body["nextCursor"]})

    assert (status, list(refusal["fields"])) == (400, ["cursor"])


class TestTitle:
    def test_shows_a_title_with_its_details(self, scenario: MediaScenario) -> None:
        status, body, _ = get("/media/movie/550")

        assert status == 200
        assert (body["id"], body["mediaId"], body["genres"]) == (550, "550", "28|12")
        assert (body["runtime"], body["keywords"]) == (FACTS.runtime, ["train"])
        assert (body["directors"], body["cast"]) == (["Ada Roe"], ["Bo Lind"])
        assert (body["cachedAt"], body["stale"]) == ("2026-01-31T12:00:00.100Z", False)
        assert scenario.tmdb.requests == 1

    @pytest.mark.parametrize(
        ("query", "accepted", "shown"),
        [
            ({}, "", ("en", "Film 550", None)),
            ({"language": "de"}, "", ("de", "Der Zug", None)),
            ({"language": "de-DE"}, "fr", ("de", "Der Zug", "DE")),
            ({"language": "fr"}, "", ("fr", "Film 550", None)),
            ({"language": "ja"}, "de", ("en", "Film 550", None)),
            ({}, "ja, fr;q=0.2, de-AT;q=0.9", ("de", "Der Zug", "AT")),
            ({}, "en-GB, de;q=0.9", ("en", "Film 550", "GB")),
            ({}, "de;q=0, %%, *;q=0.5", ("en", "Film 550", None)),
            ({"country": "DE"}, "fr-FR", ("fr", "Film 550", "DE")),
        ],
    )
    def test_shows_a_title_in_the_reader_s_language(
        self,
        scenario: MediaScenario,
        query: Mapping[str, str],
        accepted: str,
        shown: tuple[str, str, str | None],
    ) -> None:
        scenario.tmdb.known[0] = replace(scenario.tmdb.known[0], title="Film 550")

        _, body, headers = get("/media/movie/550", query, Accept_Language=accepted)

        where = body["whereToWatch"]
        assert (body["language"], body["title"], where and where["country"]) == shown
        assert headers["Content-Language"] == shown[0]
        assert "Accept-Language" in headers["Vary"]

    def test_shows_a_trailer_and_credits_justwatch(self, scenario: MediaScenario) -> None:
        _, body, _ = get("/media/movie/550", {"country": "DE"})
        _, elsewhere, _ = get("/media/movie/550", {"country": "US"})

        assert body["trailer"] == {"site": "YouTube", "key": "Zk3xQ9vB1fA"}
        assert body["whereToWatch"] == {
            "country": "DE",
            "providers": [{"id": 8, "name": "Netflix"}, {"id": 337, "name": "Disney Plus"}],
            "credit": "JustWatch",
        }
        assert elsewhere["whereToWatch"]["providers"] == []
        assert scenario.tmdb.requests == 1

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"language": "deutsch"}, "language"),
            ({"language": "../de"}, "language"),
            ({"country": "de"}, "country"),
            ({"country": "Germany"}, "country"),
            ({"region": "DE"}, "region"),
        ],
    )
    def test_returns_400_for_no_language_or_country(
        self, scenario: MediaScenario, query: Mapping[str, str], field: str
    ) -> None:
        status, body, _ = get("/media/movie/550", query)

        assert (status, list(body["fields"])) == (400, [field])
        assert scenario.tmdb.requests == 0

    @pytest.mark.parametrize("path", ["/media/movie/551", "/media/tv/550"])
    def test_returns_404_for_a_missing_title(self, scenario: MediaScenario, path: str) -> None:
        status, body, _ = get(path)

        assert (status, body["code"]) == (404, "TitleNotFound")
        assert scenario.tmdb.requests == 1

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/media/book/550", "mediaType"),
            ("/media/film/550", "mediaType"),
            ("/media/movie/abc", "mediaId"),
            ("/media/movie/0", "mediaId"),
            ("/media/movie/-5", "mediaId"),
            ("/media/movie/+5", "mediaId"),
            ("/media/movie/99999999999", "mediaId"),
            ("/media/movie/2147483648", "mediaId"),
            ("/media/movie/550%2Fvideos", "mediaId"),
            ("/media/movie/../../secret", "mediaId"),
        ],
    )
    def test_returns_400_for_a_path_that_names_no_title(
        self, scenario: MediaScenario, path: str, field: str
    ) -> None:
        status, body, _ = get(path)

        assert (status, list(body["fields"])) == (400, [field])
        assert scenario.tmdb.requests == 0

    def test_shows_the_age_of_a_stale_title(self, scenario: MediaScenario) -> None:
        scenario.keep(a_title(550), age=OLD)
        scenario.tmdb.fault = TmdbUnavailable()

        status, body, headers = get("/media/movie/550")

        assert (status, body["stale"]) == (200, True)
        assert (headers["Age"], headers["Cache-Control"]) == ("777600", "public, no-cache")

    def test_returns_503_for_an_uncached_title_while_tmdb_fails(
        self, scenario: MediaScenario
    ) -> None:
        scenario.tmdb.fault = TmdbUnavailable()

        assert get("/media/movie/550")[0] == 503

    def test_returns_retry_after_for_a_rate_limited_miss(self, scenario: MediaScenario) -> None:
        scenario.tmdb.fault = TmdbRateLimited(retry_after=3.4)

        status, body, headers = get("/media/movie/550")

        assert (status, body["code"], headers["Retry-After"]) == (429, "TmdbRateLimited", "3")


class TestSearch:
    def test_returns_what_was_found(self, scenario: MediaScenario) -> None:
        status, body, _ = get("/media/search", {"q": "LONG way"})

        assert (status, ids(body), body["stale"]) == (200, [550], False)
        assert scenario.tmdb.searched == [(MediaType.MOVIE, "long way"), (MediaType.TV, "long way")]

    def test_returns_at_most_the_limit(self, scenario: MediaScenario) -> None:
        scenario.tmdb.known = titles(30)

        _, body, _ = get("/media/search", {"q": "long", "limit": "7", "mediaType": "movie"})

        assert len(body["items"]) == 7

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({}, "q"),
            ({"q": ""}, "q"),
            ({"q": "  \t "}, "q"),
            ({"q": "x" * 101}, "q"),
            ({"q": "a\x00b"}, "q"),
            ({"q": "home", "mediaType": "book"}, "mediaType"),
            ({"q": "home", "limit": "41"}, "limit"),
            ({"q": "home", "page": "2"}, "page"),
        ],
    )
    def test_returns_400_for_an_invalid_search(
        self, scenario: MediaScenario, query: dict[str, str], field: str
    ) -> None:
        status, body, _ = get("/media/search", query)

        assert (status, list(body["fields"])) == (400, [field])
        assert scenario.tmdb.requests == 0


class TestCaching:
    @pytest.mark.parametrize(
        ("path", "query", "seconds"),
        [
            ("/media", {"listType": "popular"}, 300),
            ("/media/movie/550", {}, 3600),
            ("/media/genres", {}, 86400),
            ("/media/search", {"q": "long"}, 300),
        ],
    )
    def test_fresh_responses_have_a_max_age_and_an_etag(
        self, scenario: MediaScenario, path: str, query: dict[str, str], seconds: int
    ) -> None:
        scenario.refresh(POPULAR, titles(3), age=NOW)
        _, _, headers = get(path, query)
        assert headers["Cache-Control"] == f"public, max-age={seconds}"
        assert "Age" not in headers
        etag = headers["ETag"]

        for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            status, body, again = get(path, query, If_None_Match=given)
            assert (status, body, again["ETag"]) == (304, {}, etag)
            assert again["Cache-Control"] == f"public, max-age={seconds}"
        assert get(path, query, If_None_Match='"other"')[0] == 200

    def test_a_changed_response_has_another_etag(self, scenario: MediaScenario) -> None:
        scenario.refresh(POPULAR, titles(3), age=NOW)
        _, _, before = get("/media", {"listType": "popular"})
        scenario.refresh(POPULAR, titles(4), age=NOW)

        assert get("/media", {"listType": "popular"}, If_None_Match=before["ETag"])[0] == 200

    def test_shows_the_age_of_a_stale_list(self, scenario: MediaScenario) -> None:
        scenario.refresh(POPULAR, titles(3), age=OLD)

        _, body, headers = get("/media", {"listType": "popular"})

        assert body["stale"]
        assert headers["Age"] == "777600"


def test_lists_the_genres_of_films_and_series_separately(scenario: MediaScenario) -> None:
    status, body, _ = get("/media/genres")

    assert (status, len(body["movie"]), len(body["tv"])) == (200, 19, 16)
    assert {"id": 28, "name": "Action"} in body["movie"]
    assert {"id": 10759, "name": "Action & Adventure"} in body["tv"]
    assert scenario.tmdb.requests == 0


def test_public_requests_never_start_a_refresh(scenario: MediaScenario) -> None:
    for query in ({}, {"listType": "popular"}, {"genreId": "18"}, {"mediaType": "tv"}):
        assert get("/media", query)[0] == 200

    assert scenario.tmdb.requests == 0


def test_returns_404_for_an_unknown_path(scenario: MediaScenario) -> None:
    assert len(scenario.responses) == 0
    assert get("/media/movie")[0] == 404


@pytest.mark.parametrize("path", sorted(EVENTS.glob("MediaFunction.http.*.json")), ids=str)
def test_every_sample_request_has_its_intended_status(scenario: MediaScenario, path: Path) -> None:
    scenario.refresh(POPULAR, titles(3), age=NOW)

    answer = media.handler(json.loads(path.read_text()), a_context())

    bad = "-bad-" in path.name
    assert answer["statusCode"] == (400 if bad else 200)


def test_there_are_good_and_bad_samples() -> None:
    names = [path.name for path in EVENTS.glob("MediaFunction.http.*.json")]

    assert any("bad" in name for name in names)
    assert any("list" in name for name in names)
    assert (LIST_MEDIA.path, SHOW_TITLE.path) == ("/media", "/media/{mediaType}/{mediaId}")
