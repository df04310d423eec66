"""Pages of /discover that all instances share, so that rooms seldom ask TMDB.

    in memory       what this instance has seen a moment ago
    in the table    what anybody has asked for, and the refresh for the genres' lists
    at TMDB         the rest; it goes onto the shelf

A page is fresh for as long as a genre's list is, and kept for longer: while TMDB is away, an old
page is better than no room.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from catalog.answer_ports import AnswerTable, KeptAnswer, Shelf
from catalog.domain import ListType, Page, Query
from catalog.domain.deadline import Deadline, Monotonic
from catalog.domain.serialization import packed, unpacked
from catalog.ports import PageRequest, TitlePages
from matinee.clock import Clock

FRESH_FOR = ListType.GENRE.fresh_for
KEPT_FOR = timedelta(days=30)
SHELVES = 60
"""In memory. A genre's twenty pages are about half a megabyte."""

type _Aged = tuple[float, Page]
"""When a page is no longer fresh, in seconds of the epoch, and the page."""


@dataclass(frozen=True, slots=True)
class SharedShelves:
    """`ShelvedPages` and `PageKeeper`. `remembered_for` is in seconds; 0 remembers nothing.

    `source` names whose answers they are: those of another TMDB are others.
    """

    pages: TitlePages
    answers: AnswerTable
    source: str
    now: Clock
    monotonic: Monotonic
    remembered_for: float
    _memory: OrderedDict[Query, tuple[float, dict[int, _Aged]]] = field(default_factory=OrderedDict)

    async def shelf(self, query: Query) -> Shelf:
        """Return what is at hand; see the port."""
        now = self.now().timestamp()
        pages = await self._pages_of(query)
        fresh = {number: page for number, (until, page) in pages.items() if now < until}
        return Shelf(fresh, {number: page for number, (_, page) in pages.items()})

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Return what is at hand, fetch the rest together; see the port."""
        shelves = {request.query: await self.shelf(request.query) for request in requests}
        found = {
            request: page
            for request in requests
            if (page := shelves[request.query].fresh.get(request.page))
        }
        missing = [request for request in requests if request not in found]
        if missing:
            fetched = await self.pages.fetch(missing, deadline)
            for request, page in zip(missing, fetched, strict=True):
                found[request] = page
                await self.keep(request, page)
        return [found[request] for request in requests]

    async def keep(self, request: PageRequest, page: Page) -> None:
        """Put a page that has just been fetched onto its shelf; see the port."""
        _, pages = self._memory.get(request.query, (0.0, {}))
        pages[request.page] = ((self.now() + FRESH_FOR).timestamp(), page)
        await self.answers.keep(self._name(request.query), request.page, packed([page]), KEPT_FOR)

    async def _pages_of(self, query: Query) -> dict[int, _Aged]:
        until, pages = self._memory.get(query, (0.0, {}))
        if self.monotonic() < until:
            return pages
        pages = self._read(await self.answers.read_all(self._name(query)))
        self._memory.pop(query, None)
        self._memory[query] = (self.monotonic() + self.remembered_for, pages)
        while len(self._memory) > SHELVES:
            self._memory.popitem(last=False)
        return pages

    def _read(self, kept: Mapping[int, KeptAnswer]) -> dict[int, _Aged]:
        pages = {}
        for number, answer in kept.items():
            if read := unpacked(answer.body):
                pages[number] = ((answer.fetched_at + FRESH_FOR).timestamp(), read[0])
        return pages

    def _name(self, query: Query) -> str:
        genres = ",".join(map(str, query.genre_ids))
        return f"{self.source}#discover#{query.media_type.path}#{query.strategy}#{genres}"
