"""Stated preferences: every field of the library's preferences that has an effect.

Names and values are the library's and the client's own, and parsed leniently: an invalid value is
ignored, since one odd answer of a questionnaire must not cost a user the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from matinee.questionnaire import Maturity, maturity

MAX_RATING = 10.0
_COUNTRY_LETTERS = 2
"""Of a code of ISO 3166-1."""

_UNSPECIFIED = frozenset({"", "any", "nopreference", "none", "all"})
"""Values that mean that nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Stated preferences; empty or None means that nothing is stated.

    Words are in lower case without spaces, hyphens and underscores ("comingofage"), except for
    keywords, languages, people and platforms, which are in lower case only. Genres are as sent:
    TMDB's ids of either media type, as text, or names. `genre_ratings` are 1 (dislike) to 10.
    `region` is a country by ISO 3166-1.
    """

    favorite_genres: tuple[str, ...] = ()
    disliked_genres: tuple[str, ...] = ()
    genre_ratings: tuple[tuple[str, float], ...] = ()
    keywords: tuple[str, ...] = ()
    min_rating: float | None = None
    max_rating: float | None = None
    release_year_start: int | None = None
    release_year_end: int | None = None
    subgenres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    eras: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    acclaim: tuple[str, ...] = ()
    aesthetics: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    discovery: tuple[str, ...] = ()
    deal_breakers: tuple[str, ...] = ()
    content_type: str | None = None
    runtime: tuple[str, ...] = ()
    maturity: tuple[str, ...] = ()
    international: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    learn_from_swipes: bool = True
    region: str | None = None
    platforms: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, stated: Mapping[str, object]) -> Self:
        """Parse the fields as REST and PreferencesUpdated name them; others are ignored."""
        people = stated.get("favoritePeople")
        flat = dict(stated)
        if isinstance(people, Mapping):
            flat |= {f"favoritePeople.{role}": people.get(role) for role in ("actors", "directors")}
        parsed = {
            name: parse(flat[sent]) for sent, (name, parse) in _FIELDS.items() if sent in flat
        }
        return cls(**parsed)  # type: ignore[arg-type] # each parser returns its field's type

    def overridden_by(self, stated: Mapping[str, object]) -> Self:
        """Return these preferences with a request's in place of the same fields."""
        given = self.from_mapping(stated)
        sent = {_FIELDS[name][0] for name in stated if name in _FIELDS}
        if isinstance(people := stated.get("favoritePeople"), Mapping):
            sent |= {role for role in ("actors", "directors") if role in people}
        return replace(self, **{name: getattr(given, name) for name in sent})

    def __bool__(self) -> bool:
        """Return whether anything is stated."""
        return self != type(self)()


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip().lower()


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str | int):
        value = [value]
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return ()
    texts = (_text(item) for item in value)
    return tuple(dict.fromkeys(text for text in texts if text and text not in _UNSPECIFIED))


def _normalize(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _words(value: object) -> tuple[str, ...]:
    words = (_normalize(text) for text in _texts(value))
    return tuple(dict.fromkeys(text for text in words if text and text not in _UNSPECIFIED))


def _phrases(value: object) -> tuple[str, ...]:
    return tuple(_texts(value))


def _maturities(value: object) -> tuple[str, ...]:
    """Return the levels that words mean; unknown ones, of an older version, count as the lowest."""
    levels = []
    for word in _texts(value):
        try:
            levels.append(maturity(word))
        except ValueError:
            levels.append(Maturity.KIDS)
    return tuple(dict.fromkeys(level.value for level in levels if level))


def _word(value: object) -> str | None:
    return next(iter(_words(value)), None)


def _region(value: object) -> str | None:
    code = (_text(value) or "").upper()
    return code if len(code) == _COUNTRY_LETTERS and code.isascii() and code.isalpha() else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _rating(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= MAX_RATING else None


def _min_rating(value: object) -> float | None:
    return _rating(value) or None


def _max_rating(value: object) -> float | None:
    number = _rating(value)
    return number if number is not None and number < MAX_RATING else None


def _year(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number > 0 else None


def _ratings(value: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, Mapping):
        return ()
    parsed = ((_text(genre), _rating(rating)) for genre, rating in value.items())
    return tuple((genre, rating) for genre, rating in parsed if genre and rating is not None)


_FIELDS: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "favoriteGenres": ("favorite_genres", _phrases),
    "dislikedGenres": ("disliked_genres", _phrases),
    "genreRatings": ("genre_ratings", _ratings),
    "keywords": ("keywords", _phrases),
    "minRating": ("min_rating", _min_rating),
    "maxRating": ("max_rating", _max_rating),
    "releaseYearStart": ("release_year_start", _year),
    "releaseYearEnd": ("release_year_end", _year),
    "subgenrePreferences": ("subgenres", _words),
    "moodPreferences": ("moods", _words),
    "eraPreferences": ("eras", _words),
    "languagePreferences": ("languages", _phrases),
    "criticalAcclaimPreferences": ("acclaim", _words),
    "aestheticPreferences": ("aesthetics", _words),
    "storyStructurePreferences": ("stories", _words),
    "characterPreferences": ("characters", _words),
    "contentDiscoveryPreference": ("discovery", _words),
    "dealBreakers": ("deal_breakers", _words),
    "contentType": ("content_type", _word),
    "runtimePreference": ("runtime", _words),
    "maturityPreference": ("maturity", _maturities),
    "internationalContentPreference": ("international", _words),
    "learnFromSwipes": ("learn_from_swipes", lambda value: value is not False),
    "region": ("region", _region),
    "streamingPlatforms": ("platforms", _phrases),
    "favoritePeople.actors": ("actors", _phrases),
    "favoritePeople.directors": ("directors", _phrases),
}
