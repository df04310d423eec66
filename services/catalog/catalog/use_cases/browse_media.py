"""Browse the public catalogue: lists, titles and search, from the cache and seldom from TMDB.

Reading a list never starts a refresh. A title that is not cached, or stale, is fetched once for all
who ask at the same time; that TMDB does not have a title, or that it is for adults, is remembered
for a while. While TMDB is unavailable, stale content is served and marked as such.

Because no user is signed in here, only titles that could be a room's candidates are stored and
published to other services: those with a few votes. All others, nearly all that TMDB has, are shown
from TMDB's response, which is cached for a day.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.domain import MIN_VOTES, CachedTitle, ListKey, ListPage, Title, TitlePage
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TitleNotFound, TmdbUnavailable
from catalog.domain.serialization import (
    deserialize_pages,
    deserialize_title,
    serialize_pages,
    serialize_title,
)
from catalog.ports import (
    ListRepository,
    SingleFlight,
    TitleRepository,
    TitleSearch,
    TitleSource,
)
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from matinee.observability import count

STORED_TITLE_TTL = timedelta(seconds=6)
"""How long it counts that a title was stored: as long as another request may wait for it."""

MISSING_TITLE_TTL = timedelta(hours=1)
"""How long a title that TMDB does not have is not requested again."""

UNSTORED_TITLE_TTL = timedelta(days=1)
"""How long a title that is shown but not stored is not requested again."""

SEARCH_MAX_AGE = timedelta(minutes=15)
SEARCH_TTL = timedelta(days=1)
"""How long a search's results may be served while TMDB gives no newer ones."""

_STORED, _MISSING, _ADULT = b"stored", b"missing", b"adult"


@dataclass(frozen=True, slots=True)
class CacheResult[T]:
    """A value, when TMDB was asked for it (None: never), and whether it is stale."""

    value: T
    fetched_at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class MediaBrowser:
    """Reads lists, titles and searches. `source` names the TMDB whose responses are cached."""

    stored: TitleRepository
    lists: ListRepository
    tmdb: TitleSource
    tmdb_search: TitleSearch
    lookups: SingleFlight
    searches: SingleFlight
    source: str
    now: Clock

    def get_list(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None,
        exclude: Collection[int],
    ) -> CacheResult[ListPage | None]:
        """Return the next titles of a list; None for a list that was never published."""
        page = self.lists.get_page(key, limit, after, exclude)
        if page is None:
            return CacheResult(None, None, stale=True)
        return CacheResult(page, page.refreshed_at, stale=not page.is_fresh(key, self.now()))

    async def get_title(
        self, key: TitleKey, trace: Trace, deadline: Deadline
    ) -> CacheResult[CachedTitle]:
        """Return a title, fetched when it is not cached or stale.

        Raises TitleNotFound when TMDB does not have it, or it is for adults; TmdbUnavailable or
        TmdbRateLimited when it is not cached and cannot be fetched.
        """
        cached = self.stored.get(key)
        if cached and cached.is_fresh(self.now()):
            count("TitleHits")
            return CacheResult(cached, cached.cached_at, stale=False)
        try:
            outcome = await self._look_up(key, trace, deadline, known=cached is not None)
        except MatineeError:
            if cached is None:
                raise
            return CacheResult(cached, cached.cached_at, stale=True)
        if outcome == _ADULT:
            raise TitleNotFound
        if unstored := deserialize_title(outcome):
            return CacheResult(unstored, unstored.cached_at, stale=False)
        fetched = self.stored.get(key, consistent=True)
        if fetched is None:
            raise TmdbUnavailable
        return CacheResult(fetched, fetched.cached_at, stale=not fetched.is_fresh(self.now()))

    async def search(
        self, text: str, media_types: Sequence[MediaType], deadline: Deadline
    ) -> CacheResult[Sequence[Title]]:
        """Return the results of a search, the best match first, films and series in turns.

        Raises TmdbUnavailable or TmdbRateLimited when the same search is not cached.
        """
        normalized = normalize_search(text)

        async def fetch() -> bytes:
            return serialize_pages(
                await self.tmdb_search.search(media_types, normalized, 1, deadline)
            )

        key = f"{self.source}#search#{','.join(media_types)}#{normalized}"
        response = await self.searches.get(key, lambda _: SEARCH_MAX_AGE, fetch, deadline)
        stale = self.now() >= response.fetched_at + SEARCH_MAX_AGE
        pages = deserialize_pages(response.body) or ()
        return CacheResult(_in_turns(pages), response.fetched_at, stale)

    async def _look_up(
        self, key: TitleKey, trace: Trace, deadline: Deadline, *, known: bool
    ) -> bytes:
        """Fetch a title; return that it was stored or is for adults, or the title itself.

        A `known` title is stored in any case. Raises TitleNotFound when TMDB does not have it.
        """

        async def fetch() -> bytes:
            count("TitleMisses")
            response = await self.tmdb.details([key], deadline)
            if response.fault is not None:
                raise response.fault
            if key in response.gone:
                return _MISSING
            details = response.found.get(key)
            if details is None:
                raise TmdbUnavailable
            if details.title.adult:
                return _ADULT
            fetched = CachedTitle.fetched(details, self.now())
            if not known and details.title.vote_count < MIN_VOTES:
                count("TitlesShownUnstored")
                return serialize_title(fetched)
            self.stored.store([fetched], trace)
            return _STORED

        response = await self.lookups.get(
            f"{self.source}#title#{key}", _outcome_max_age, fetch, deadline
        )
        if response.body == _MISSING:
            raise TitleNotFound
        return response.body


def _outcome_max_age(body: bytes) -> timedelta:
    """Return how long the outcome of a lookup counts; a stored title is in the repository."""
    match body:
        case b"stored":
            return STORED_TITLE_TTL
        case b"missing" | b"adult":
            return MISSING_TITLE_TTL
    return UNSTORED_TITLE_TTL if deserialize_title(body) else timedelta(0)


def normalize_search(text: str) -> str:
    """Return a search text without differences of case, width and white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _in_turns(pages: Sequence[TitlePage]) -> Sequence[Title]:
    """Merge results by rank: the first of each, the more popular one first, and so on."""
    ranked = [
        (rank, -title.popularity, title)
        for page in pages
        for rank, title in enumerate(page.titles)
        if not title.adult
    ]
    return [title for _, _, title in sorted(ranked, key=lambda entry: entry[:2])]
