"""For whom a title is suitable, by what countries' boards say of it.

Boards write ages, or letters of their own: an "A" is for all in Spain and for adults in India. Of
what several boards say the strictest counts.
"""

import re
from collections.abc import Mapping

from matinee.questionnaire import Maturity

MAX_KIDS_AGE = 9
MAX_TEENS_AGE = 14

_AGE = re.compile(r"\d{1,2}")

_LETTERS: Mapping[str, Mapping[Maturity, str]] = {
    "US": {
        Maturity.KIDS: "G PG TV-Y TV-Y7 TV-Y7-FV TV-G TV-PG",
        Maturity.TEENS: "PG-13 TV-14",
        Maturity.ADULTS: "R NC-17 TV-MA",
    },
    "GB": {Maturity.KIDS: "U Uc PG", Maturity.ADULTS: "R18"},
    "IE": {Maturity.KIDS: "G PG"},
    "CA": {Maturity.KIDS: "G PG C C8", Maturity.TEENS: "14A", Maturity.ADULTS: "18A R A"},
    "AU": {Maturity.KIDS: "E G PG P C", Maturity.TEENS: "M", Maturity.ADULTS: "MA15+ R18+ X18+"},
    "NZ": {Maturity.KIDS: "G PG", Maturity.TEENS: "M", Maturity.ADULTS: "R"},
    "FR": {Maturity.KIDS: "U TP"},
    "ES": {Maturity.KIDS: "A Ai APTA TP ERI", Maturity.ADULTS: "X"},
    "IT": {Maturity.KIDS: "T BA", Maturity.TEENS: "VM14", Maturity.ADULTS: "VM18"},
    "BR": {Maturity.KIDS: "L AL"},
    "MX": {Maturity.KIDS: "AA A", Maturity.TEENS: "B", Maturity.ADULTS: "B-15 C D"},
    "NL": {Maturity.KIDS: "AL"},
    "PT": {Maturity.KIDS: "A T P Públicos"},
    "SE": {Maturity.KIDS: "Btl"},
    "IN": {Maturity.KIDS: "U", Maturity.TEENS: "UA", Maturity.ADULTS: "A S"},
    "JP": {Maturity.KIDS: "G", Maturity.TEENS: "PG12", Maturity.ADULTS: "R15+ R18+"},
}
"""Only countries whose letters are known count; ages are understood of every country."""

_LEVELS = {
    (country, letters.casefold()): level
    for country, levels in _LETTERS.items()
    for level, text in levels.items()
    for letters in text.split()
}
_ORDER = tuple(Maturity)


def maturity_of(certifications: Mapping[str, str]) -> Maturity | None:
    """Return for whom a title is, by its certifications by country; None if nothing is known."""
    known = [level for each in certifications.items() if (level := _level(*each))]
    return max(known, key=_ORDER.index, default=None)


def _level(country: str, certification: str) -> Maturity | None:
    text = certification.strip().casefold()
    if level := _LEVELS.get((country, text)):
        return level
    if not (age := _AGE.search(text)):
        return None
    if int(age[0]) <= MAX_KIDS_AGE:
        return Maturity.KIDS
    return Maturity.TEENS if int(age[0]) <= MAX_TEENS_AGE else Maturity.ADULTS
