"""All films, or all series: rows in order of popularity and the indexes over them."""

import math
import random
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import compress, islice
from typing import Any, Final

from tools.tmdb.catalogue.bitsets import Postings, RangeIndex, membership, slice_positions
from tools.tmdb.catalogue.folding import folded
from tools.tmdb.catalogue.titles import Title

_SPREAD_OF_TREND: Final = {"day": 1.1, "week": 0.7}
_MAX_TREND: Final = 20_000
_HALF_LIFE_OF_TREND_DAYS: Final = 240.0


class SortKey(StrEnum):
    """What a list can be ordered by, whatever TMDB calls it for films and for series."""

    POPULARITY = "popularity"
    VOTE_AVERAGE = "vote_average"
    VOTE_COUNT = "vote_count"
    RELEASED = "released"
    TITLE = "title"
    ORIGINAL_TITLE = "original_title"
    REVENUE = "revenue"


class TitleCollection:
    """The titles of one media type.

    ``titles`` is in order of descending popularity; every set of rows is a bit set over the
    positions in it (see ``bitsets``). Ties of any order are broken by popularity, then id.
    """

    def __init__(self, titles: Iterable[Title], *, seed: int = 0) -> None:
        self.titles: list[Title] = sorted(titles, key=lambda title: (-title.popularity, title.id))
        self._seed = seed
        self._position = {title.id: position for position, title in enumerate(self.titles)}
        if len(self._position) != len(self.titles):
            times = Counter(title.id for title in self.titles)
            twice = sorted(title_id for title_id, count in times.items() if count > 1)
            message = f"ids must be unique within a media type; these are not: {twice[:10]}"
            raise ValueError(message)
        self._trending: dict[tuple[str, date], list[tuple[float, Title]]] = {}
        self._where: dict[tuple[str, ...], int] = {}
        self._changed_offers: Mapping[int, Mapping[str, Sequence[int]]] = {}
        self._orders: dict[tuple[SortKey, bool], array[int]] = {}

    def __len__(self) -> int:
        return len(self.titles)

    def __contains__(self, title_id: object) -> bool:
        return title_id in self._position

    def find(self, title_id: int) -> Title | None:
        """Return the title with this id, or None."""
        position = self._position.get(title_id)
        return None if position is None else self.titles[position]

    @property
    def everything(self) -> int:
        """The set of all rows."""
        return (1 << len(self.titles)) - 1

    def only(self, title: Title) -> int:
        """Return the set of one title."""
        return 1 << self._position[title.id]

    @cached_property
    def adult(self) -> int:
        """The set of titles for adults."""
        return Postings([(title.adult,) for title in self.titles], len(self))[True]

    @cached_property
    def genres(self) -> Postings[int]:
        """Rows by genre id."""
        return Postings([title.genres for title in self.titles], len(self))

    @cached_property
    def languages(self) -> Postings[str]:
        """Rows by original language (ISO 639-1)."""
        return Postings([(title.language,) for title in self.titles], len(self))

    @cached_property
    def countries(self) -> Postings[str]:
        """Rows by country of origin (ISO 3166-1)."""
        return Postings([title.countries for title in self.titles], len(self))

    @cached_property
    def keywords(self) -> Postings[int]:
        """Rows by keyword id."""
        return Postings([title.keywords for title in self.titles], len(self))

    @cached_property
    def cast(self) -> Postings[int]:
        """Rows by the person id of somebody who plays in them."""
        return Postings([title.cast for title in self.titles], len(self))

    @cached_property
    def crew(self) -> Postings[int]:
        """Rows by the person id of a director or creator."""
        return Postings([title.directors for title in self.titles], len(self))

    @cached_property
    def by_vote_count(self) -> RangeIndex[int]:
        """Rows by number of votes."""
        return RangeIndex([title.vote_count for title in self.titles])

    @cached_property
    def by_vote_average(self) -> RangeIndex[float]:
        """Rows by average vote, 0-10."""
        return RangeIndex([title.vote_average for title in self.titles])

    @cached_property
    def by_released(self) -> RangeIndex[date]:
        """Rows by release or first air date; undated titles are in no range."""
        return RangeIndex([title.released for title in self.titles])

    @cached_property
    def by_last_aired(self) -> RangeIndex[date]:
        """Series by the date of their latest episode."""
        return RangeIndex([title.last_aired or title.released for title in self.titles])

    @cached_property
    def by_runtime(self) -> RangeIndex[int]:
        """Rows by minutes."""
        return RangeIndex([title.runtime for title in self.titles])

    @cached_property
    def folded_titles(self) -> list[str]:
        """What a search looks into, one string a row: a space before every word."""
        return [f" {folded(t.title)} {folded(t.original_title)}" for t in self.titles]

    def where(self, about: tuple[str, ...], holds: Callable[[Title], bool]) -> int:
        """Return the rows of which something holds; `about` names it, so that it is asked once."""
        known = self._where.get(about)
        if known is None:
            members = Postings([(holds(title),) for title in self.titles], len(self))
            known = self._where[about] = members[True]
        return known

    def offers_of(self, title: Title) -> Mapping[str, Sequence[int]]:
        """Return who streams a title by country, where that was changed."""
        return self._changed_offers.get(title.id, {})

    def change_offers(self, changed: Mapping[int, Mapping[str, Sequence[int]]]) -> None:
        """Change who streams some titles, by id and country; all others are as they were made."""
        self._changed_offers = changed
        self._where = {about: rows for about, rows in self._where.items() if about[0] != "offered"}

    def page(
        self, rows: int, *, sort: SortKey, descending: bool, offset: int, count: int
    ) -> list[Title]:
        """Return ``count`` titles of the set ``rows`` in the given order, after ``offset``."""
        if sort is SortKey.POPULARITY and descending:
            chosen = slice_positions(rows, offset, count)
        else:
            order = self._order(sort, descending=descending)
            is_member = membership(rows, len(self))
            members = compress(order, map(is_member.__getitem__, order))
            chosen = list(islice(members, offset, offset + count))
        return [self.titles[position] for position in chosen]

    def trending(self, window: str, as_of: date) -> list[tuple[float, Title]]:
        """Return (score, title) from the most talked about: popularity, recency and chance.

        ``window`` is "day" or "week": the two orders differ, and each is fixed by the seed. Like
        TMDB's, the list ends at 20,000.
        """
        known = self._trending.get((window, as_of))
        if known is None:
            chance = random.Random(f"{self._seed}/{window}")  # noqa: S311 - an order, no secret
            spread = _SPREAD_OF_TREND[window]
            scores = [
                0.0
                if title.adult
                else title.popularity * _freshness(title, as_of) * math.exp(chance.gauss(0, spread))
                for title in self.titles
            ]
            order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
            known = self._trending[window, as_of] = [
                (scores[position], self.titles[position])
                for position in order[:_MAX_TREND]
                if not self.titles[position].adult
            ]
        return known

    def warm(self) -> None:
        """Build every index and order now rather than at the first request that needs it."""
        _ = (self.adult, self.genres, self.languages, self.countries, self.keywords, self.cast)
        _ = (self.crew, self.by_vote_count, self.by_vote_average, self.by_released)
        _ = (self.by_last_aired, self.by_runtime, self.folded_titles)
        for key in (SortKey.VOTE_AVERAGE, SortKey.VOTE_COUNT, SortKey.RELEASED):
            self._order(key, descending=True)

    def _order(self, sort: SortKey, *, descending: bool) -> array[int]:
        known = self._orders.get((sort, descending))
        if known is None:
            values = _VALUES[sort](self.titles)
            dated = [position for position, value in enumerate(values) if value is not None]
            undated = [position for position, value in enumerate(values) if value is None]
            dated.sort(key=values.__getitem__, reverse=descending)
            known = self._orders[sort, descending] = array("I", [*dated, *undated])
        return known


