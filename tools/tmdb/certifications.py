"""For whom a title is, as countries say it: invented from its genres, the same for the same title.

Shapes: developer.themoviedb.org/reference/movie-release-dates and tv-series-content-ratings.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from tools.tmdb.catalogue.titles import MediaType, Title

type Json = dict[str, Any]

FILM_CERTIFICATIONS: Final[Mapping[str, Sequence[str]]] = {
    "US": ("G", "PG", "PG-13", "R", "NC-17"),
    "GB": ("U", "PG", "12A", "15", "18"),
    "DE": ("0", "6", "12", "16", "18"),
    "FR": ("TP", "TP", "12", "16", "18"),
    "ES": ("A", "7", "12", "16", "18"),
}
SERIES_CERTIFICATIONS: Final[Mapping[str, Sequence[str]]] = {
    "US": ("TV-G", "TV-PG", "TV-14", "TV-MA", "TV-MA"),
    "GB": ("U", "PG", "12", "15", "18"),
    "DE": ("0", "6", "12", "16", "18"),
}
"""By country, mildest first: one for each of five levels."""

_FOR_ALL: Final = frozenset({10751, 10762, 16})
_HARSH: Final = frozenset({27, 53, 10752, 80})
_THEATRICAL: Final = 3
_UNRATED: Final = 0.1


def certification(title: Title, country: str) -> str:
    """Return a title's certification in a country, "" if it has none there."""
    known = _known(title).get(country)
    chance = Random(f"{title.media_type}/{title.id}/certification")  # noqa: S311 - invented
    level = min(4, max(0, round(chance.gauss(1.9, 0.9) + _harshness(title))))
    return known[level] if known and chance.random() >= _UNRATED else ""


def at_most(title: Title, country: str, highest: str) -> bool:
    """Return whether a title's certification in a country is no stricter than another of it."""
    known = _known(title).get(country, ())
    own = certification(title, country)
    return bool(own) and highest in known and known.index(own) <= known.index(highest)


def release_dates(title: Title) -> Json:
    """Return a film's releases by country, each with its certification."""
    day = f"{title.released or '2020-01-01'}T00:00:00.000Z"
    return {
        "results": [
            {
                "iso_3166_1": country,
                "release_dates": [
                    {
                        "certification": certification(title, country),
                        "descriptors": [],
                        "iso_639_1": "",
                        "note": "",
                        "release_date": day,
                        "type": _THEATRICAL,
                    }
                ],
            }
            for country in FILM_CERTIFICATIONS
        ]
    }


def content_ratings(title: Title) -> Json:
    """Return a series' ratings by country."""
    rated = {country: certification(title, country) for country in SERIES_CERTIFICATIONS}
    return {
        "results": [
            {"descriptors": [], "iso_3166_1": country, "rating": rating}
            for country, rating in rated.items()
            if rating
        ]
    }


def _known(title: Title) -> Mapping[str, Sequence[str]]:
    is_film = title.media_type is MediaType.MOVIE
    return FILM_CERTIFICATIONS if is_film else SERIES_CERTIFICATIONS


def _harshness(title: Title) -> float:
    genres = set(title.genres)
    return 1.0 * bool(genres & _HARSH) - 2.0 * bool(genres & _FOR_ALL)
