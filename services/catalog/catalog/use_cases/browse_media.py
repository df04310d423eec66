"""The public catalogue: lists, titles and search, from what is cached and seldom from TMDB.

A list is only ever read: nothing that the public asks for begins a refresh. A title that is not
cached, or old, is fetched once for everybody who asks at the same moment; one that TMDB does not
have, or that is for adults, is remembered for a while. Whatever is cached is served while TMDB is
away, and says how old it is.

Of what nobody has signed in for, only titles that a room could be offered go into the catalogue
and to other services: those with a few votes. The rest, nearly all that TMDB has, is shown from
TMDB's answer, which is kept for a day.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.adapters.tmdb.single_flight import LEASE, AskedOnce
from catalog.answer_ports import TitleSearch
from catalog.domain import (
    FEWEST_VOTES,
    CachedTitle,
    ListKey,
    ListPage,
    MediaType,
    Page,
    Title,
    TitleId,
)
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TitleNotFound, TmdbUnavailable
from catalog.domain.serialization import packed, packed_title, unpacked, unpacked_title
from catalog.ports import MediaCache, TitleSource, TitleStore
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.observability import count

MISSING_FOR = timedelta(hours=1)
"""How long TMDB is not asked again for a title that it does not have."""

UNTOLD_FOR = timedelta(days=1)
"""How long TMDB is not asked again for a title that is shown and not stored."""

SEARCH_FRESH_FOR = timedelta(minutes=15)
SEARCH_SERVED_FOR = timedelta(days=1)
"""How long a search's answer may be served while TMDB gives no newer one."""

_STORED, _MISSING, _ADULT = b"stored", b"missing", b"adult"


@dataclass(frozen=True, slots=True)
class Served[T]:
    """What is shown, when TMDB said it (None: never), and whether that is too long ago."""

    value: T
    fetched_at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Media:
    """The use cases. `source` names whose answers are kept: those of another TMDB are others."""

    cache: MediaCache
    store: TitleStore
    titles: TitleSource
    finder: TitleSearch
    lookups: AskedOnce
    searches: AskedOnce
    source: str
    now: Clock

    def part_of_list(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None,
        exclude: Collection[int],
    ) -> Served[ListPage | None]:
        """Return the next titles of a list; None for a list that has never been refreshed."""
        page = self.cache.list_page(key, limit, after, exclude)
        if page is None:
            return Served(None, None, stale=True)
        return Served(page, page.refreshed_at, stale=not page.is_fresh(key, self.now()))

    async def title(self, wanted: TitleId, trace: Trace, deadline: Deadline) -> Served[CachedTitle]:
        """Return a title, fetched when it is not cached or old.

        Raises TitleNotFound when TMDB does not have it, or it is for adults; TmdbUnavailable or
        TmdbRateLimited when it is not cached and cannot be fetched.
        """
        cached = self.cache.title(wanted)
        if cached and cached.is_fresh(self.now()):
            count("TitleHits")
            return Served(cached, cached.cached_at, stale=False)
        try:
            outcome = await self._look_up(wanted, trace, deadline, known=cached is not None)
        except MatineeError:
            if cached is None:
                raise
            return Served(cached, cached.cached_at, stale=True)
        if outcome == _ADULT:
            raise TitleNotFound
        if untold := unpacked_title(outcome):
            return Served(untold, untold.cached_at, stale=False)
        fetched = self.cache.title(wanted, just_stored=True)
        if fetched is None:
            raise TmdbUnavailable
        return Served(fetched, fetched.cached_at, stale=not fetched.is_fresh(self.now()))

    async def search(
        self, text: str, media_types: Sequence[MediaType], deadline: Deadline
    ) -> Served[Sequence[Title]]:
        """Return what a text finds, the best match first; films and series take turns.

        Raises TmdbUnavailable or TmdbRateLimited when nothing is kept of the same search.
        """
        wanted = normalised(text)
        kinds = ",".join(media_type.path for media_type in media_types)

        async def ask() -> bytes:
            return packed(await self.finder.search(media_types, wanted, 1, deadline))

        question = f"{self.source}#search#{kinds}#{wanted}"
        kept = await self.searches.answer(question, lambda _: SEARCH_FRESH_FOR, ask, deadline)
        stale = self.now() >= kept.fetched_at + SEARCH_FRESH_FOR
        return Served(_in_turns(unpacked(kept.body) or ()), kept.fetched_at, stale)

    async def _look_up(
        self, wanted: TitleId, trace: Trace, deadline: Deadline, *, known: bool
    ) -> bytes:
        """Have a title fetched; return that it was stored or is for adults, or the title itself.

        What is `known` is stored anew. Raises TitleNotFound when TMDB does not have it.
        """

        async def ask() -> bytes:
            count("TitleMisses")
            answer = await self.titles.details([wanted], deadline)
            if answer.fault is not None:
                raise answer.fault
            if wanted in answer.gone:
                return _MISSING
            details = answer.found.get(wanted)
            if details is None:
                raise TmdbUnavailable
            if details.title.adult:
                return _ADULT
            fetched = CachedTitle.of(details, self.now())
            if not known and details.title.vote_count < FEWEST_VOTES:
                count("TitlesShownUntold")
                return packed_title(fetched)
            self.store.store([fetched], trace)
            return _STORED

        question = f"{self.source}#title#{wanted.media_type.path}#{wanted.id}"
        kept = await self.lookups.answer(question, _known_for, ask, deadline)
        if kept.body == _MISSING:
            raise TitleNotFound
        return kept.body


def _known_for(body: bytes) -> timedelta:
    """Return how long the outcome of a lookup is believed; what was stored is in the cache."""
    match body:
        case b"stored":
            return LEASE
        case b"missing" | b"adult":
            return MISSING_FOR
    return UNTOLD_FOR if unpacked_title(body) else timedelta(0)


def normalised(text: str) -> str:
    """Return a search as it is asked and kept: case, width and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _in_turns(pages: Sequence[Page]) -> Sequence[Title]:
    """Merge answers by rank: the first of each, the more popular before the other, and so on."""
    ranked = [
        (rank, -title.popularity, title)
        for page in pages
        for rank, title in enumerate(page.titles)
        if not title.adult
    ]
    return [title for _, _, title in sorted(ranked, key=lambda place: place[:2])]
