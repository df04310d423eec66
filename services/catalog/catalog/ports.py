"""What the catalog service needs of the world, named by role."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalog.domain import (
    CachedTitle,
    Enrichment,
    GenrePage,
    ListKey,
    ListPage,
    ListProgress,
    MediaType,
    Page,
    PageOfRun,
    PageState,
    Query,
    Run,
    Title,
    TitleId,
)
from catalog.domain.deadline import Deadline
from matinee.events.envelope import Trace


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a question. Pages count from 1 to 500."""

    query: Query
    page: int


class TitlePages(Protocol):
    """Where pages of titles come from."""

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Return the pages in the order of the requests, fetched at the same time.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """


@dataclass(frozen=True, slots=True)
class Places:
    """Places in the shared rate: how long each of some requests waits, in seconds.

    There may be fewer than were asked for, at least one. A `probe` is let through a broken circuit
    alone: before there are more places, it must have been answered.
    """

    waits: tuple[float, ...]
    probe: bool = False


class RequestRate(Protocol):
    """The rate of requests to TMDB that every instance of every function shares, and its circuit.

    Both are for one lane (see `catalog.adapters.tmdb.throttle.priority`).
    """

    async def reserve(self, requests: int, deadline: Deadline) -> Places:
        """Take a place for each of some requests.

        Raises TmdbRateLimited when the last place lies behind the deadline, TmdbUnavailable while
        the circuit is broken.
        """

    async def pause(self, seconds: float) -> None:
        """Let nobody have a place for a while, because TMDB said so."""

    async def worked(self) -> None:
        """Note that TMDB has given an answer in time, readable or not."""

    async def failed(self) -> None:
        """Note that TMDB has given none; after some in a row, nobody asks for a while."""


class ApiKey(Protocol):
    """The key to TMDB."""

    async def __call__(self) -> str:
        """Return the key; raises TmdbKeyRefused when there is none to be had."""


class TitleSource(Protocol):
    """TMDB's lists and details, within the shared rate, each request tried again as needed."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, repeated ones among them."""

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> Page:
        """Return one page of a list, 1 to 500; a page behind the last has no titles.

        A genre's list is asked for as Smart Discovery asks for one genre. Raises TmdbUnavailable
        or TmdbRateLimited, at the deadline at the latest.
        """

    async def details(self, wanted: Sequence[TitleId], deadline: Deadline) -> Enrichment:
        """Fetch the details of some titles at the same time, one request for each.

        What has been found is answered even when others failed.
        """


class PageKeeper(Protocol):
    """Where pages of Smart Discovery are kept for every instance."""

    async def keep(self, request: PageRequest, page: Page) -> None:
        """Keep a page that has just been fetched; a failure to do so is nobody's problem."""


class Tmdb(Protocol):
    """A `TitleSource` for who does one thing after the other, a page at a time."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""

    def page(self, place: PageOfRun) -> Page:
        """Return a page. The time for it and for the details of its titles begins now."""

    def details(self, wanted: Sequence[TitleId]) -> Enrichment:
        """Fetch the details of titles of the page that was answered last."""


class MediaCache(Protocol):
    """What is cached, never fetched from elsewhere. Nothing that has expired is answered."""

    def title(self, wanted: TitleId, *, just_stored: bool = False) -> CachedTitle | None:
        """Return one title: one item is read; `just_stored`, as it is at this very moment."""

    def titles(self, wanted: Collection[TitleId]) -> Mapping[TitleId, CachedTitle]:
        """Return those of some titles that are there; at most 100."""

    def list_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        """Return the next titles of a list but for some ids; None when there is no such list yet.

        `after` is that of the page before: it goes on in the same edition of the list though a
        newer one has come, for at least a refresh. What is read is at most `limit` and as many
        rows as are excluded, in one query besides the list's head. Raises InvalidInput naming
        "cursor" when that edition is gone.
        """

    def best_of_genre(
        self,
        media_type: MediaType,
        genre_id: int,
        limit: int,
        after: Mapping[str, str | int] | None = None,
    ) -> GenrePage:
        """Return the titles of a genre with the highest quality: one query."""


class TitleStore(Protocol):
    """Where titles are stored, and by the same commit announced."""

    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        """Store titles with their rows in each genre, and TitlesCached in the outbox.

        Any number; a title is stored and announced in one transaction. What is for adults is left
        out. Raises CacheContended when somebody else goes on storing the same ones.
        """


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of a page. `pages` is how many the run has to read, as TMDB says now.

    `ids` are those of the titles that have a row; `missed` counts those whose details are missing.
    """

    pages: int
    ids: frozenset[int]
    missed: int
    requests: int


class RefreshRecord(Protocol):
    """How far each refresh has come, remembered for a month."""

    def begin(self, run: Run) -> None:
        """Remember a new run; one that is known already stays as it is."""

    def latest(self) -> Run | None:
        """Return the run that was begun last."""

    def run(self, run_id: str) -> Run | None:
        """Return a run."""

    def progress(self, place: PageOfRun) -> ListProgress | None:
        """Return how far a page's list has come; None when the run is forgotten."""

    def seen(self, place: PageOfRun) -> frozenset[int]:
        """Return the ids of the titles of all pages of a page's list that are done."""

    def page(self, place: PageOfRun) -> PageState | None:
        """Return what is known of a page; None when it is still to be read."""

    def finish_page(self, place: PageOfRun, before: PageState | None, result: PageResult) -> None:
        """Count a page as done, once. Raises CacheContended when it is not as it was before."""

    def fail_page(self, place: PageOfRun) -> None:
        """Count a page as failed, unless it is done or failed already."""

    def count_requests(self, place: PageOfRun, requests: int) -> None:
        """Count requests that led to nothing."""

    def keep(self, place: PageOfRun) -> None:
        """Let a list end without being shown."""

    def complete(self, run_id: str) -> Run | None:
        """End a run whose lists have all ended; return it if this call has ended it."""


class Claims(Protocol):
    """Who fetches which title's details."""

    def claim(self, wanted: Sequence[TitleId], holder: str, until: datetime) -> Sequence[TitleId]:
        """Return those titles whose details the holder is to fetch, and nobody else until then."""


class Lists(Protocol):
    """The lists' editions: written page by page, shown all at once."""

    def put_page(self, place: PageOfRun, titles: Sequence[Title | None]) -> None:
        """Write the rows of a page, in order; None leaves its rank empty. Repeating it is safe."""

    def publish(self, place: PageOfRun, progress: ListProgress, trace: Trace) -> bool:
        """Show a run's edition and announce it, in one commit with the list's end in the record.

        Tells whether it is shown: not when a later run's edition is. What nobody reads any more is
        deleted. Raises CacheContended.
        """


class WorkQueue(Protocol):
    """The refresh's queue of pages."""

    def send(self, pages: Sequence[PageOfRun], trace: Trace) -> None:
        """Ask for pages; all of them are in the queue when it returns."""
