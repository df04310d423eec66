"""The public catalogue: what is cached is served, what is not is fetched once for everybody."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.adapters.tmdb.single_flight import LEASE
from catalog.domain import CachedTitle, ListKey, ListType, MediaType, TitleId
from catalog.domain.errors import CacheContended, TitleNotFound, TmdbRateLimited, TmdbUnavailable
from catalog.use_cases.browse_media import (
    MISSING_FOR,
    SEARCH_FRESH_FOR,
    SEARCH_SERVED_FOR,
    UNTOLD_FOR,
    Media,
    Served,
    normalised,
)
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from tests.unit.catalog.browsing import FACTS, Theatre, a_series
from tests.unit.catalog.fakes import a_title

FILM = TitleId(MediaType.MOVIE, 550)
OLD = timedelta(days=7)
TRACE = Trace("thread-1")


async def show(theatre: Theatre, media: Media | None = None) -> Served[CachedTitle]:
    return await (media or theatre.instance()).title(FILM, TRACE, theatre.time.deadline(5))


class TestATitle:
    async def test_a_cached_title_costs_nothing(self) -> None:
        theatre = Theatre()
        theatre.keep(a_title(550))

        served = await show(theatre)

        assert (served.value.title, served.stale) == (a_title(550), False)
        assert (theatre.tmdb.requests, len(theatre.answers)) == (0, 0)

    async def test_a_missing_one_is_fetched_stored_and_announced(self) -> None:
        theatre = Theatre(a_title(550))

        served = await show(theatre)

        assert (served.value.facts, served.stale) == (FACTS, False)
        assert theatre.catalogue.announced == [(FILM, "thread-1")]

    async def test_what_was_stored_a_moment_ago_is_found_though_the_table_lags(self) -> None:
        theatre = Theatre(a_title(550))
        theatre.catalogue.lagging.add(FILM)

        assert (await show(theatre)).value.id == FILM

    async def test_the_next_one_finds_it(self) -> None:
        theatre = Theatre(a_title(550))

        for _ in range(5):
            await show(theatre)

        assert theatre.tmdb.requests == 1

    async def test_one_that_was_taken_from_the_cache_is_fetched_again(self) -> None:
        theatre = Theatre(a_title(550))
        await show(theatre)
        theatre.catalogue.stored.clear()
        theatre.time.seconds += LEASE.total_seconds()

        assert (await show(theatre)).value.id == FILM
        assert theatre.tmdb.requests == 2

    async def test_film_and_series_of_one_id_are_two(self) -> None:
        theatre = Theatre(a_series(a_title(550)))

        with pytest.raises(TitleNotFound):
            await show(theatre)

    async def test_one_that_tmdb_does_not_have_is_asked_for_once_an_hour(self) -> None:
        theatre = Theatre()
        for _ in range(20):
            with pytest.raises(TitleNotFound):
                await show(theatre)
        assert theatre.tmdb.requests == 1

        theatre.time.seconds += MISSING_FOR.total_seconds() + 1
        theatre.tmdb.known.append(a_title(550))

        assert (await show(theatre)).value.id == FILM

    @pytest.mark.parametrize("instances", [1, 12])
    async def test_many_who_miss_it_at_once_cause_one_request(self, instances: int) -> None:
        theatre = Theatre(a_title(550))
        media = [theatre.instance() for _ in range(instances)]

        shown = await asyncio.gather(*(show(theatre, media[n % instances]) for n in range(24)))

        assert {served.value.title for served in shown} == {a_title(550)}
        assert theatre.tmdb.requests == 1

    async def test_many_who_miss_what_is_not_there_cause_one_request(self) -> None:
        theatre = Theatre()

        shown = await asyncio.gather(*(show(theatre) for _ in range(12)), return_exceptions=True)

        assert {type(error) for error in shown} == {TitleNotFound}
        assert theatre.tmdb.requests == 1

    async def test_one_whose_asker_died_is_fetched_when_his_claim_is_over(self) -> None:
        theatre = Theatre(a_title(550))
        await theatre.answers.claim("tmdb.test:443#title#movie#550", theatre.time.now() + LEASE)
        with pytest.raises(TmdbUnavailable):
            await show(theatre)
        assert theatre.time.seconds <= 5

        theatre.time.seconds += LEASE.total_seconds()

        assert (await show(theatre)).value.id == FILM

    async def test_a_failure_is_not_remembered(self) -> None:
        theatre = Theatre(a_title(550))
        theatre.tmdb.fault = TmdbUnavailable()
        with pytest.raises(TmdbUnavailable):
            await show(theatre)

        theatre.tmdb.fault = None

        assert (await show(theatre)).value.id == FILM

    async def test_what_could_not_be_stored_is_told_and_fetched_again(self) -> None:
        theatre = Theatre(a_title(550))
        theatre.catalogue.fault = CacheContended()
        with pytest.raises(CacheContended):
            await show(theatre)

        theatre.catalogue.fault = None

        assert (await show(theatre)).value.id == FILM

    async def test_an_old_one_is_fetched_again(self) -> None:
        theatre = Theatre(a_title(550, title="New"))
        theatre.keep(a_title(550, title="Old"), age=OLD)

        served = await show(theatre)

        assert (served.value.title.title, served.stale) == ("New", False)

    @pytest.mark.parametrize(
        "fault", [TmdbUnavailable(), TmdbRateLimited(retry_after=9), None], ids=str
    )
    async def test_an_old_one_is_served_as_such_when_there_is_no_newer_one(
        self, fault: MatineeError | None
    ) -> None:
        theatre = Theatre()
        cached = theatre.keep(a_title(550), age=OLD)
        theatre.tmdb.fault = fault

        served = await show(theatre)

        assert (served.value, served.stale, served.fetched_at) == (cached, True, cached.cached_at)

    @pytest.mark.parametrize("fault", [TmdbUnavailable, TmdbRateLimited])
    async def test_one_that_is_not_cached_cannot_be_shown_while_tmdb_is_away(
        self, fault: Callable[[], MatineeError]
    ) -> None:
        theatre = Theatre(a_title(550))
        theatre.tmdb.fault = fault()

        with pytest.raises(type(theatre.tmdb.fault)):
            await show(theatre)

    async def test_one_whose_details_cannot_be_read_cannot_be_shown_now(self) -> None:
        theatre = Theatre(a_title(550))
        theatre.tmdb.unreadable = True
        with pytest.raises(TmdbUnavailable):
            await show(theatre)

        theatre.tmdb.unreadable = False

        assert (await show(theatre)).value.id == FILM

    async def test_one_that_hardly_anybody_knows_is_shown_and_neither_stored_nor_told(
        self,
    ) -> None:
        theatre = Theatre(a_title(550, vote_count=49))

        shown = [await show(theatre) for _ in range(3)]

        assert {(served.value.title, served.value.facts) for served in shown} == {
            (a_title(550, vote_count=49), FACTS)
        }
        assert [served.stale for served in shown] == [False] * 3
        assert (theatre.catalogue.stored, theatre.catalogue.announced) == ({}, [])
        assert theatre.tmdb.requests == 1

    async def test_one_that_hardly_anybody_knows_is_asked_for_again_the_next_day(self) -> None:
        theatre = Theatre(a_title(550, vote_count=49))
        await show(theatre)
        theatre.time.seconds += UNTOLD_FOR.total_seconds() + 1
        theatre.tmdb.known = [a_title(550, vote_count=50)]

        await show(theatre)

        assert theatre.catalogue.announced == [(FILM, "thread-1")]

    async def test_one_that_a_list_has_shown_is_told_anew_however_few_know_it(self) -> None:
        theatre = Theatre(a_title(550, vote_count=3, title="New"))
        theatre.keep(a_title(550, vote_count=2, title="Old"), age=OLD)

        assert (await show(theatre)).value.title.title == "New"
        assert theatre.catalogue.announced == [(FILM, "thread-1")]

    async def test_one_for_adults_is_not_there_and_neither_stored_nor_announced(self) -> None:
        theatre = Theatre(a_title(550, adult=True))

        for _ in range(3):
            with pytest.raises(TitleNotFound):
                await show(theatre)

        assert theatre.catalogue.stored == {}
        assert theatre.catalogue.announced == []
        assert theatre.tmdb.requests == 1

    async def test_an_old_one_that_turns_out_to_be_for_adults_is_not_there_any_more(self) -> None:
        theatre = Theatre(a_title(550, adult=True))
        theatre.keep(a_title(550), age=OLD)

        with pytest.raises(TitleNotFound):
            await show(theatre)


class TestAList:
    KEY = ListKey(ListType.POPULAR, MediaType.MOVIE)

    def test_a_list_that_was_never_refreshed_is_empty_and_asks_nobody(self) -> None:
        theatre = Theatre(a_title(1))

        served = theatre.instance().part_of_list(self.KEY, 20, None, ())

        assert served == Served(None, None, stale=True)
        assert theatre.tmdb.requests == 0

    @pytest.mark.parametrize(("age", "stale"), [(timedelta(hours=1), False), (OLD, True)])
    def test_it_says_when_it_had_better_been_refreshed(self, age: timedelta, stale: bool) -> None:
        theatre = Theatre()
        theatre.refresh(self.KEY, [a_title(1)], age=age)

        served = theatre.instance().part_of_list(self.KEY, 20, None, ())

        assert (served.stale, served.fetched_at) == (stale, theatre.time.now() - age)


class TestASearch:
    BOTH = (MediaType.MOVIE, MediaType.TV)

    async def search(
        self, theatre: Theatre, text: str = "home", kinds: tuple[MediaType, ...] = BOTH
    ) -> tuple[list[str], bool]:
        served = await theatre.instance().search(text, kinds, theatre.time.deadline(5))
        return [title.title for title in served.value], served.stale

    def a_theatre(self) -> Theatre:
        return Theatre(
            a_title(1, title="Home", popularity=5.0),
            a_title(2, title="Home Again", popularity=900.0),
            a_series(a_title(1, title="Homeward", popularity=50.0)),
            a_title(3, title="Away"),
        )

    async def test_films_and_series_take_turns_in_the_order_of_their_match(self) -> None:
        found, stale = await self.search(self.a_theatre())

        assert (found, stale) == (["Homeward", "Home", "Home Again"], False)

    async def test_one_media_type_is_asked_for_alone(self) -> None:
        theatre = self.a_theatre()

        found, _ = await self.search(theatre, kinds=(MediaType.TV,))

        assert found == ["Homeward"]
        assert theatre.tmdb.searched == [(MediaType.TV, "home")]

    async def test_case_width_and_spaces_make_no_difference_and_cost_nothing(self) -> None:
        theatre = self.a_theatre()

        answers = [
            await self.search(theatre, text) for text in ("home", "  HOME ", "ｈｏｍｅ", "Home")
        ]

        assert all(answer == answers[0] for answer in answers)
        assert theatre.tmdb.requests == 2

    async def test_many_who_search_at_once_cause_one_search(self) -> None:
        theatre = self.a_theatre()

        await asyncio.gather(*(self.search(theatre) for _ in range(10)))

        assert theatre.tmdb.requests == 2

    async def test_nothing_found_is_kept_too(self) -> None:
        theatre = self.a_theatre()

        for _ in range(3):
            assert await self.search(theatre, "nothing like it") == ([], False)

        assert theatre.tmdb.requests == 2

    async def test_what_is_for_adults_is_not_found(self) -> None:
        theatre = Theatre(a_title(1, title="Home", adult=True))

        assert await self.search(theatre) == ([], False)

    async def test_it_is_asked_again_when_its_time_is_over(self) -> None:
        theatre = self.a_theatre()
        await self.search(theatre)
        theatre.time.seconds += SEARCH_FRESH_FOR.total_seconds() + 1

        await self.search(theatre)

        assert theatre.tmdb.requests == 4

    async def test_while_tmdb_is_away_an_old_answer_is_served_as_such_for_a_day(self) -> None:
        theatre = self.a_theatre()
        found, _ = await self.search(theatre)
        theatre.time.seconds += SEARCH_FRESH_FOR.total_seconds() + 1
        theatre.tmdb.fault = TmdbUnavailable()

        assert await self.search(theatre) == (found, True)

        theatre.time.seconds += SEARCH_SERVED_FOR.total_seconds()
        with pytest.raises(TmdbUnavailable):
            await self.search(theatre)


@given(st.text(max_size=60))
def test_a_normalised_search_stays_as_it_is(text: str) -> None:
    once = normalised(text)

    assert once == once.strip()
    assert normalised(f"  {text}\t") == once
