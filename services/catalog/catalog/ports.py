"""What the catalog service needs from the outside world, named by role."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from catalog.domain import (
    CachedTitle,
    DiscoverQuery,
    Enrichment,
    ListKey,
    ListPage,
    ListProgress,
    PageState,
    PageTask,
    Run,
    Title,
    TitlePage,
)
from catalog.domain.deadline import Deadline
from catalog.domain.resolution import Matches
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a query's results. Pages count from 1 to 500."""

    query: DiscoverQuery
    page: int


@dataclass(frozen=True, slots=True)
class CachedPages:
    """The cached pages of one query, by number: the `fresh` ones, and those of any age."""

    fresh: Mapping[int, TitlePage]
    any_age: Mapping[int, TitlePage]


class DiscoverPageSource(Protocol):
    """The pages of TMDB's /discover."""

    async def fetch(
        self, requests: Sequence[PageRequest], deadline: Deadline
    ) -> Sequence[TitlePage]:
        """Return the pages in the order of the requests, fetched concurrently.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """


class DiscoverPages(DiscoverPageSource, Protocol):
    """The same pages, many of which are cached for all instances."""

    async def get_cached(self, query: DiscoverQuery) -> CachedPages:
        """Return what is cached, without a request to TMDB."""


class DiscoverPageWriter(Protocol):
    """The cache of those pages, for the refresh."""

    async def put(self, request: PageRequest, page: TitlePage) -> None:
        """Cache a page that has just been fetched; a failure to do so is ignored."""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A response of TMDB in its serialized form, and when it was fetched."""

    body: bytes
    fetched_at: datetime


class ResponseCache(Protocol):
    """The cache of TMDB's responses for all instances, with leases to fetch them.

    A key may have several pages. A cache that fails counts as empty.
    """

    async def get(self, key: str) -> CachedResponse | None:
        """Return the response of a key with one page."""

    async def get_pages(self, key: str) -> Mapping[int, CachedResponse]:
        """Return all cached pages of a key."""

    async def put(self, key: str, page: int, body: bytes, ttl: timedelta) -> CachedResponse:
        """Store a response and end its lease; return it as others will read it."""

    async def acquire_lease(self, key: str, until: datetime) -> tuple[bool, CachedResponse | None]:
        """Try to get the lease; return whether that succeeded, and what is cached."""

    async def release_lease(self, key: str, until: datetime) -> None:
        """End the lease that runs until then; another owner's lease stays."""


type Fetch = Callable[[], Awaitable[bytes]]
"""Fetches a response; returns the body to cache."""

type MaxAge = Callable[[bytes], timedelta]
"""Returns how long a body is fresh."""


class SingleFlight(Protocol):
    """Cached responses, each of which is fetched once for all who ask at the same time."""

    async def get(
        self, key: str, max_age: MaxAge, fetch: Fetch, deadline: Deadline
    ) -> CachedResponse:
        """Return the cached response, fetched unless it is fresh.

        Raises what `fetch` raises if no older response may be used, and TmdbUnavailable if another
        caller is fetching it and does not finish before the deadline.
        """


@dataclass(frozen=True, slots=True)
class Reservation:
    """Slots in the shared rate: how many seconds each of some requests waits.

    There may be fewer than requested, at least one. A `probe` is the only request that an open
    circuit lets through: it must be answered before further slots are reserved.
    """

    waits: tuple[float, ...]
    probe: bool = False


class RateLimiter(Protocol):
    """The rate limit and the circuit breaker that all instances of all functions share.

    Both are for requests of one priority.
    """

    async def reserve(self, requests: int, deadline: Deadline) -> Reservation:
        """Reserve a slot for each of some requests.

        Raises TmdbRateLimited when the last slot is after the deadline, TmdbUnavailable while the
        circuit is open.
        """

    async def pause(self, seconds: float) -> None:
        """Move all slots behind a pause that TMDB demands."""

    async def record_success(self) -> None:
        """Record that TMDB has responded in time, even if the response cannot be parsed."""

    async def record_failure(self) -> None:
        """Record that TMDB has not; after some failures in a row the circuit opens."""


class ApiKey(Protocol):
    """The key to TMDB."""

    async def __call__(self) -> str:
        """Return the key; raise TmdbKeyRefused when there is none."""


class TitleSource(Protocol):
    """TMDB's lists and details, within the shared rate, each request retried as needed."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, including retries."""

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> TitlePage:
        """Return one page of a list, 1 to 500; a page after the last has no titles.

        A genre's list is the result of Smart Discovery's query for one genre. Raises
        TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """

    async def details(self, wanted: Sequence[TitleKey], deadline: Deadline) -> Enrichment:
        """Fetch the details of some titles concurrently, one request for each.

        Contains what was found even if other requests failed.
        """


class TitleSearch(Protocol):
    """TMDB's search."""

    async def search(
        self, media_types: Sequence[MediaType], text: str, page: int, deadline: Deadline
    ) -> Sequence[TitlePage]:
        """Return a page of results for each media type, fetched concurrently.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """


@dataclass(frozen=True, slots=True)
class ByKey:
    """Look a title up by its key."""

    key: TitleKey


@dataclass(frozen=True, slots=True)
class ByImdbId:
    """Look a title up by IMDb's id, for example tt0076759."""

    imdb_id: str


