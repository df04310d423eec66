"""The refresh behind its queue: from a command to a page that is read, and TMDB at its pace."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.domain import Enrichment, Page, PageOfRun, Query, Strategy, TitleId
from catalog.domain.deadline import Deadline, Monotonic
from catalog.domain.errors import TmdbRefused
from catalog.events.factory import asked_for
from catalog.events.published import RefreshPage
from catalog.ports import PageKeeper, PageRequest, TitleSource
from catalog.use_cases.refresh_page import PageWorker, RunForgotten
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace


@dataclass(slots=True)
class BlockingTmdb:
    """`Tmdb` over a `TitleSource`: a page and its details within `seconds` together.

    One event loop serves all pages of an instance, so that connections to TMDB stay open. Pages of
    genres are what rooms ask for, too: `keeper` keeps them for those.
    """

    source: TitleSource
    keeper: PageKeeper
    seconds: float
    runner: asyncio.Runner
    monotonic: Monotonic = time.monotonic
    _deadline: Deadline = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the first page's time."""
        self._deadline = Deadline.after(self.seconds, self.monotonic)

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""
        return self.source.requests

    def page(self, place: PageOfRun) -> Page:
        """Return a page; see the port."""
        self._deadline = Deadline.after(self.seconds, self.monotonic)
        page = self.runner.run(self.source.list_page(place.key, place.page, self._deadline))
        if place.key.genre_id is not None:
            query = Query(place.key.media_type, (place.key.genre_id,), Strategy.AND)
            self.runner.run(self.keeper.keep(PageRequest(query, place.page), page))
        return page

    def details(self, wanted: Sequence[TitleId]) -> Enrichment:
        """Fetch details; see the port."""
        return self.runner.run(self.source.details(wanted, self._deadline))


@dataclass(frozen=True, slots=True)
class Refresher:
    """Hands commands to the page worker."""

    worker: PageWorker

    def handle(self, envelope: Envelope[Contract]) -> None:
        """Read the page that a command asks for; raises Unprocessable when it never can be."""
        try:
            self.worker.read(_place(envelope), Trace.child(envelope))
        except RunForgotten as error:
            message = "nobody remembers this run"
            raise Unprocessable(message) from error
        except TmdbRefused as error:
            message = f"TMDB refuses this page: {error.message}"
            raise Unprocessable(message) from error

    def give_up(self, envelope: Envelope[Contract]) -> None:
        """Let the list go on without a page; raises Unprocessable when there is no such list."""
        self.worker.give_up(_place(envelope), Trace.child(envelope))


def _place(envelope: Envelope[Contract]) -> PageOfRun:
    if not isinstance(envelope.data, RefreshPage):
        message = f"{envelope.metadata.event_type} is no command of the refresh"
        raise Unprocessable(message)
    try:
        return asked_for(envelope.data)
    except ValueError as error:
        raise Unprocessable(str(error)) from error
