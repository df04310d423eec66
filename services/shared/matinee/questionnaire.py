"""The questionnaire of preferences: bounds, genres by name, who a title must be fit for.

Library and recommender read the same answers, and refuse the same ones.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from matinee.errors import InvalidInput
from matinee.media import GENRES

MIN_YEAR = 1870
MAX_YEAR = 2100
MIN_RATING = 0
MAX_RATING = 10

_RANGES = (("minRating", "maxRating"), ("releaseYearStart", "releaseYearEnd"))

_GENRE_IDS = {name.casefold(): genre_id for genre_id, name in GENRES.items()} | {"sci-fi": 878}


class RangeReversed(InvalidInput):
    """A range's lower end would be above its upper end; `info["fields"]` names it."""

    title = "A range must not end before it begins"


class Maturity(StrEnum):
    """Who titles must be suitable for. Of several levels the highest counts."""

    KIDS = "kids"
    TEENS = "teens"
    ADULTS = "adults"


_MATURITY_WORDS: Mapping[Maturity, str] = {
    Maturity.KIDS: "kids kid kidfriendly kidsfriendly children child childfriendly family families "
    "familyfriendly allages everyone g pg u tvy tvy7 tvg tvpg 0 6 7",
    Maturity.TEENS: "teens teen teenager teenagers pg13 tv14 12 12a 13 14 moderate",
    Maturity.ADULTS: "adults adult adultsonly mature r nc17 tvma 15 16 17 18 explicit",
}
_MATURITY_BY_WORD = {
    word: level for level, words in _MATURITY_WORDS.items() for word in words.split()
}
_ANY_MATURITY = frozenset({"", "any", "all", "none", "nopreference"})


def genre_id(given: int | str) -> int:
    """Return a genre's id, given the id, its digits, or the English name in any case.

    Raises ValueError with a message for people.
    """
    text = str(given).strip()
    found = int(text) if text.isascii() and text.isdecimal() else _GENRE_IDS.get(text.casefold())
    if found is None or found not in GENRES:
        message = "is no genre of TMDB's, neither by id nor by its English name"
        raise ValueError(message)
    return found


def maturity(text: str) -> Maturity | None:
    """Return the maturity that a word means ("Kid-friendly", "PG-13"); None for any.

    Raises ValueError, with the words to choose from, for one that is not known.
    """
    word = "".join(letter for letter in text.casefold() if letter.isalnum())
    if word in _ANY_MATURITY:
        return None
    if word not in _MATURITY_BY_WORD:
        message = f"must be one of {', '.join(Maturity)} or any"
        raise ValueError(message)
    return _MATURITY_BY_WORD[word]


def require_order(answers: Mapping[str, Any]) -> None:
    """Raise RangeReversed if a range of the answers ends before it begins."""
    for lower, upper in _RANGES:
        low, high = answers.get(lower), answers.get(upper)
        if low is not None and high is not None and low > high:
            raise RangeReversed.at(lower, f"must not be above {upper}")