def revenue(title: Title) -> int:
    """Return a film's takings in dollars: nothing for the little seen, as in TMDB."""
    if title.vote_count < _VOTES_FOR_KNOWN_REVENUE:
        return 0
    return int(title.vote_count**1.15 * 9_000 * (0.5 + (title.id * 2654435761 % 1000) / 1000))


_VOTES_FOR_KNOWN_REVENUE: Final = 60


def _freshness(title: Title, as_of: date) -> float:
    if title.released is None:
        return 0.2
    age = abs((as_of - title.released).days)
    return 0.2 + math.exp(-age / _HALF_LIFE_OF_TREND_DAYS)


type _Values = Sequence[Any]

_VALUES: Final[dict[SortKey, Callable[[list[Title]], _Values]]] = {
    SortKey.POPULARITY: lambda titles: [title.popularity for title in titles],
    SortKey.VOTE_AVERAGE: lambda titles: [title.vote_average for title in titles],
    SortKey.VOTE_COUNT: lambda titles: [title.vote_count for title in titles],
    SortKey.RELEASED: lambda titles: [title.released for title in titles],
    SortKey.TITLE: lambda titles: [title.title.casefold() for title in titles],
    SortKey.ORIGINAL_TITLE: lambda titles: [title.original_title.casefold() for title in titles],
    SortKey.REVENUE: lambda titles: [revenue(title) for title in titles],
}
