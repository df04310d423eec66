"""For whom a title is suitable, by what countries' boards say of it.

Boards write ages, or letters of their own: an "A" is for all in Spain and for adults in India. Of
what several boards say the strictest counts.
"""

import re
from collections.abc import Mapping

from matinee.questionnaire import Maturity

MAX_KIDS_AGE = 9
MAX_TEENS_AGE = 14

_DIGITS = re.compile(r"\d{1,2}")

_LETTERS: Mapping[str, Mapping[int, str]] = {
    "US": {0: "G TV-Y TV-G", 7: "TV-Y7 TV-Y7-FV", 8: "PG", 9: "TV-PG", 17: "R TV-MA", 18: "NC-17"},
    "GB": {0: "U Uc", 8: "PG", 18: "R18"},
    "IE": {0: "G", 8: "PG"},
    "CA": {0: "G C", 8: "PG", 18: "R A"},
    "AU": {0: "E G P", 5: "C", 8: "PG", 14: "M"},
    "NZ": {0: "G", 8: "PG", 14: "M", 18: "R"},
    "FR": {0: "U TP"},
    "ES": {0: "A Ai APTA TP ERI", 18: "X"},
    "IT": {0: "T", 6: "BA"},
    "BR": {0: "L AL"},
    "MX": {0: "AA A", 12: "B", 18: "C D"},
    "NL": {0: "AL"},
    "PT": {0: "A T P Públicos"},
    "SE": {0: "Btl"},
    "IN": {0: "U", 12: "UA", 18: "A S"},
    "JP": {0: "G"},
}
"""From which age a board's letters are. Only countries whose letters are known count; ages that
are written as numbers (PG-13, 14A, VM18) are understood of every country."""

_AGES = {
    (country, letters.casefold()): age
    for country, ages in _LETTERS.items()
    for age, text in ages.items()
    for letters in text.split()
}
_ORDER = tuple(Maturity)


def maturity_of(certifications: Mapping[str, str]) -> Maturity | None:
    """Return for whom a title is, by its certifications by country; None if nothing is known."""
    ages = [age for each in certifications.items() if (age := age_of(*each)) is not None]
    return max(map(_level, ages), key=_ORDER.index, default=None)


def is_at_most(country: str, certification: str | None, strictest: str) -> bool:
    """Return whether a certification is not stricter than another one of the same country.

    One that is missing, or that is not understood, is.
    """
    age = age_of(country, certification) if certification else None
    limit = age_of(country, strictest)
    return age is not None and limit is not None and age <= limit


def age_of(country: str, certification: str) -> int | None:
    """Return from which age a title is; None if that is not understood."""
    text = certification.strip().casefold()
    known = _AGES.get((country, text))
    if known is not None:
        return known
    digits = _DIGITS.search(text)
    return int(digits[0]) if digits else None


def _level(age: int) -> Maturity:
    if age <= MAX_KIDS_AGE:
        return Maturity.KIDS
    return Maturity.TEENS if age <= MAX_TEENS_AGE else Maturity.ADULTS
