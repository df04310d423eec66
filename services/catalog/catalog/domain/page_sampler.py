"""Smart Discovery's rules: which pages to draw, whom to choose.

Source: Trinity's Smart Discovery, with its promises kept. Fifty candidates whenever fifty exist;
titles with every genre of the room first and, when there are fewer than fifty, all of them.
"""

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

from catalog.domain.discover_query import Page, Query, Strategy, Taste
from catalog.domain.titles import Title

CANDIDATES = 50
"""As many as a room swipes through."""

TITLES_PER_PAGE = 20
LAST_PAGE = 500
"""TMDB refuses pages above this, however many it says there are."""

PAGES_AT_ONCE = 8
"""Bounds what one room takes of the rate that all share, when most titles are filtered out."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """A room's candidates in the order in which they matter, and how they were found."""

    candidates: tuple[Title, ...]
    strategy: Strategy


class Draw:
    """The pages of one question, drawn in random order and without replacement.

    The first page has been fetched to learn how many there are. It takes part in the draw like
    any other; undrawn, it is a reserve that completes the fifty without another call.

    `at_hand` are titles that need no call, `shelved` the pages that need none: they are drawn
    before the others, but for as many as are to be `explored`.
    """

    def __init__(
        self,
        query: Query,
        first: Page,
        random: Random,
        *,
        known: Container[int] = (),
        at_hand: Iterable[Title] = (),
        shelved: Container[int] = (),
        explored: int = 0,
    ) -> None:
        self.query = query
        self._random = random
        self._known = known
        self._explored = explored
        pages = min(max(first.total_pages, 1), LAST_PAGE)
        drawn = random.sample(range(1, pages + 1), pages)
        there = [page for page in drawn if page in shelved]
        others = [page for page in drawn if page not in shelved]
        self._undrawn = [*others[:explored], *there, *others[explored:]]
        self._reserve = self._admitted(first.titles)
        self._found: dict[int, Title] = self._admitted(at_hand)
        if self._found:  # What is at hand comes first, and the first page is.
            self._found |= self._reserve
            self._undrawn.remove(1)
        self._titles_seen = len(first.titles)
        self._titles_admitted = len(self._reserve)
        self._begun = False

    @classmethod
    def of(
        cls, query: Query, titles: Iterable[Title], random: Random, *, known: Container[int] = ()
    ) -> Self:
        """Return a draw of what is at hand alone."""
        return cls(query, Page((), 1, 0), random, known=known, at_hand=titles)

    def __len__(self) -> int:
        """Return how many titles can be chosen from."""
        return len(self._found.keys() | self._reserve.keys())

    def next_pages(self, wanted: int) -> Sequence[int]:
        """Return the pages to fetch for so many titles; none when there is no need or no more.

        How many is estimated from the share of titles that was admitted so far.
        """
        while self._undrawn and not (self._begun and len(self) >= wanted):
            missing = wanted - (len(self) if self._begun else len(self._found))
            number = max(self._pages_for(missing), 0 if self._begun else self._explored)
            self._begun = True
            pages = self._take(number)
            if 1 in pages:
                self._found |= self._reserve
                self._reserve = {}
            if unfetched := [page for page in pages if page != 1]:
                return unfetched
        return ()

    def add(self, pages: Iterable[Page]) -> None:
        """Take in the pages that were asked for."""
        for page in pages:
            admitted = self._admitted(page.titles)
            self._titles_seen += len(page.titles)
            self._titles_admitted += len(admitted)
            self._found |= admitted

    def titles(self) -> list[Title]:
        """Return all there is, shuffled; what was not drawn comes last."""
        drawn = list(self._found.values())
        undrawn = [title for id_, title in self._reserve.items() if id_ not in self._found]
        self._random.shuffle(drawn)
        self._random.shuffle(undrawn)
        return drawn + undrawn

    def ids(self) -> frozenset[int]:
        """Return the ids of all there is."""
        return frozenset(self._found) | frozenset(self._reserve)

    def _take(self, number: int) -> list[int]:
        taken, self._undrawn = self._undrawn[:number], self._undrawn[number:]
        return taken

    def _pages_for(self, missing: int) -> int:
        if missing <= 0:
            return 0
        share = self._titles_admitted / self._titles_seen if self._titles_seen else 1.0
        expected = max(1.0, share * TITLES_PER_PAGE)
        return min(PAGES_AT_ONCE, math.ceil(missing / expected))

    def _admitted(self, titles: Iterable[Title]) -> dict[int, Title]:
        return {
            title.id: title
            for title in titles
            if title.id not in self._known and self.query.admits(title)
        }


def choose(taste: Taste, draws: Sequence[Draw], random: Random) -> Discovery:
    """Choose at most fifty: titles with all genres first, shuffled only among themselves.

    A title with all genres that only the loose question showed (TMDB's pages move while they are
    read) counts like those of the strict one.
    """
    titles = list({title.id: title for draw in draws for title in draw.titles()}.values())
    every = [title for title in titles if taste.is_met_by(title)][:CANDIDATES]
    some = [title for title in titles if not taste.is_met_by(title)][: CANDIDATES - len(every)]
    random.shuffle(every)
    random.shuffle(some)
    loosened = len(draws) > 1 and len(every) < CANDIDATES
    strategy = Strategy.OR if loosened else draws[0].query.strategy
    return Discovery((*every, *some), strategy)
