"""Find fifty candidates for a room with as few requests to TMDB as possible.

With enough cached titles there is no request at all. A room of two common genres without any cached
page costs four requests in two rounds: the first page says how many there are, three sampled pages
contain more than fifty; the next room uses them from the cache.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from catalog.domain import (
    CANDIDATES,
    DiscoverQuery,
    Discovery,
    PageSampler,
    RoomCriteria,
    Title,
    TitlePage,
    choose,
)
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.ports import DiscoverPages, PageRequest

ENOUGH_CACHED_TITLES = 2 * CANDIDATES
"""With so many cached titles, rooms of the same genres still differ."""

MAX_NEW_PAGES = 2
"""Requests that a room makes although some titles are cached: the next room will have more."""


@dataclass(frozen=True, slots=True)
class _CachedCandidates:
    """What the cache has for a query.

    `titles` match the query, on whichever query's page they were; `pages` are the query's own.
    """

    titles: Sequence[Title]
    pages: frozenset[int]

    @property
    def is_enough(self) -> bool:
        return len({title.id for title in self.titles}) >= ENOUGH_CACHED_TITLES


@dataclass(frozen=True, slots=True)
class SmartDiscovery:
    """Finds a room's candidates. `random` varies them between rooms of the same criteria."""

    pages: DiscoverPages
    random: Random

    async def discover(self, criteria: RoomCriteria, deadline: Deadline) -> Discovery:
        """Return fifty candidates, or all there are when there are fewer.

        When there are none, one request for each of the criteria finds which to relax. While TMDB
        is unavailable, cached titles of any age are used if there are fifty. Otherwise
        raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """
        try:
            discovery = await self._discover(criteria, deadline)
            if discovery.candidates:
                return discovery
            return replace(discovery, relax=await self._relaxable(criteria, deadline))
        except (TmdbUnavailable, TmdbRateLimited):
            if cached := await self._discover_cached(criteria):
                return cached
            raise

    async def _relaxable(self, criteria: RoomCriteria, deadline: Deadline) -> tuple[str, ...]:
        """Return the criteria without any one of which there are candidates; all if none helps."""
        relaxed = {name: each.loose or each.strict for name, each in criteria.relaxed().items()}
        if not relaxed:
            return ()
        pages = await self.pages.fetch(
            [PageRequest(query, 1) for query in relaxed.values()], deadline
        )
        helpful = tuple(
            name
            for (name, query), page in zip(relaxed.items(), pages, strict=True)
            if any(
                query.matches(title) for title in page.titles if title.id not in criteria.exclude
            )
        )
        return helpful or tuple(relaxed)

    async def _discover(self, criteria: RoomCriteria, deadline: Deadline) -> Discovery:
        cached = await self._cached(criteria, criteria.strict)
        if cached.is_enough:
            sampler = PageSampler.from_cache(
                criteria.strict, cached.titles, self.random, exclude=criteria.exclude
            )
            return choose(criteria, [sampler], self.random)
        [first] = await self._fetch(criteria.strict, [1], deadline)
        strict = self._sampler(criteria.strict, first, cached, exclude=criteria.exclude)
        loose_query = criteria.loose
        if loose_query is None:
            await self._sample(strict, CANDIDATES, deadline)
            return choose(criteria, [strict], self.random)
        loose_cached = await self._cached(criteria, loose_query)
        first_loose = await self._sample_strict(strict, first, loose_query, loose_cached, deadline)
        if len(strict) >= CANDIDATES:
            return choose(criteria, [strict], self.random)
        exclude = strict.ids() | criteria.exclude
        if first_loose is None:
            loose = PageSampler.from_cache(
                loose_query, loose_cached.titles, self.random, exclude=exclude
            )
        else:
            loose = self._sampler(loose_query, first_loose, loose_cached, exclude=exclude)
            await self._sample(loose, CANDIDATES - len(strict), deadline)
        return choose(criteria, [strict, loose], self.random)

    async def _sample_strict(
        self,
        strict: PageSampler,
        first: TitlePage,
        loose: DiscoverQuery,
        loose_cached: _CachedCandidates,
        deadline: Deadline,
    ) -> TitlePage | None:
        """Sample the strict query; return the loose query's first page if it must be fetched.

        Where fewer than fifty exist, it is certainly needed and fetched concurrently.
        """
        if first.total_results < CANDIDATES and not loose_cached.is_enough:
            requests = [PageRequest(strict.query, page) for page in strict.next_pages(CANDIDATES)]
            *pages, first_loose = await self.pages.fetch(
                [*requests, PageRequest(loose, 1)], deadline
            )
            strict.add(pages)
            await self._sample(strict, CANDIDATES, deadline)
            return first_loose
        await self._sample(strict, CANDIDATES, deadline)
        if len(strict) >= CANDIDATES or loose_cached.is_enough:
            return None
        [first_loose] = await self._fetch(loose, [1], deadline)
        return first_loose

    async def _sample(self, sampler: PageSampler, wanted: int, deadline: Deadline) -> None:
        """Fetch sampled pages until there are enough titles, or no more pages."""
        while pages := sampler.next_pages(wanted):
            sampler.add(await self._fetch(sampler.query, pages, deadline))

    def _sampler(
        self,
        query: DiscoverQuery,
        first: TitlePage,
        cached: _CachedCandidates,
        exclude: frozenset[int] = frozenset(),
    ) -> PageSampler:
        """Create a sampler that uses cached titles first, and some new pages besides."""
        new_pages = MAX_NEW_PAGES - (1 not in cached.pages) if cached.titles else 0
        return PageSampler(
            query,
            first,
            self.random,
            exclude=exclude,
            cached_titles=cached.titles,
            cached_pages=cached.pages,
            new_pages=new_pages,
        )

    async def _cached(self, criteria: RoomCriteria, query: DiscoverQuery) -> _CachedCandidates:
        """Read the cached pages of a query, and of its genres one by one."""
        own = await self.pages.get_cached(query)
        others = [
            await self.pages.get_cached(genre) for genre in criteria.by_genre if genre != query
        ]
        pages = [cached.fresh.values() for cached in (own, *others)]
        titles = [title for title in _matching(query, pages) if title.id not in criteria.exclude]
        return _CachedCandidates(titles, frozenset(own.fresh))

    async def _discover_cached(self, criteria: RoomCriteria) -> Discovery | None:
        queries = {criteria.strict, *criteria.by_genre} | ({criteria.loose} - {None})
        cached = [await self.pages.get_cached(query) for query in queries if query]
        pages = [each.any_age.values() for each in cached]
        samplers = [
            PageSampler.from_cache(
                query, list(_matching(query, pages)), self.random, exclude=criteria.exclude
            )
            for query in (criteria.strict, criteria.loose)
            if query
        ]
        discovery = choose(criteria, samplers, self.random)
        return discovery if len(discovery.candidates) == CANDIDATES else None

    async def _fetch(
        self, query: DiscoverQuery, pages: Sequence[int], deadline: Deadline
    ) -> Sequence[TitlePage]:
        return await self.pages.fetch([PageRequest(query, page) for page in pages], deadline)


def _matching(query: DiscoverQuery, cached: Iterable[Iterable[TitlePage]]) -> Iterable[Title]:
    return (
        title for pages in cached for page in pages for title in page.titles if query.matches(title)
    )
