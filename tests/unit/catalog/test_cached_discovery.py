"""Discovery from cached pages: what a room costs, and what the cache must not change."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.adapters.tmdb.discover_page_cache import (
    MAX_QUERIES_IN_MEMORY,
    PAGE_MAX_AGE,
    PAGE_TTL,
    DiscoverPageCache,
)
from catalog.domain import CANDIDATES, DiscoverQuery, RoomCriteria, Strategy, Title, TitlePage
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.domain.serialization import deserialize_pages, serialize_pages
from catalog.ports import PageRequest
from catalog.use_cases.discover_candidates import SmartDiscovery
from matinee.errors import MatineeError
from matinee.media import MediaType
from tests.unit.catalog.fakes import FakeResponseCache, FakeTime, FakeTmdb, a_title, seeded, titles

DRAMA, ANIMATION, COMEDY, WESTERN = 18, 16, 35, 37
PAIR = RoomCriteria(MediaType.MOVIE, (ANIMATION, DRAMA))
ONE = RoomCriteria(MediaType.MOVIE, (DRAMA,))
GENRE_PAGES = 20
"""So many pages of a genre the refresh keeps."""


class DiscoveryScenario:
    """A TMDB, the table that all instances share, and a new instance for each room."""

    def __init__(self, *catalogue: Title, memory_ttl: float = 0) -> None:
        self.clock = FakeTime()
        self.tmdb = FakeTmdb(catalogue)
        self.responses = FakeResponseCache(self.clock.now)
        self.fault: MatineeError | None = None
        self._memory_ttl = memory_ttl
        fetch = self.tmdb.fetch

        async def failing(*arguments: object) -> object:
            if self.fault:
                raise self.fault
            return await fetch(*arguments)  # type: ignore[arg-type]

        self.tmdb.fetch = failing  # type: ignore[method-assign,assignment]

    def instance(self) -> DiscoverPageCache:
        return DiscoverPageCache(
            self.tmdb,
            self.responses,
            "tmdb.test:443",
            self.clock.now,
            self.clock.monotonic,
            self._memory_ttl,
        )

    def room(self, criteria: RoomCriteria, seed: int = 1) -> list[Title]:
        return self.room_and_cost(criteria, seed)[0]

    def room_and_cost(self, criteria: RoomCriteria, seed: int = 1) -> tuple[list[Title], int]:
        before = len(self.tmdb.asked)
        discovery = SmartDiscovery(self.instance(), seeded(seed))
        found = asyncio.run(discovery.discover(criteria, self.clock.deadline(4)))
        return list(found.candidates), len(self.tmdb.asked) - before

    def refresh(self, *genres: int, media_type: MediaType = MediaType.MOVIE) -> None:
        """Keep the pages of genres as the refresh does."""
        pages_cache = self.instance()
        for genre in genres:
            query = DiscoverQuery(media_type, (genre,), Strategy.AND)
            found = self.tmdb.matching(query)
            pages = -(-len(found) // 20)
            for number in range(1, min(pages, GENRE_PAGES) + 1):
                page = TitlePage(tuple(found[20 * (number - 1) : 20 * number]), pages, len(found))
                asyncio.run(pages_cache.put(PageRequest(query, number), page))


def both(number: int, *, first_id: int = 1) -> list[Title]:
    return titles(number, DRAMA, ANIMATION, first_id=first_id)


def some(number: int, genre: int, *, first_id: int) -> list[Title]:
    return titles(number, genre, COMEDY, first_id=first_id)


def a_catalogue(of_both: int) -> list[Title]:
    """Return a catalogue in which those of both genres are spread among the others."""
    others = [*some(600, DRAMA, first_id=10_000), *some(600, ANIMATION, first_id=20_000)]
    mixed = [*both(of_both), *others]
    seeded(5).shuffle(mixed)
    return mixed


class TestAfterARefresh:
    @pytest.mark.parametrize("criteria", [ONE, RoomCriteria(MediaType.MOVIE, (ANIMATION,))])
    def test_a_room_of_one_genre_costs_nothing(self, criteria: RoomCriteria) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60))
        scenario.refresh(DRAMA, ANIMATION)

        found, cost = scenario.room_and_cost(criteria)

        assert (len(found), cost) == (50, 0)
        assert all(criteria.is_met_by(title) for title in found)

    def test_a_room_of_a_common_pair_costs_nothing(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(400))
        scenario.refresh(DRAMA, ANIMATION)

        found, cost = scenario.room_and_cost(PAIR)

        assert (len(found), cost) == (50, 0)
        assert all(PAIR.is_met_by(title) for title in found)

    @pytest.mark.parametrize("of_both", [0, 2, 23, 40])
    def test_a_rare_pair_costs_two_requests_once(self, of_both: int) -> None:
        scenario = DiscoveryScenario(*a_catalogue(of_both))
        scenario.refresh(DRAMA, ANIMATION)

        for most in (2, 0, 0):
            found, cost = scenario.room_and_cost(PAIR, seed=most)
            met = [PAIR.is_met_by(title) for title in found]
            assert met == [True] * of_both + [False] * (50 - of_both)
            assert cost <= most

    @pytest.mark.parametrize("seed", range(10))
    def test_sixty_with_both_genres_give_fifty_of_them(self, seed: int) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60))
        scenario.refresh(DRAMA, ANIMATION)

        for most in (3, 1, 0):
            found, cost = scenario.room_and_cost(PAIR, seed)
            assert len({title.id for title in found}) == 50
            assert all(PAIR.is_met_by(title) for title in found)
            assert cost <= most  # there are three pages of them, each with some that are cached

    def test_a_genre_of_thirty_gives_thirty_and_costs_nothing(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60), *some(30, WESTERN, first_id=50_000))
        scenario.refresh(WESTERN)

        found, cost = scenario.room_and_cost(RoomCriteria(MediaType.MOVIE, (WESTERN,)))

        assert (len(found), cost) == (30, 0)

    def test_two_rooms_of_the_same_criteria_differ(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60))
        scenario.refresh(DRAMA)

        first, second = scenario.room(ONE, seed=1), scenario.room(ONE, seed=2)

        assert {title.id for title in first} != {title.id for title in second}


class TestWithoutARefresh:
    @pytest.mark.parametrize("criteria", [ONE, PAIR, RoomCriteria(MediaType.MOVIE)])
    def test_each_room_fills_the_cache_until_none_is_needed(self, criteria: RoomCriteria) -> None:
        scenario = DiscoveryScenario(*a_catalogue(500))

        costs = [scenario.room_and_cost(criteria, seed)[1] for seed in range(8)]

        assert costs[0] <= 5
        assert all(cost <= 2 for cost in costs[1:])
        assert costs[-4:] == [0, 0, 0, 0]

    def test_requests_no_fresh_page_twice(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(90))

        for seed in range(6):
            for criteria in (ONE, PAIR):
                scenario.room(criteria, seed)

        assert scenario.tmdb.asked_twice() == []

    def test_requests_a_stale_page_again(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60))
        scenario.room(ONE)
        scenario.clock.seconds += PAGE_MAX_AGE.total_seconds() + 1

        assert scenario.room_and_cost(ONE)[1] >= 3


class TestWhileTmdbFails:
    @pytest.mark.parametrize("fault", [TmdbUnavailable(), TmdbRateLimited(retry_after=9)])
    def test_uses_cached_titles_of_any_age(self, fault: MatineeError) -> None:
        scenario = DiscoveryScenario(*a_catalogue(23))
        scenario.refresh(DRAMA, ANIMATION)
        scenario.room(PAIR)
        scenario.clock.seconds += PAGE_MAX_AGE.total_seconds() + 1
        scenario.fault = fault

        found = scenario.room(PAIR)

        met = [PAIR.is_met_by(title) for title in found]
        assert met == [True] * 23 + [False] * 27

    def test_raises_with_fewer_than_fifty_cached_titles(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60))
        scenario.fault = TmdbUnavailable()

        with pytest.raises(TmdbUnavailable):
            scenario.room(ONE)

    def test_does_not_cache_a_failure(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60), memory_ttl=600)
        scenario.fault = TmdbUnavailable()
        with pytest.raises(TmdbUnavailable):
            scenario.room(ONE)

        scenario.fault = None

        assert len(scenario.room(ONE)) == 50


@settings(max_examples=60)
@given(
    of_both=st.integers(0, 80),
    of_one=st.integers(0, 120),
    refreshed=st.sets(st.sampled_from([DRAMA, ANIMATION])),
    seeds=st.lists(st.integers(0, 5), min_size=1, max_size=4),
)
def test_the_cache_never_breaks_a_promise(
    of_both: int, of_one: int, refreshed: set[int], seeds: list[int]
) -> None:
    scenario = DiscoveryScenario(*both(of_both), *some(of_one, DRAMA, first_id=10_000))
    scenario.refresh(*refreshed)

    for seed in seeds:
        found = scenario.room(PAIR, seed)
        assert len(found) == min(CANDIDATES, of_both + of_one)
        assert len({title.id for title in found}) == len(found)
        met = [PAIR.is_met_by(title) for title in found]
        assert met == sorted(met, reverse=True)
        assert sum(met) == min(CANDIDATES, of_both)


class TestPageCache:
    QUERY = DiscoverQuery(MediaType.MOVIE, (DRAMA,), Strategy.AND)

    async def test_reads_the_table_once_within_the_memory_ttl(self) -> None:
        scenario = DiscoveryScenario(*a_catalogue(60), memory_ttl=600)
        pages_cache = scenario.instance()

        for _ in range(3):
            await pages_cache.fetch([PageRequest(self.QUERY, 1)], scenario.clock.deadline())

        assert (scenario.responses.reads, len(scenario.tmdb.asked)) == (1, 1)
        scenario.clock.seconds += 601
        await pages_cache.get_cached(self.QUERY)
        assert scenario.responses.reads == 2

    async def test_returns_pages_in_the_order_of_the_requests(self) -> None:
        scenario = DiscoveryScenario(*titles(60, DRAMA))
        pages_cache = scenario.instance()
        await pages_cache.fetch([PageRequest(self.QUERY, 2)], scenario.clock.deadline())

        pages = await pages_cache.fetch(
            [PageRequest(self.QUERY, page) for page in (3, 2, 1)], scenario.clock.deadline()
        )

        assert [page.titles[0].id for page in pages] == [41, 21, 1]

    async def test_limits_the_queries_in_memory(self) -> None:
        scenario = DiscoveryScenario(memory_ttl=600)
        pages_cache = scenario.instance()
        queries = [
            DiscoverQuery(MediaType.TV, (genre,), Strategy.AND)
            for genre in range(MAX_QUERIES_IN_MEMORY + 1)
        ]
        for query in queries:
            await pages_cache.get_cached(query)

        await pages_cache.get_cached(queries[-1])
        assert scenario.responses.reads == MAX_QUERIES_IN_MEMORY + 1
        await pages_cache.get_cached(queries[0])
        assert scenario.responses.reads == MAX_QUERIES_IN_MEMORY + 2

    async def test_ignores_a_broken_page(self) -> None:
        scenario = DiscoveryScenario(*titles(60, DRAMA))
        await scenario.instance().fetch([PageRequest(self.QUERY, 1)], scenario.clock.deadline())
        [(question, page)] = scenario.responses.kept
        await scenario.responses.put(question, page, b"[{]", PAGE_TTL)

        assert (await scenario.instance().get_cached(self.QUERY)).any_age == {}

    async def test_another_tmdb_has_other_pages(self) -> None:
        scenario = DiscoveryScenario(*titles(60, DRAMA))
        await scenario.instance().fetch([PageRequest(self.QUERY, 1)], scenario.clock.deadline())
        other = DiscoverPageCache(
            scenario.tmdb,
            scenario.responses,
            "other.test:443",
            scenario.clock.now,
            scenario.clock.monotonic,
            0,
        )

        assert (await other.get_cached(self.QUERY)).any_age == {}


@given(st.lists(st.integers(1, 10**7), max_size=20), st.text(max_size=40))
def test_a_page_survives_serialization(ids: list[int], text: str) -> None:
    page = TitlePage(
        tuple(
            a_title(id_, DRAMA, title=text, release_date=None, vote_average=id_ / 10**6)
            for id_ in ids
        ),
        7,
        139,
    )

    assert deserialize_pages(serialize_pages([page, page])) == [page, page]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[5]", b'[{"titles": [{}], "of": [1, 1]}]'])
def test_deserializes_only_pages(body: bytes) -> None:
    assert not deserialize_pages(body)


def test_pages_are_stored_longer_than_they_are_fresh() -> None:
    assert PAGE_MAX_AGE < PAGE_TTL < timedelta(days=180)
