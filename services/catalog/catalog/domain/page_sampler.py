"""Smart Discovery's rules: which pages are sampled and which titles become candidates.

Source: Trinity's Smart Discovery, with its promises kept. Fifty candidates whenever fifty exist;
titles with every genre of the room first and, when there are fewer than fifty, all of them.
"""

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

from catalog.domain.discover_query import DiscoverQuery, RoomCriteria, Strategy, TitlePage
from catalog.domain.titles import Title

CANDIDATES = 50
"""How many titles a room votes on."""

TITLES_PER_PAGE = 20
LAST_PAGE = 500
"""TMDB refuses higher pages, however many it says exist."""

MAX_PAGES_AT_ONCE = 8
"""Bounds one room's part of the shared rate when most titles are filtered out."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """A room's candidates in order of relevance, and how they were found.

    Without any, `relax` names the criteria of which one has to go, each alone if that is enough.
    """

    candidates: tuple[Title, ...]
    strategy: Strategy
    relax: tuple[str, ...] = ()


class PageSampler:
    """Samples the pages of one query in random order and without replacement.

    The first page has been fetched to learn how many there are. It is sampled like any other;
    until then it is a reserve that completes the fifty without another request.

    `cached_titles` need no request, and neither do `cached_pages`: these are sampled before all
    other pages except for `new_pages` of those, which come first. Titles in `exclude` are ignored.
    """

    def __init__(
        self,
        query: DiscoverQuery,
        first: TitlePage,
        random: Random,
        *,
        exclude: Container[int] = (),
        cached_titles: Iterable[Title] = (),
        cached_pages: Container[int] = (),
        new_pages: int = 0,
    ) -> None:
        self.query = query
        self._random = random
        self._exclude = exclude
        self._new_pages = new_pages
        pages = min(max(first.total_pages, 1), LAST_PAGE)
        order = random.sample(range(1, pages + 1), pages)
        cached = [page for page in order if page in cached_pages]
        others = [page for page in order if page not in cached_pages]
        self._remaining = [*others[:new_pages], *cached, *others[new_pages:]]
        self._reserve = self._matching(first.titles)
        self._found: dict[int, Title] = self._matching(cached_titles)
        if self._found:  # Cached titles come first, and the first page is one of the cached.
            self._found |= self._reserve
            self._remaining.remove(1)
        self._titles_seen = len(first.titles)
        self._titles_matching = len(self._reserve)
        self._started = False

    @classmethod
    def from_cache(
        cls,
        query: DiscoverQuery,
        titles: Iterable[Title],
        random: Random,
        *,
        exclude: Container[int] = (),
    ) -> Self:
        """Return a sampler of cached titles alone."""
        return cls(query, TitlePage((), 1, 0), random, exclude=exclude, cached_titles=titles)

    def __len__(self) -> int:
        """Return how many titles there are to choose from."""
        return len(self._found.keys() | self._reserve.keys())

    def next_pages(self, wanted: int) -> Sequence[int]:
        """Return the pages to fetch for so many titles; none when there is no need or no more.

        How many is estimated from the share of titles that matched so far.
        """
        while self._remaining and not (self._started and len(self) >= wanted):
            missing = wanted - (len(self) if self._started else len(self._found))
            number = max(self._pages_for(missing), 0 if self._started else self._new_pages)
            self._started = True
            pages = self._take(number)
            if 1 in pages:
                self._found |= self._reserve
                self._reserve = {}
            if unfetched := [page for page in pages if page != 1]:
                return unfetched
        return ()

    def add(self, pages: Iterable[TitlePage]) -> None:
        """Add pages that have been fetched."""
        for page in pages:
            matching = self._matching(page.titles)
            self._titles_seen += len(page.titles)
            self._titles_matching += len(matching)
            self._found |= matching

    def titles(self) -> list[Title]:
        """Return all titles, shuffled; those of the reserve come last."""
        found = list(self._found.values())
        reserve = [title for id_, title in self._reserve.items() if id_ not in self._found]
        self._random.shuffle(found)
        self._random.shuffle(reserve)
        return found + reserve

    def ids(self) -> frozenset[int]:
        """Return the ids of all titles."""
        return frozenset(self._found) | frozenset(self._reserve)

    def _take(self, number: int) -> list[int]:
        taken, self._remaining = self._remaining[:number], self._remaining[number:]
        return taken

    def _pages_for(self, missing: int) -> int:
        if missing <= 0:
            return 0
        share = self._titles_matching / self._titles_seen if self._titles_seen else 1.0
        expected = max(1.0, share * TITLES_PER_PAGE)
        return min(MAX_PAGES_AT_ONCE, math.ceil(missing / expected))

    def _matching(self, titles: Iterable[Title]) -> dict[int, Title]:
        return {
            title.id: title
            for title in titles
            if title.id not in self._exclude and self.query.matches(title)
        }


def choose(criteria: RoomCriteria, samplers: Sequence[PageSampler], random: Random) -> Discovery:
    """Choose at most fifty titles: those with more of the genres first, each group shuffled.

    A title with all genres that only the loose query returned (TMDB's pages change while they are
    read) counts like those of the strict query.
    """
    titles = list({title.id: title for sampler in samplers for title in sampler.titles()}.values())
    every = [title for title in titles if criteria.is_met_by(title)][:CANDIDATES]
    some = [title for title in titles if not criteria.is_met_by(title)][: CANDIDATES - len(every)]
    random.shuffle(every)
    random.shuffle(some)
    some.sort(key=criteria.genres_of, reverse=True)
    loosened = len(samplers) > 1 and len(every) < CANDIDATES
    strategy = Strategy.OR if loosened else samplers[0].query.strategy
    return Discovery((*every, *some), strategy)
