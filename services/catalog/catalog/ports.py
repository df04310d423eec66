"""What the catalog service needs of the world, named by role."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.deadline import Deadline
from catalog.domain import (
    CachedTitle,
    Enrichment,
    GenrePage,
    ListKey,
    ListPage,
    MediaType,
    Page,
    Query,
    TitleId,
)
from matinee.envelope import Trace


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a question. Pages count from 1 to 500."""

    query: Query
    page: int


class TitlePages(Protocol):
    """Where pages of titles come from."""

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Answer the pages in the order of the requests, fetched at the same time.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """


class RequestRate(Protocol):
    """The rate of requests to TMDB that every instance of every function shares."""

    async def reserve(self, requests: int, deadline: Deadline) -> Sequence[float]:
        """Take a place for each of some requests; answers how long each waits, in seconds.

        Raises TmdbRateLimited when the last place lies behind the deadline.
        """

    async def pause(self, seconds: float) -> None:
        """Let nobody have a place for a while, because TMDB said so."""


class ApiKey(Protocol):
    """The key to TMDB."""

    async def __call__(self) -> str:
        """Answer the key; raises TmdbKeyRefused when there is none to be had."""


class TitleSource(Protocol):
    """TMDB's lists and details, within the shared rate, each request tried again as needed."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, repeated ones among them."""

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> Page:
        """Answer one page of a list, 1 to 500; a page behind the last has no titles.

        A genre's list is asked for as Smart Discovery asks for one genre. Raises TmdbUnavailable
        or TmdbRateLimited, at the deadline at the latest.
        """

    async def details(self, wanted: Sequence[TitleId], deadline: Deadline) -> Enrichment:
        """Fetch the details of some titles at the same time, one request for each.

        What has been found is answered even when others failed.
        """


class MediaCache(Protocol):
    """What is cached, never fetched from elsewhere. Nothing that has expired is answered."""

    def title(self, wanted: TitleId) -> CachedTitle | None:
        """Answer one title: one item is read."""

    def titles(self, wanted: Collection[TitleId]) -> Mapping[TitleId, CachedTitle]:
        """Answer those of some titles that are there; at most 100."""

    def list_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        """Answer the next titles of a list but for some ids; None when there is no such list yet.

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
        """Answer the titles of a genre with the highest quality: one query."""


class TitleStore(Protocol):
    """Where titles are stored, and by the same commit announced."""

    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        """Store titles with their rows in each genre, and TitlesCached in the outbox.

        Any number; a title is stored and announced in one transaction. Raises CacheContended
        when somebody else goes on storing the same ones.
        """
