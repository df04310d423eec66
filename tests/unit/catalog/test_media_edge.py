"""The public catalogue: cached content is served, all else is fetched once for all."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.adapters.tmdb.single_flight import LEASE_TTL
from catalog.domain import CachedTitle, ListKey, ListType
from catalog.domain.errors import CatalogBusy, TitleNotFound, TmdbRateLimited, TmdbUnavailable
from catalog.use_cases.browse_media import (
    MISSING_TITLE_TTL,
    SEARCH_MAX_AGE,
    SEARCH_TTL,
    UNSTORED_TITLE_TTL,
    CacheResult,
    MediaBrowser,
    normalize_search,
)
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import a_title
from tests.unit.catalog.media_fakes import FACTS, MediaScenario, a_series

FILM = TitleKey(MediaType.MOVIE, 550)
OLD = timedelta(days=7)
TRACE = Trace("correlation-1")


async def show(
    scenario: MediaScenario, media: MediaBrowser | None = None
) -> CacheResult[CachedTitle]:
    return await (media or scenario.instance()).get_title(FILM, TRACE, scenario.time.deadline(5))


class TestTitle:
    async def test_a_cached_title_costs_no_request(self) -> None:
        scenario = MediaScenario()
        scenario.keep(a_title(550))

        served = await show(scenario)

        assert (served.value.title, served.stale) == (a_title(550), False)
        assert (scenario.tmdb.requests, len(scenario.responses)) == (0, 0)

    async def test_fetches_stores_and_publishes_a_missing_title(self) -> None:
        scenario = MediaScenario(a_title(550))

        served = await show(scenario)

        assert (served.value.facts, served.stale) == (FACTS, False)
        assert scenario.catalogue.published == [(FILM, "correlation-1")]

    async def test_reads_a_title_consistently_after_storing_it(self) -> None:
        scenario = MediaScenario(a_title(550))
        scenario.catalogue.lagging.add(FILM)

        assert (await show(scenario)).value.key == FILM

    async def test_later_requests_find_the_stored_title(self) -> None:
        scenario = MediaScenario(a_title(550))

        for _ in range(5):
            await show(scenario)

        assert scenario.tmdb.requests == 1

    async def test_fetches_a_title_that_left_the_cache_again(self) -> None:
        scenario = MediaScenario(a_title(550))
        await show(scenario)
        scenario.catalogue.stored.clear()
        scenario.time.seconds += LEASE_TTL.total_seconds()

        assert (await show(scenario)).value.key == FILM
        assert scenario.tmdb.requests == 2

    async def test_a_film_and_a_series_may_share_an_id(self) -> None:
        scenario = MediaScenario(a_series(a_title(550)))

        with pytest.raises(TitleNotFound):
            await show(scenario)

    async def test_requests_a_title_that_tmdb_lacks_once_an_hour(self) -> None:
        scenario = MediaScenario()
        for _ in range(20):
            with pytest.raises(TitleNotFound):
                await show(scenario)
        assert scenario.tmdb.requests == 1

        scenario.time.seconds += MISSING_TITLE_TTL.total_seconds() + 1
        scenario.tmdb.known.append(a_title(550))

        assert (await show(scenario)).value.key == FILM

    @pytest.mark.parametrize("instances", [1, 12])
    async def test_concurrent_misses_cause_one_request(self, instances: int) -> None:
        scenario = MediaScenario(a_title(550))
        media = [scenario.instance() for _ in range(instances)]

        shown = await asyncio.gather(*(show(scenario, media[n % instances]) for n in range(24)))

        assert {served.value.title for served in shown} == {a_title(550)}
        assert scenario.tmdb.requests == 1

    async def test_concurrent_misses_of_no_title_cause_one_request(self) -> None:
        scenario = MediaScenario()

        shown = await asyncio.gather(*(show(scenario) for _ in range(12)), return_exceptions=True)

        assert {type(error) for error in shown} == {TitleNotFound}
        assert scenario.tmdb.requests == 1

    async def test_fetches_a_title_when_a_crashed_lease_expires(self) -> None:
        scenario = MediaScenario(a_title(550))
        await scenario.responses.acquire_lease(
            "tmdb.test:443#title#movie#550", scenario.time.now() + LEASE_TTL
        )
        with pytest.raises(TmdbUnavailable):
            await show(scenario)
        assert scenario.time.seconds <= 5

        scenario.time.seconds += LEASE_TTL.total_seconds()

        assert (await show(scenario)).value.key == FILM

    async def test_does_not_cache_a_failure(self) -> None:
        scenario = MediaScenario(a_title(550))
        scenario.tmdb.fault = TmdbUnavailable()
        with pytest.raises(TmdbUnavailable):
            await show(scenario)

        scenario.tmdb.fault = None

        assert (await show(scenario)).value.key == FILM

    async def test_fetches_again_a_title_that_could_not_be_stored(self) -> None:
        scenario = MediaScenario(a_title(550))
        scenario.catalogue.fault = CatalogBusy()
        with pytest.raises(CatalogBusy):
            await show(scenario)

        scenario.catalogue.fault = None

        assert (await show(scenario)).value.key == FILM

    async def test_fetches_a_stale_title_again(self) -> None:
        scenario = MediaScenario(a_title(550, title="New"))
        scenario.keep(a_title(550, title="Old"), age=OLD)

        served = await show(scenario)

        assert (served.value.title.title, served.stale) == ("New", False)

    @pytest.mark.parametrize(
        "fault", [TmdbUnavailable(), TmdbRateLimited(retry_after=9), None], ids=str
    )
    async def test_serves_a_stale_title_without_a_newer_one(
        self, fault: MatineeError | None
    ) -> None:
        scenario = MediaScenario()
        cached = scenario.keep(a_title(550), age=OLD)
        scenario.tmdb.fault = fault

        served = await show(scenario)

        assert (served.value, served.stale, served.fetched_at) == (cached, True, cached.cached_at)

    @pytest.mark.parametrize("fault", [TmdbUnavailable, TmdbRateLimited])
    async def test_raises_for_an_uncached_title_while_tmdb_fails(
        self, fault: Callable[[], MatineeError]
    ) -> None:
        scenario = MediaScenario(a_title(550))
        scenario.tmdb.fault = fault()

        with pytest.raises(type(scenario.tmdb.fault)):
            await show(scenario)

    async def test_raises_for_details_that_cannot_be_parsed(self) -> None:
        scenario = MediaScenario(a_title(550))
        scenario.tmdb.unreadable = True
        with pytest.raises(TmdbUnavailable):
            await show(scenario)

        scenario.tmdb.unreadable = False

        assert (await show(scenario)).value.key == FILM

    async def test_shows_a_title_with_few_votes_without_storing_it(
        self,
    ) -> None:
        scenario = MediaScenario(a_title(550, vote_count=49))

        shown = [await show(scenario) for _ in range(3)]

        assert [(served.value.title, served.value.facts) for served in shown] == [
            (a_title(550, vote_count=49), FACTS)
        ] * 3
        assert [served.stale for served in shown] == [False] * 3
        assert (scenario.catalogue.stored, scenario.catalogue.published) == ({}, [])
        assert scenario.tmdb.requests == 1

    async def test_requests_a_title_with_few_votes_once_a_day(self) -> None:
        scenario = MediaScenario(a_title(550, vote_count=49))
        await show(scenario)
        scenario.time.seconds += UNSTORED_TITLE_TTL.total_seconds() + 1
        scenario.tmdb.known = [a_title(550, vote_count=50)]

        await show(scenario)

        assert scenario.catalogue.published == [(FILM, "correlation-1")]

    async def test_stores_a_known_title_with_few_votes_again(self) -> None:
        scenario = MediaScenario(a_title(550, vote_count=3, title="New"))
        scenario.keep(a_title(550, vote_count=2, title="Old"), age=OLD)

        assert (await show(scenario)).value.title.title == "New"
        assert scenario.catalogue.published == [(FILM, "correlation-1")]

    async def test_hides_a_title_for_adults(self) -> None:
        scenario = MediaScenario(a_title(550, adult=True))

        for _ in range(3):
            with pytest.raises(TitleNotFound):
                await show(scenario)

        assert scenario.catalogue.stored == {}
        assert scenario.catalogue.published == []
        assert scenario.tmdb.requests == 1

    async def test_hides_a_cached_title_that_becomes_adult(self) -> None:
        scenario = MediaScenario(a_title(550, adult=True))
        scenario.keep(a_title(550), age=OLD)

        with pytest.raises(TitleNotFound):
            await show(scenario)


class TestList:
    KEY = ListKey(ListType.POPULAR, MediaType.MOVIE)

    def test_an_unrefreshed_list_is_empty_and_costs_nothing(self) -> None:
        scenario = MediaScenario(a_title(1))

        served = scenario.instance().get_list(self.KEY, 20, None, ())

        assert served == CacheResult(None, None, stale=True)
        assert scenario.tmdb.requests == 0

    @pytest.mark.parametrize(("age", "stale"), [(timedelta(hours=1), False), (OLD, True)])
    def test_marks_an_overdue_list_as_stale(self, age: timedelta, stale: bool) -> None:
        scenario = MediaScenario()
        scenario.refresh(self.KEY, [a_title(1)], age=age)

        served = scenario.instance().get_list(self.KEY, 20, None, ())

        assert (served.stale, served.fetched_at) == (stale, scenario.time.now() - age)


class TestSearch:
    BOTH = (MediaType.MOVIE, MediaType.TV)

    async def search(
        self, scenario: MediaScenario, text: str = "home", kinds: tuple[MediaType, ...] = BOTH
    ) -> tuple[list[str], bool]:
        served = await scenario.instance().search(text, kinds, scenario.time.deadline(5))
        return [title.title for title in served.value], served.stale

    def a_theatre(self) -> MediaScenario:
        return MediaScenario(
            a_title(1, title="Home", popularity=5.0),
            a_title(2, title="Home Again", popularity=900.0),
            a_series(a_title(1, title="Homeward", popularity=50.0)),
            a_title(3, title="Away"),
        )

    async def test_merges_films_and_series_by_rank(self) -> None:
        found, stale = await self.search(self.a_theatre())

        assert (found, stale) == (["Homeward", "Home", "Home Again"], False)

    async def test_searches_one_media_type_alone(self) -> None:
        scenario = self.a_theatre()

        found, _ = await self.search(scenario, kinds=(MediaType.TV,))

        assert found == ["Homeward"]
        assert scenario.tmdb.searched == [(MediaType.TV, "home")]

    async def test_ignores_case_width_and_spaces(self) -> None:
        scenario = self.a_theatre()

        responses = [
            await self.search(scenario, text) for text in ("home", "  HOME ", "ｈｏｍｅ", "Home")
        ]

        assert all(answer == responses[0] for answer in responses)
        assert scenario.tmdb.requests == 2

    async def test_concurrent_searches_cause_one_request(self) -> None:
        scenario = self.a_theatre()

        await asyncio.gather(*(self.search(scenario) for _ in range(10)))

        assert scenario.tmdb.requests == 2

    async def test_caches_an_empty_result(self) -> None:
        scenario = self.a_theatre()

        for _ in range(3):
            assert await self.search(scenario, "nothing like it") == ([], False)

        assert scenario.tmdb.requests == 2

    async def test_does_not_find_titles_for_adults(self) -> None:
        scenario = MediaScenario(a_title(1, title="Home", adult=True))

        assert await self.search(scenario) == ([], False)

    async def test_searches_again_after_the_max_age(self) -> None:
        scenario = self.a_theatre()
        await self.search(scenario)
        scenario.time.seconds += SEARCH_MAX_AGE.total_seconds() + 1

        await self.search(scenario)

        assert scenario.tmdb.requests == 4

    async def test_serves_stale_results_for_a_day_while_tmdb_fails(self) -> None:
        scenario = self.a_theatre()
        found, _ = await self.search(scenario)
        scenario.time.seconds += SEARCH_MAX_AGE.total_seconds() + 1
        scenario.tmdb.fault = TmdbUnavailable()

        assert await self.search(scenario) == (found, True)

        scenario.time.seconds += SEARCH_TTL.total_seconds()
        with pytest.raises(TmdbUnavailable):
            await self.search(scenario)


@given(st.text(max_size=60))
def test_normalizing_a_search_is_idempotent(text: str) -> None:
    once = normalize_search(text)

    assert once == once.strip()
    assert normalize_search(f"  {text}\t") == once
