"""The use case: fifty candidates for a room's taste, with as few questions to TMDB as possible.

Where enough titles are at hand, none is asked. A room of two common genres of which nothing is at
hand costs four requests in two rounds: the first page says how many there are, three drawn pages
hold more than fifty; what they showed is at hand for the next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from catalog.answer_ports import Shelf, ShelvedPages
from catalog.domain import CANDIDATES, Discovery, Draw, Page, Query, Taste, Title, choose
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.ports import PageRequest

PLENTY = 2 * CANDIDATES
"""So many titles at hand are enough for rooms that differ."""

EXPLORED = 2
"""So many requests a room may cost where titles are at hand, but not plenty: the next will have
more."""


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What is known before anything is asked.

    `titles` answer the question, wherever they were seen; `pages` are the question's own.
    """

    titles: Sequence[Title]
    pages: frozenset[int]

    @property
    def is_plenty(self) -> bool:
        return len({title.id for title in self.titles}) >= PLENTY


@dataclass(frozen=True, slots=True)
class SmartDiscovery:
    """Finds a room's candidates. `random` decides the draw: rooms of one taste differ."""

    pages: ShelvedPages
    random: Random

    async def discover(self, taste: Taste, deadline: Deadline) -> Discovery:
        """Return fifty candidates, or all there are when there are fewer.

        While TMDB is away, what is at hand has to do, however old, if it makes fifty. Raises
        TmdbUnavailable or TmdbRateLimited when it does not, at the deadline at the latest.
        """
        try:
            return await self._discover(taste, deadline)
        except (TmdbUnavailable, TmdbRateLimited):
            discovery = await self._from_what_is_at_hand(taste)
            if discovery is None:
                raise
            return discovery

    async def _discover(self, taste: Taste, deadline: Deadline) -> Discovery:
        at_hand = await self._at_hand(taste, taste.strict)
        if at_hand.is_plenty:
            return choose(taste, [Draw.of(taste.strict, at_hand.titles, self.random)], self.random)
        [first] = await self._fetch(taste.strict, [1], deadline)
        strict = self._begun(taste.strict, first, at_hand)
        loose_query = taste.loose
        if loose_query is None:
            await self._draw(strict, CANDIDATES, deadline)
            return choose(taste, [strict], self.random)
        loose_at_hand = await self._at_hand(taste, loose_query)
        first_loose = await self._draw_strict(strict, first, loose_query, loose_at_hand, deadline)
        if len(strict) >= CANDIDATES:
            return choose(taste, [strict], self.random)
        if first_loose is None:
            loose = Draw.of(loose_query, loose_at_hand.titles, self.random, known=strict.ids())
        else:
            loose = self._begun(loose_query, first_loose, loose_at_hand, known=strict.ids())
            await self._draw(loose, CANDIDATES - len(strict), deadline)
        return choose(taste, [strict, loose], self.random)

    async def _draw_strict(
        self, strict: Draw, first: Page, loose: Query, loose_at_hand: _AtHand, deadline: Deadline
    ) -> Page | None:
        """Draw from the strict question; return the loose one's first page if it must be asked.

        Where fewer than fifty exist, it is certain to be needed and fetched at the same time.
        """
        if first.total_results < CANDIDATES and not loose_at_hand.is_plenty:
            asked = strict.next_pages(CANDIDATES)
            requests = [PageRequest(strict.query, page) for page in asked]
            *pages, first_loose = await self.pages.fetch(
                [*requests, PageRequest(loose, 1)], deadline
            )
            strict.add(pages)
            await self._draw(strict, CANDIDATES, deadline)
            return first_loose
        await self._draw(strict, CANDIDATES, deadline)
        if len(strict) >= CANDIDATES or loose_at_hand.is_plenty:
            return None
        [first_loose] = await self._fetch(loose, [1], deadline)
        return first_loose

    async def _draw(self, draw: Draw, wanted: int, deadline: Deadline) -> None:
        """Fetch drawn pages until there is enough, or there are no more."""
        while asked := draw.next_pages(wanted):
            draw.add(await self._fetch(draw.query, asked, deadline))

    def _begun(
        self, query: Query, first: Page, at_hand: _AtHand, known: frozenset[int] = frozenset()
    ) -> Draw:
        """Begin a draw in which what is at hand comes first, but for what is left to explore."""
        explored = EXPLORED - (1 not in at_hand.pages) if at_hand.titles else 0
        return Draw(
            query,
            first,
            self.random,
            known=known,
            at_hand=at_hand.titles,
            shelved=at_hand.pages,
            explored=explored,
        )

    async def _at_hand(self, taste: Taste, query: Query) -> _AtHand:
        """Look at the shelf of a question, and at those of its genres one by one."""
        own = await self.pages.shelf(query)
        others = [await self.pages.shelf(genre) for genre in taste.by_genre if genre != query]
        return _AtHand(
            list(_admitted(query, [shelf.fresh.values() for shelf in (own, *others)])),
            frozenset(own.fresh),
        )

    async def _from_what_is_at_hand(self, taste: Taste) -> Discovery | None:
        queries = {taste.strict, *taste.by_genre} | ({taste.loose} - {None})
        shelves: list[Shelf] = [await self.pages.shelf(query) for query in queries if query]
        pages = [shelf.old.values() for shelf in shelves]
        draws = [
            Draw.of(query, list(_admitted(query, pages)), self.random)
            for query in (taste.strict, taste.loose)
            if query
        ]
        discovery = choose(taste, draws, self.random)
        return discovery if len(discovery.candidates) == CANDIDATES else None

    async def _fetch(
        self, query: Query, pages: Sequence[int], deadline: Deadline
    ) -> Sequence[Page]:
        return await self.pages.fetch([PageRequest(query, page) for page in pages], deadline)


def _admitted(query: Query, shelves: Iterable[Iterable[Page]]) -> Iterable[Title]:
    return (
        title for pages in shelves for page in pages for title in page.titles if query.admits(title)
    )
