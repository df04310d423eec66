"""The pages of /discover that all instances share, so that rooms seldom need TMDB.

    in memory       what this instance has read a moment ago
    in the table    what any room has fetched, and the refresh for the genres' lists
    at TMDB         everything else; it is then cached

A page is fresh for as long as a genre's list is, and stored for longer: while TMDB is unavailable,
an old page is better than no room.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from catalog.domain import DiscoverQuery, ListType, TitlePage
from catalog.domain.deadline import Deadline, Monotonic
from catalog.domain.serialization import deserialize_pages, serialize_pages
from catalog.ports import (
    CachedPages,
    CachedResponse,
    DiscoverPageSource,
    PageRequest,
    ResponseCache,
)
from matinee.clock import Clock
from matinee.filters import NO_FILTERS

PAGE_MAX_AGE = ListType.GENRE.max_age
PAGE_TTL = timedelta(days=30)
MAX_QUERIES_IN_MEMORY = 60
"""A genre's twenty pages are about half a megabyte."""

type _ExpiringPage = tuple[float, TitlePage]
"""When a page is no longer fresh, in seconds of the epoch, and the page."""


@dataclass(frozen=True, slots=True)
class DiscoverPageCache:
    """`DiscoverPages` and `DiscoverPageWriter`. `memory_ttl` is in seconds; 0 keeps nothing.

    `source` names the TMDB whose pages they are.
    """

    pages: DiscoverPageSource
    cache: ResponseCache
    source: str
    now: Clock
    monotonic: Monotonic
    memory_ttl: float
    _memory: OrderedDict[DiscoverQuery, tuple[float, dict[int, _ExpiringPage]]] = field(
        default_factory=OrderedDict
    )

    async def get_cached(self, query: DiscoverQuery) -> CachedPages:
        """Return what is cached; see the port."""
        now = self.now().timestamp()
        pages = await self._pages_of(query)
        fresh = {number: page for number, (until, page) in pages.items() if now < until}
        return CachedPages(fresh, {number: page for number, (_, page) in pages.items()})

    async def fetch(
        self, requests: Sequence[PageRequest], deadline: Deadline
    ) -> Sequence[TitlePage]:
        """Return cached pages and fetch the others together; see the port."""
        cached = {request.query: await self.get_cached(request.query) for request in requests}
        found = {
            request: page
            for request in requests
            if (page := cached[request.query].fresh.get(request.page))
        }
        missing = [request for request in requests if request not in found]
        if missing:
            fetched = await self.pages.fetch(missing, deadline)
            for request, page in zip(missing, fetched, strict=True):
                found[request] = page
                await self.put(request, page)
        return [found[request] for request in requests]

    async def put(self, request: PageRequest, page: TitlePage) -> None:
        """Cache a page that has just been fetched; see the port."""
        _, pages = self._memory.get(request.query, (0.0, {}))
        pages[request.page] = ((self.now() + PAGE_MAX_AGE).timestamp(), page)
        key = self._key(request.query)
        await self.cache.put(key, request.page, serialize_pages([page]), PAGE_TTL)

    async def _pages_of(self, query: DiscoverQuery) -> dict[int, _ExpiringPage]:
        until, pages = self._memory.get(query, (0.0, {}))
        if self.monotonic() < until:
            return pages
        pages = self._read(await self.cache.get_pages(self._key(query)))
        self._memory.pop(query, None)
        self._memory[query] = (self.monotonic() + self.memory_ttl, pages)
        while len(self._memory) > MAX_QUERIES_IN_MEMORY:
            self._memory.popitem(last=False)
        return pages

    def _read(self, cached: Mapping[int, CachedResponse]) -> dict[int, _ExpiringPage]:
        pages = {}
        for number, response in cached.items():
            if read := deserialize_pages(response.body):
                pages[number] = ((response.fetched_at + PAGE_MAX_AGE).timestamp(), read[0])
        return pages

    def _key(self, query: DiscoverQuery) -> str:
        genres = ",".join(map(str, query.genre_ids))
        key = f"{self.source}#discover#{query.media_type}#{query.strategy}#{genres}"
        return f"{key}#{query.filters}" if query.filters != NO_FILTERS else key
