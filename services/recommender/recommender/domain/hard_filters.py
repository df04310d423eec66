"""What a user will not have: limits that a title meets or does not.

Limits are filters. Only when fewer titles than were asked for meet all of them are they given up,
one after another in the order of this module's list, and an item says which it does not meet.
What keeps a title from children is never given up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from recommender.domain.bitmap import all_titles
from recommender.domain.genres import GENRES, named, strands
from recommender.domain.model import Facet, Model
from recommender.domain.preferences import Preferences
from recommender.domain.titles import MediaType, Traits
from recommender.domain.vocabulary import DEAL_BREAKERS, EXPLICIT, language_codes

HORROR = 27
FIRST_COLOUR_YEAR = 1940
VERY_LONG = 180
DISLIKED = 3
"""A genre rated so or lower counts as disliked."""

_EARLIEST, _LATEST = 1870, 2100
_NOT_FOR_CHILDREN = frozenset({HORROR, 53, 80, 10752})
_FOR_CHILDREN = frozenset({"family", "familyfriendly", "kids", "children", "all", "allages"}) | {
    "g",
    "pg",
    "tvg",
    "tvy",
    "tvpg",
    "everyone",
}
_FOR_TEENAGERS = frozenset({"teen", "teens", "teenager", "pg13", "tv14", "12", "13", "moderate"})

type Accepts = Callable[[Traits], bool]


@dataclass(frozen=True, slots=True)
class HardFilter:
    """One limit. `bitmap` names, at little cost, no fewer titles than those that are admitted."""

    name: str
    accepts: Accepts
    bitmap: Callable[[Model], int] = lambda model: all_titles(len(model))
    can_be_relaxed: bool = True


def limits(stated: Preferences) -> tuple[HardFilter, ...]:
    """Return the limits that preferences set, in the order in which they are given up."""
    found = (
        _rating(stated),
        _years(stated),
        _genres(stated),
        _deal_breakers(stated),
        _maturity(stated),
    )
    return tuple(limit for limit in found if limit)


def disliked_genres(stated: Preferences) -> frozenset[int]:
    """Return the strands that a user dislikes; what he also calls a favourite is none."""
    low = [genre for genre, rating in stated.genre_ratings if rating <= DISLIKED]
    liked = strands(named(stated.favorite_genres))
    return strands(named((*stated.disliked_genres, *low))) - liked


def _rating(stated: Preferences) -> HardFilter | None:
    low, high = stated.min_rating, stated.max_rating
    if low is None and high is None:
        return None
    least, most = low or 0.0, high if high is not None else 10.0
    if least > most:
        return None

    def bitmap(model: Model) -> int:
        buckets = range(int(2 * least), int(2 * most) + 1)
        return _any(model, Facet.RATING, buckets)

    return HardFilter(
        "rating",
        lambda title: bool(title.vote_count) and least <= title.vote_average <= most,
        bitmap,
    )


def _years(stated: Preferences) -> HardFilter | None:
    first, last = stated.release_year_start, stated.release_year_end
    if first is None and last is None:
        return None
    begin, end = first or _EARLIEST, last or _LATEST
    if begin > end:
        return None
    return HardFilter(
        "years",
        lambda title: title.year is not None and begin <= title.year <= end,
        lambda model: _any(model, Facet.YEAR, range(max(begin, _EARLIEST), min(end, _LATEST) + 1)),
    )


def _genres(stated: Preferences) -> HardFilter | None:
    if not (disliked := disliked_genres(stated)):
        return None
    blocked = [genre for genre in GENRES if strands((genre,)) & disliked]
    return HardFilter(
        "dislikedGenres",
        lambda title: not strands(title.genres) & disliked,
        lambda model: all_titles(len(model)) & ~_any(model, Facet.GENRE, blocked),
    )


def _deal_breakers(stated: Preferences) -> HardFilter | None:
    words: set[str] = set()
    others: list[Accepts] = []
    for name in stated.deal_breakers:
        words |= DEAL_BREAKERS.get(name, frozenset())
        if (rule := _RULES.get(name)) is not None:
            others.append(rule)
    if "subtitles" in stated.deal_breakers:
        spoken = language_codes(stated.languages or ("en",))
        others.append(lambda title: title.language is None or title.language in spoken)
    if not words and not others:
        return None
    return HardFilter(
        "dealBreakers",
        lambda title: not title.keywords & words and all(accepts(title) for accepts in others),
    )


_RULES: dict[str, Accepts] = {
    "jumpscares": lambda title: HORROR not in title.genres,
    "blackandwhite": lambda title: title.year is None or title.year >= FIRST_COLOUR_YEAR,
    "slowpace": lambda title: (
        not (title.key.media_type is MediaType.MOVIE and (title.runtime or 0) >= VERY_LONG)
    ),
}
"""What is known from facts other than keywords."""


def _maturity(stated: Preferences) -> HardFilter | None:
    asked = set(stated.maturity)
    if not asked or asked - _FOR_CHILDREN - _FOR_TEENAGERS:
        return None
    if asked & _FOR_TEENAGERS:
        blocked = DEAL_BREAKERS["sexualcontent"] | {"gore", "torture", "extreme violence"}
        return HardFilter("maturity", lambda t: not t.keywords & blocked, can_be_relaxed=False)
    return HardFilter(
        "maturity",
        lambda t: not t.keywords & EXPLICIT and not strands(t.genres) & _NOT_FOR_CHILDREN,
        can_be_relaxed=False,
    )


def _any(model: Model, facet: Facet, values: Sequence[int]) -> int:
    return reduce(or_, (model.titles_with(facet, value) for value in values), 0)
