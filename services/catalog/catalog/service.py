"""The use case: fifty candidates for a room's taste, with as few questions to TMDB as possible.

A room of two common genres costs four requests in two rounds: the first page says how many there
are, three drawn pages hold more than fifty. A rare pair costs five in three rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from catalog.deadline import Deadline
from catalog.domain import CANDIDATES, Discovery, Draw, Page, Query, Taste, choose
from catalog.ports import PageRequest, TitlePages


@dataclass(frozen=True, slots=True)
class SmartDiscovery:
    """Finds a room's candidates. `random` decides the draw: rooms of one taste differ."""

    pages: TitlePages
    random: Random

    async def discover(self, taste: Taste, deadline: Deadline) -> Discovery:
        """Answer fifty candidates, or all there are when there are fewer.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """
        [first] = await self._fetch(taste.strict, [1], deadline)
        strict = Draw(taste.strict, first, self.random)
        loose_query = taste.loose
        if loose_query is None:
            await self._draw(strict, CANDIDATES, deadline)
            return choose(taste, [strict], self.random)
        first_loose = await self._draw_strict(strict, first, loose_query, deadline)
        if first_loose is None:
            return choose(taste, [strict], self.random)
        loose = Draw(loose_query, first_loose, self.random, known=strict.ids())
        await self._draw(loose, CANDIDATES - len(strict), deadline)
        return choose(taste, [strict, loose], self.random)

    async def _draw_strict(
        self, strict: Draw, first: Page, loose: Query, deadline: Deadline
    ) -> Page | None:
        """Draw from the strict question; answers the loose one's first page when it is needed.

        Where fewer than fifty exist, it is certain to be needed and fetched at the same time.
        """
        if first.total_results < CANDIDATES:
            asked = strict.next_pages(CANDIDATES)
            requests = [PageRequest(strict.query, page) for page in asked]
            *pages, first_loose = await self.pages.fetch(
                [*requests, PageRequest(loose, 1)], deadline
            )
            strict.add(pages)
            await self._draw(strict, CANDIDATES, deadline)
            return first_loose
        await self._draw(strict, CANDIDATES, deadline)
        if len(strict) >= CANDIDATES:
            return None
        [first_loose] = await self._fetch(loose, [1], deadline)
        return first_loose

    async def _draw(self, draw: Draw, wanted: int, deadline: Deadline) -> None:
        """Fetch drawn pages until there is enough, or there are no more."""
        while asked := draw.next_pages(wanted):
            draw.add(await self._fetch(draw.query, asked, deadline))

    async def _fetch(
        self, query: Query, pages: Sequence[int], deadline: Deadline
    ) -> Sequence[Page]:
        return await self.pages.fetch([PageRequest(query, page) for page in pages], deadline)
