"""Hard filters: what a user does not want, as conditions that a title meets or not.

Only when fewer titles than asked for pass all filters are they relaxed, one after another in the
order of `hard_filters`, and an item names those that it does not pass. The filter that protects
children is never relaxed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from matinee.media import GENRES, MediaType
from matinee.questionnaire import Maturity
from recommender.domain.bitmap import all_titles
from recommender.domain.genres import canonical_genres, parse_genres
from recommender.domain.model import Model
from recommender.domain.preferences import MAX_RATING, Preferences
from recommender.domain.title_vector import Facet
from recommender.domain.titles import Traits
from recommender.domain.vocabulary import DEAL_BREAKERS, EXPLICIT, language_codes

HORROR = 27
FIRST_COLOUR_YEAR = 1940
MIN_VERY_LONG_MINUTES = 180
MAX_DISLIKED_RATING = 3
"""A genre rated so or lower counts as disliked."""

_MIN_YEAR, _MAX_YEAR = 1870, 2100
_NOT_FOR_KIDS = frozenset({HORROR, 53, 80, 10752})
_NOT_FOR_TEENS = DEAL_BREAKERS["sexualcontent"] | {"gore", "torture", "extreme violence"}

type Accepts = Callable[[Traits], bool]


@dataclass(frozen=True, slots=True)
class HardFilter:
    """One filter. `bitmap` has, at little cost, at least those titles that `accepts` accepts."""

    name: str
    accepts: Accepts
    bitmap: Callable[[Model], int] = lambda model: all_titles(len(model))
    can_be_relaxed: bool = True


def hard_filters(stated: Preferences) -> tuple[HardFilter, ...]:
    """Return the filters that preferences set, in the order in which they are relaxed."""
    found = (
        _rating(stated),
        _years(stated),
        _genres(stated),
        _deal_breakers(stated),
        _maturity(stated),
    )
    return tuple(hard_filter for hard_filter in found if hard_filter)


def disliked_genres(stated: Preferences) -> frozenset[int]:
    """Return the canonical genres that a user dislikes and does not also name as favourites."""
    low = [genre for genre, rating in stated.genre_ratings if rating <= MAX_DISLIKED_RATING]
    liked = canonical_genres(parse_genres(stated.favorite_genres))
    return canonical_genres(parse_genres((*stated.disliked_genres, *low))) - liked


def _rating(stated: Preferences) -> HardFilter | None:
    low, high = stated.min_rating, stated.max_rating
    if low is None and high is None:
        return None
    first, last = low or 0.0, high if high is not None else MAX_RATING
    if first > last:
        return None
    return HardFilter(
        "rating",
        lambda title: bool(title.vote_count) and first <= title.vote_average <= last,
        lambda model: _any(model, Facet.RATING, range(int(2 * first), int(2 * last) + 1)),
    )


def _years(stated: Preferences) -> HardFilter | None:
    if stated.release_year_start is None and stated.release_year_end is None:
        return None
    first, last = stated.release_year_start or _MIN_YEAR, stated.release_year_end or _MAX_YEAR
    if first > last:
        return None
    years = range(max(first, _MIN_YEAR), min(last, _MAX_YEAR) + 1)
    return HardFilter(
        "years",
        lambda title: title.year is not None and first <= title.year <= last,
        lambda model: _any(model, Facet.YEAR, years),
    )


def _genres(stated: Preferences) -> HardFilter | None:
    if not (disliked := disliked_genres(stated)):
        return None
    excluded = [genre for genre in GENRES if canonical_genres((genre,)) & disliked]
    return HardFilter(
        "dislikedGenres",
        lambda title: not canonical_genres(title.genres) & disliked,
        lambda model: all_titles(len(model)) & ~_any(model, Facet.GENRE, excluded),
    )


def _deal_breakers(stated: Preferences) -> HardFilter | None:
    keywords: set[str] = set()
    rules: list[Accepts] = []
    for name in stated.deal_breakers:
        keywords |= DEAL_BREAKERS.get(name, frozenset())
        if (rule := _RULES.get(name)) is not None:
            rules.append(rule)
    if "subtitles" in stated.deal_breakers:
        understood = language_codes(stated.languages or ("en",))
        rules.append(lambda title: title.language is None or title.language in understood)
    if not keywords and not rules:
        return None
    return HardFilter(
        "dealBreakers",
        lambda title: not title.keywords & keywords and all(accepts(title) for accepts in rules),
    )


_RULES: dict[str, Accepts] = {
    "jumpscares": lambda title: HORROR not in title.genres,
    "blackandwhite": lambda title: title.year is None or title.year >= FIRST_COLOUR_YEAR,
    "slowpace": lambda title: (
        title.key.media_type is not MediaType.MOVIE or (title.runtime or 0) < MIN_VERY_LONG_MINUTES
    ),
}
"""Deal-breakers that are known from other facts than keywords."""


def _maturity(stated: Preferences) -> HardFilter | None:
    """Return the filter of the highest level that is chosen; adults have none."""
    if not stated.maturity or Maturity.ADULTS in stated.maturity:
        return None
    accepts = _fit_for_teens if Maturity.TEENS in stated.maturity else _fit_for_kids
    return HardFilter("maturity", accepts, can_be_relaxed=False)


def _fit_for_kids(title: Traits) -> bool:
    """Return whether boards, if any has seen it, genres and keywords all allow a title."""
    return (
        title.maturity in {None, Maturity.KIDS}
        and not title.keywords & EXPLICIT
        and not canonical_genres(title.genres) & _NOT_FOR_KIDS
    )


def _fit_for_teens(title: Traits) -> bool:
    return title.maturity is not Maturity.ADULTS and not title.keywords & _NOT_FOR_TEENS


def _any(model: Model, facet: Facet, values: Sequence[int]) -> int:
    return reduce(or_, (model.titles_with(facet, value) for value in values), 0)