@dataclass(frozen=True, slots=True)
class ByName:
    """Search titles by name, of one year if it is known."""

    media_type: MediaType
    name: str
    year: int | None = None


type Lookup = ByKey | ByImdbId | ByName


class TitleFinder(Protocol):
    """TMDB's search, and its lookups by id, for many titles at once."""

    async def find(
        self, lookups: Sequence[Lookup], deadline: Deadline
    ) -> Sequence[Matches | MatineeError]:
        """Return what is found by each lookup, or the error with which its request failed."""


class SyncTmdb(Protocol):
    """A `TitleSource` for synchronous code that handles one page at a time."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""

    def page(self, task: PageTask) -> TitlePage:
        """Return a page. The time for it and for the details of its titles begins now."""

    def details(self, wanted: Sequence[TitleKey]) -> Enrichment:
        """Fetch the details of titles of the page that was returned last."""


class TitleRepository(Protocol):
    """The cached titles. Expired titles count as absent."""

    def get(self, key: TitleKey, *, consistent: bool = False) -> CachedTitle | None:
        """Return one title; `consistent`: including what was stored a moment ago."""

    def get_many(self, keys: Collection[TitleKey]) -> Mapping[TitleKey, CachedTitle]:
        """Return those of at most 100 titles that are cached. Raises CatalogBusy."""

    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        """Store any number of titles, each in one transaction with its TitlesCached event.

        Titles for adults are left out. Of two versions of a title the one that was fetched later
        stays. Raises CatalogBusy when other writers keep storing the same titles.
        """


class ListRepository(Protocol):
    """The published lists."""

    def get_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        """Return the next titles of a list except for some ids; None if it was never published.

        `after` is that of the page before: it continues in the same version of the list after a
        newer one has been published, at least until the next one is. Reads the list's head and, in
        one query, at most `limit` rows and as many as are excluded. Raises InvalidInput for
        "cursor" when that version has been deleted.
        """


class ListVersionRepository(Protocol):
    """The versions of lists: written page by page, published as a whole."""

    def put_page(self, task: PageTask, titles: Sequence[Title | None]) -> None:
        """Write the rows of a page in order; None leaves a rank empty. Safe to repeat."""

    def publish(self, task: PageTask, progress: ListProgress, trace: Trace) -> bool:
        """Publish a run's version of a list, with its event and progress in one transaction.

        Returns False, and changes nothing, if a later run's version is published. Deletes the
        version before the previous one. Raises CatalogBusy.
        """


@dataclass(frozen=True, slots=True)
class PageResult:
    """The result of a page. `pages` is how many the run has to read, as TMDB now reports.

    `ids` are those of the titles that have a row; `missed` counts those without details.
    """

    pages: int
    ids: frozenset[int]
    missed: int
    requests: int


class RefreshRunRepository(Protocol):
    """The runs of the last month."""

    def create(self, run: Run) -> None:
        """Store a new run; one that exists stays as it is."""

    def get_latest(self) -> Run | None:
        """Return the run that was started last."""

    def get_run(self, run_id: str) -> Run | None:
        """Return a run with its lists."""

    def complete(self, run_id: str) -> Run | None:
        """Complete a run whose lists are all finished; return it if this call completed it."""


class ListProgressRepository(Protocol):
    """The progress of each list of a run."""

    def get_progress(self, task: PageTask) -> ListProgress | None:
        """Return the progress of a page's list; None when the run is unknown."""

    def get_title_ids(self, task: PageTask) -> frozenset[int]:
        """Return the ids of the titles of all done pages of a page's list."""

    def add_requests(self, task: PageTask, requests: int) -> None:
        """Count requests that led to no result."""

    def mark_kept(self, task: PageTask) -> None:
        """Finish a list without publishing it, unless it is finished."""


class PageStateRepository(Protocol):
    """The state of each page of a run."""

    def get_page_state(self, task: PageTask) -> PageState | None:
        """Return the state of a page; None before it was tried."""

    def mark_done(self, task: PageTask, before: PageState | None, result: PageResult) -> None:
        """Count a page as done, once. Raises CatalogBusy if its state is no longer `before`."""

    def mark_failed(self, task: PageTask) -> None:
        """Count a page as failed, unless it is done or failed."""


class LeaseRepository(Protocol):
    """Leases to fetch titles' details."""

    def acquire(
        self, keys: Sequence[TitleKey], owner_id: str, until: datetime
    ) -> Sequence[TitleKey]:
        """Return those titles that the owner may fetch, and no other until then.

        Raises CatalogBusy.
        """


class WatchedTitles(Protocol):
    """The titles on watchlists, without whose they are, in partitions."""

    def add(self, key: TitleKey, at: datetime) -> None:
        """Add a title that was put on a watchlist at a time; repeated, it stays for longer."""

    def list_unchecked(self, shard: int, since: datetime) -> Iterator[TitleKey]:
        """Iterate over the titles of a partition that were not looked at since a time."""

    def mark_checked(self, keys: Sequence[TitleKey], at: datetime) -> None:
        """Record that titles were looked at."""


class WorkQueue(Protocol):
    """The refresh's queue of pages."""

    def send(self, tasks: Sequence[PageTask], trace: Trace) -> None:
        """Send a message for each page; raise QueueUnavailable when one is not accepted."""
