"""TMDB for synchronous code: a page and the details of its titles within one deadline."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.domain import DiscoverQuery, Enrichment, PageTask, Strategy, TitlePage
from catalog.domain.deadline import Deadline, Monotonic
from catalog.ports import DiscoverPageWriter, PageRequest, TitleSource
from matinee.media import TitleKey


@dataclass(slots=True)
class SyncTmdbClient:
    """`SyncTmdb` over a `TitleSource`: a page and its details within `seconds` together.

    One event loop serves all pages of an instance, so that connections to TMDB stay open. Pages of
    genres are what rooms use, too: they are put into `page_cache`.
    """

    source: TitleSource
    page_cache: DiscoverPageWriter
    seconds: float
    runner: asyncio.Runner
    monotonic: Monotonic = time.monotonic
    _deadline: Deadline = field(init=False)

    def __post_init__(self) -> None:
        """Start the first page's time."""
        self._deadline = Deadline.after(self.seconds, self.monotonic)

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""
        return self.source.requests

    def page(self, task: PageTask) -> TitlePage:
        """Return a page; see the port."""
        self._deadline = Deadline.after(self.seconds, self.monotonic)
        page = self.runner.run(self.source.list_page(task.key, task.page, self._deadline))
        if task.key.genre_id is not None:
            query = DiscoverQuery(task.key.media_type, (task.key.genre_id,), Strategy.AND)
            self.runner.run(self.page_cache.put(PageRequest(query, task.page), page))
        return page

    def details(self, wanted: Sequence[TitleKey]) -> Enrichment:
        """Fetch details; see the port."""
        return self.runner.run(self.source.details(wanted, self._deadline))
