"""TMDB's lists, details and search, over the stand-in and over unexpected responses."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bench.capacity import item_size
from catalog.adapters.dynamodb.media_items import title_item
from catalog.adapters.tmdb import TmdbClient, TmdbTitles
from catalog.adapters.tmdb.details import TmdbDetails
from catalog.adapters.tmdb.requests import details_request
from catalog.adapters.tmdb.throttle.priority import REFRESH, RequestPriority
from catalog.domain import (
    TRANSLATED_LANGUAGES,
    CachedTitle,
    Details,
    Enrichment,
    ListKey,
    ListType,
    Provider,
    Trailer,
    Translation,
)
from catalog.domain.errors import TmdbKeyRefused, TmdbRateLimited, TmdbRefused, TmdbUnavailable
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import FakeRateLimiter, FakeTime, seeded
from tools.tmdb.app import create_app
from tools.tmdb.catalogue.builder import CatalogueBuilder
from tools.tmdb.offers import STREAMING

CAFE, MARSH = TitleKey(MediaType.MOVIE, 550), TitleKey(MediaType.TV, 550)
NOBODY = TitleKey(MediaType.MOVIE, 999_999)


def a_catalogue() -> CatalogueBuilder:
    builder = CatalogueBuilder()
    builder.film(
        "Amélie's Café",
        id=550,
        genres=(35, 10749),
        language="fr",
        keywords=("paris", "coffee"),
        cast=("Inès Valcourt", "Bo Lind"),
        directors=("Léo Quesnel",),
        released=date(2001, 4, 25),
        runtime=122,
    )
    builder.show("The Marsh", id=550, genres=(10765, 18), directors=("Ada Roe",), vote_count=500)
    builder.films(45, genres=(18,), vote_count=500)
    return builder


class StandIn:
    """The stand-in, a client of it of one priority, and a clock that sleeping moves."""

    def __init__(
        self,
        faults: Mapping[str, object] | None = None,
        *,
        priority: RequestPriority = REFRESH,
        key: str = "any",
    ) -> None:
        self.clock = FakeTime()
        self.app = create_app(a_catalogue().build(), rate_limit=0, clock=self.clock.monotonic)
        self.app.state.server.faults.change(dict(faults or {}))
        self.rate = FakeRateLimiter(self.clock.now)
        self._key = key
        client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="http://tmdb.test/3", transport=httpx.ASGITransport(self.app)
            ),
            key=self._read_key,
            limiter=self.rate,
            random=seeded(1),
            now=self.clock.now,
            sleep=self.clock.sleep,
            priority=priority,
        )
        self.titles = TmdbTitles(client)

    async def _read_key(self) -> str:
        return self._key

    async def list_page(self, key: ListKey, page: int = 1, seconds: float = 50) -> list[int]:
        answer = await self.titles.list_page(key, page, self.clock.deadline(seconds))
        return [title.id for title in answer.titles]

    async def details(self, *wanted: TitleKey, seconds: float = 50) -> Enrichment:
        return await self.titles.details(wanted, self.clock.deadline(seconds))

    @property
    def paths(self) -> dict[str, int]:
        return dict(self.app.state.server.count.snapshot()["by_path"])

    @property
    def exact(self) -> dict[str, int]:
        return dict(self.app.state.server.count.snapshot()["exact"])


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (ListKey(ListType.TRENDING, MediaType.MOVIE), "/3/trending/movie/week"),
        (ListKey(ListType.TRENDING, MediaType.TV), "/3/trending/tv/week"),
        (ListKey(ListType.POPULAR, MediaType.MOVIE), "/3/movie/popular"),
        (ListKey(ListType.POPULAR, MediaType.TV), "/3/tv/popular"),
        (ListKey(ListType.TOP_RATED, MediaType.MOVIE), "/3/movie/top_rated"),
        (ListKey(ListType.TOP_RATED, MediaType.TV), "/3/tv/top_rated"),
        (ListKey(ListType.GENRE, MediaType.TV, 18), "/3/discover/tv"),
    ],
)
async def test_requests_every_list_at_its_own_path(key: ListKey, path: str) -> None:
    tmdb = StandIn()

    found = await tmdb.list_page(key)

    assert tmdb.paths == {path: 1}
    assert found == [550] or len(found) == 20


async def test_a_page_after_the_last_is_empty() -> None:
    tmdb, key = StandIn(), ListKey(ListType.POPULAR, MediaType.MOVIE)

    pages = [await tmdb.list_page(key, page) for page in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [20, 20, 6, 0]
    assert len({title for page in pages for title in page}) == 46


async def test_distinguishes_a_refused_page_from_an_outage() -> None:
    with pytest.raises(TmdbRefused):
        await StandIn().list_page(ListKey(ListType.POPULAR, MediaType.MOVIE), 501)


async def test_parses_a_film_s_details() -> None:
    found = (await StandIn().details(CAFE)).found[CAFE]

    assert found.title.title == "Amélie's Café"
    assert found.title.genre_ids == (35, 10749)
    assert (found.title.original_language, found.title.release_date) == ("fr", "2001-04-25")
    assert found.title.backdrop_path == "/m550-wide.svg"
    assert found.title.popularity > 0
    assert found.facts.runtime == 122
    assert found.facts.keywords == ("paris", "coffee")
    assert found.facts.directors == ("Léo Quesnel",)
    assert found.facts.cast == ("Inès Valcourt", "Bo Lind")


async def test_one_request_has_trailer_translations_and_providers() -> None:
    tmdb = StandIn()

    facts = (await tmdb.details(CAFE, MARSH)).found[CAFE].facts

    assert facts.trailer
    assert (facts.trailer.site, tmdb.titles.requests) == ("YouTube", 2)
    assert facts.translations["de"].overview.startswith("[de] ")
    assert set(facts.translations) <= TRANSLATED_LANGUAGES
    assert facts.providers
    assert {each.id for offers in facts.providers.values() for each in offers} <= set(STREAMING)


async def test_parses_a_series_creators_and_genres() -> None:
    found = (await StandIn().details(MARSH)).found[MARSH]

    assert found.title.media_type is MediaType.TV
    assert found.title.genre_ids == (10765, 18)
    assert found.facts.directors == ("Ada Roe",)


async def test_a_title_costs_one_request() -> None:
    tmdb = StandIn()

    await tmdb.details(CAFE, MARSH)

    assert tmdb.titles.requests == 2
    assert set(tmdb.exact.values()) == {1}


async def test_a_missing_title_is_gone_without_a_fault() -> None:
    found = await StandIn().details(CAFE, NOBODY)

    assert set(found.found) == {CAFE}
    assert found.gone == {NOBODY}
    assert found.fault is None


async def test_returns_what_was_found_when_others_failed() -> None:
    tmdb = StandIn({"path_prefix": "/3/tv/", "down": True})

    found = await tmdb.details(CAFE, MARSH, seconds=20)

    assert set(found.found) == {CAFE}
    assert isinstance(found.fault, TmdbUnavailable)
    assert tmdb.paths["/3/movie/550"] == 1


async def test_survives_one_failed_response_in_five() -> None:
    tmdb = StandIn({"error_rate": 0.1, "malformed_rate": 0.1})
    wanted = [
        TitleKey(MediaType.MOVIE, title)
        for title in await tmdb.list_page(ListKey(ListType.GENRE, MediaType.MOVIE, 18))
    ]

    for _ in range(10):
        assert len((await tmdb.details(*wanted)).found) == 20


async def test_details_that_cannot_be_parsed_are_no_fault() -> None:
    found = await StandIn({"malformed_rate": 1}).details(CAFE, MARSH)

    assert found == Enrichment({})


async def test_fetches_more_titles_than_connections() -> None:
    tmdb = StandIn()
    wanted = [
        TitleKey(MediaType.MOVIE, title)
        for page in (1, 2, 3)
        for title in await tmdb.list_page(ListKey(ListType.POPULAR, MediaType.MOVIE), page)
    ]

    assert len((await tmdb.details(*wanted)).found) == 46


async def test_shares_the_pause_after_a_429() -> None:
    tmdb = StandIn({"fail_next": 2, "error_status": 429, "retry_after": 7})

    assert len((await tmdb.details(CAFE)).found) == 1
    assert tmdb.rate.pauses == [7, 7]
    assert tmdb.clock.seconds >= 14


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"error_rate": 1, "error_status": 429}, TmdbRateLimited), ({"down": True}, TmdbUnavailable)],
)
async def test_returns_the_fault_of_failed_details(
    fault: Mapping[str, object], error: type[Exception]
) -> None:
    found = await StandIn(fault).details(CAFE, MARSH, seconds=5)

    assert not found.found
    assert isinstance(found.fault, error)


async def test_does_not_retry_with_a_refused_key() -> None:
    tmdb = StandIn(key="invalid")

    found = await tmdb.details(CAFE)

    assert isinstance(found.fault, TmdbKeyRefused)
    assert tmdb.titles.requests == 1


async def test_records_every_success_and_failure() -> None:
    tmdb = StandIn({"fail_next": 3})

    await tmdb.details(CAFE)

    assert (tmdb.rate.answered, tmdb.rate.failures) == (1, 3)


async def test_searches_films_and_series_concurrently() -> None:
    tmdb = StandIn()

    films, series = await tmdb.titles.search(
        (MediaType.MOVIE, MediaType.TV), "the marsh", 1, tmdb.clock.deadline(5)
    )

    assert not films.titles
    assert [title.title for title in series.titles] == ["The Marsh"]
    assert tmdb.paths == {"/3/search/movie": 1, "/3/search/tv": 1}


def details(**changes: object) -> bytes:
    said: dict[str, Any] = {
        "id": 550,
        "title": "Amélie's Café",
        "overview": "Two cups.",
        "original_language": "fr",
        "genres": [{"id": 35, "name": "Comedy"}],
    }
    return json.dumps(said | changes).encode()


def read(**changes: object) -> Details:
    return TmdbDetails.parse(details(**changes), CAFE)


@pytest.mark.parametrize(
    "changes",
    [
        {"credits": None, "keywords": None},
        {"credits": [], "keywords": "many"},
        {"credits": {"cast": None, "crew": 5}, "keywords": {"keywords": [None, {}, {"name": 3}]}},
        {"runtime": 0, "episode_run_time": [0]},
        {"runtime": "long", "created_by": {}},
        {"videos": [], "translations": "all", "watch/providers": None},
        {"videos": {"results": [None, {"type": "Trailer"}]}, "watch/providers": {"results": []}},
        {"watch/providers": {"results": None}},
        {"watch/providers": "nobody"},
        {"videos": {"results": [{"type": "Trailer", "site": "YouTube", "key": "a b"}]}},
        {"videos": {"results": [{"type": "Clip", "site": "YouTube", "key": "ab"}]}},
        {"videos": {"results": [{"type": "Trailer", "site": "Elsewhere", "key": "ab"}]}},
        {"release_dates": {"results": [3, {"release_dates": [{"certification": 7}]}]}},
        {"content_ratings": {"results": [{"iso_3166_1": None, "rating": "TV-G"}, {"rating": "R"}]}},
        {"translations": {"translations": [{"iso_639_1": ["de"]}, {"iso_639_1": "de"}, 3]}},
        {"translations": {"translations": [{"iso_639_1": "en", "data": {"title": "Café"}}]}},
    ],
)
def test_parses_useless_details_as_none(
    changes: Mapping[str, object],
) -> None:
    found = read(**changes).facts

    assert found == type(found)()


def test_names_are_limited_trimmed_and_unique() -> None:
    cast = [{"name": f" Actor {n % 7} ", "order": 30 - n} for n in range(30)]
    keywords = [{"name": f"k{n}"} for n in range(40)]

    facts = read(credits={"cast": cast}, keywords={"keywords": keywords}).facts

    assert facts.cast == ("Actor 1", "Actor 0", "Actor 6", "Actor 5", "Actor 4")
    assert len(facts.keywords) == 20


def test_the_trailer_is_english_official_and_the_first() -> None:
    def video(key: str, language: str, day: str, *, official: bool) -> dict[str, object]:
        video = {"type": "Trailer", "site": "YouTube", "key": key, "iso_639_1": language}
        return {**video, "official": official, "published_at": day}

    videos = [
        video("teaser", "en", "2001-01-01", official=True) | {"type": "Teaser"},
        video("french", "fr", "2001-01-02", official=True),
        video("by-a-fan", "en", "2001-01-03", official=False),
        video("second", "en", "2001-01-05", official=True),
        video("first", "en", "2001-01-04", official=True),
    ]

    assert read(videos={"results": videos}).facts.trailer == Trailer("YouTube", "first")
    assert read(videos={"results": videos[:2]}).facts.trailer == Trailer("YouTube", "french")


def test_providers_stream_and_neither_rent_nor_sell() -> None:
    def offer(id_: int, name: str) -> dict[str, object]:
        return {"provider_id": id_, "provider_name": name, "logo_path": "/x.jpg"}

    results = {
        "US": {"flatrate": [offer(8, "Netflix")], "ads": [offer(8, "Netflix"), offer(73, "Tubi")]},
        "DE": {"rent": [offer(2, "Apple TV")], "buy": [offer(2, "Apple TV")]},
        "FR": {"free": [offer(234, "Arte")]},
    }

    assert read(**{"watch/providers": {"results": results}}).facts.providers == {
        "FR": (Provider(234, "Arte"),),
        "US": (Provider(8, "Netflix"), Provider(73, "Tubi")),
    }


@pytest.mark.parametrize(
    "results",
    [
        {},
        {"US": {"flatrate": [{"provider_id": "8"}]}, "GB": 4},
        {"Mars": {"flatrate": [{"provider_id": 8, "provider_name": "Netflix"}]}},
    ],
)
def test_nobody_streams_it_is_known(results: object) -> None:
    assert read(**{"watch/providers": {"results": results}}).facts.providers == {}


def test_of_two_translations_the_language_s_own_country_counts() -> None:
    def row(language: str, country: str, **data: str) -> dict[str, object]:
        return {"iso_639_1": language, "iso_3166_1": country, "data": data}

    rows = [
        row("pt", "BR", title="O Café", overview="Duas xícaras."),
        row("pt", "PT", title="", overview="Duas chávenas."),
        row("sv", "SE", name="Kaféet"),
        row("xx", "XX", title="Nowhere"),
    ]

    assert read(translations={"translations": rows}).facts.translations == {
        "pt": Translation("", "Duas chávenas."),
        "sv": Translation("Kaféet", ""),
    }


def test_a_film_has_the_certifications_of_its_release_in_cinemas() -> None:
    def releases(country: str, *said: tuple[int, str]) -> dict[str, object]:
        dates = [{"type": kind, "certification": text} for kind, text in said]
        return {"iso_3166_1": country, "release_dates": dates}

    rows = [
        releases("US", (1, ""), (4, "Unrated"), (3, " PG-13 ")),
        releases("GB", (4, "15"), (5, "18")),
        releases("DE", (3, "")),
        releases("FR"),
    ]

    assert read(release_dates={"results": rows}).facts.certifications == {
        "GB": "15",
        "US": "PG-13",
    }


def test_a_series_has_the_ratings_of_its_countries() -> None:
    rows = [{"iso_3166_1": "US", "rating": "TV-MA"}, {"iso_3166_1": "DE", "rating": ""}]

    assert read(content_ratings={"results": rows}).facts.certifications == {"US": "TV-MA"}


async def test_the_request_for_details_has_certifications_too() -> None:
    titles = [TitleKey(MediaType.MOVIE, number) for number in range(1, 5)]

    found = (await StandIn().details(*titles)).found

    assert any(one.facts.certifications for one in found.values())
    for key, part in ((CAFE, "release_dates"), (MARSH, "content_ratings")):
        assert part in details_request(key).parameters["append_to_response"].split(",")


def test_everything_that_is_appended_is_bounded() -> None:
    offers = [{"provider_id": n, "provider_name": f"provider {n}" * 20} for n in range(1, 99)]
    countries = {a + b: {"flatrate": offers} for a in "ABCDEFGHIJKL" for b in "ABCDEFGHIJKL"}
    text = "".join(chr(0x4E00 + n) for n in range(4_000))
    rows = [
        {"iso_639_1": language, "data": {"title": text, "overview": text}}
        for language in TRANSLATED_LANGUAGES
    ]

    found = read(
        overview=text,
        **{"watch/providers": {"results": countries}, "translations": {"translations": rows}},
    )

    item = title_item(CachedTitle.fetched(found, datetime.now(UTC)))
    assert found.facts.providers
    assert len(found.facts.providers) == 144
    assert {len(each) for each in found.facts.providers.values()} == {40}
    assert item_size(item) < 64_000


def test_a_series_runtime_is_that_of_an_episode() -> None:
    assert read(runtime=None, episode_run_time=[0, 47, 50]).facts.runtime == 47


def test_a_title_of_740_characters_is_cut() -> None:
    assert read(title="漢" * 740).title.title == "漢" * 500


@pytest.mark.parametrize(
    "changes",
    [{"id": 551}, {"id": "550"}, {"title": None}, {"genres": None}, {"genres": [{"id": "x"}]}],
)
def test_raises_for_details_of_another_title(changes: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        read(**changes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "id", "cast", "order", "job", "results", "US", "flatrate", "type", "data"]
            ),
            parts,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["credits", "keywords", "runtime", "created_by", "episode_run_time", "videos"]
            + ["translations", "watch/providers", "release_dates", "content_ratings"]
        ),
        JSON,
    )
)
def test_parses_a_title_whatever_comes_with_it(changes: dict[str, object]) -> None:
    assert read(**changes).title.id == 550
