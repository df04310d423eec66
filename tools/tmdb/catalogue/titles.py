"""What the catalogue holds: films, series and the people in them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MediaType(StrEnum):
    """TMDB's word for which of the two id spaces an id belongs to."""

    MOVIE = "movie"
    TV = "tv"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a credit list.

    ``gender`` is TMDB's code: 0 not set, 1 female, 2 male, 3 non-binary. ``department`` is what
    the person is known for ("Acting", "Directing").
    """

    id: int
    name: str
    gender: int = 0
    department: str = "Acting"
    popularity: float = 0.0


@dataclass(frozen=True, slots=True)
class Title:
    """One film or series, with everything that lists, details and filters are made of.

    ``vote_average`` is 0-10, ``runtime`` minutes (of an episode, for a series; 0 when unknown),
    ``released`` the release or first air date (None when unknown), ``last_aired``, ``seasons`` and
    ``episodes`` concern series only. ``cast`` and ``directors`` (a series' creators) are person
    ids in billing order, ``keywords`` keyword ids.
    """

    media_type: MediaType
    id: int
    title: str
    original_title: str
    overview: str
    genres: tuple[int, ...]
    popularity: float
    vote_average: float
    vote_count: int
    released: date | None
    language: str
    countries: tuple[str, ...]
    adult: bool
    has_poster: bool
    runtime: int
    cast: tuple[int, ...]
    directors: tuple[int, ...]
    keywords: tuple[int, ...]
    seasons: int = 0
    episodes: int = 0
    last_aired: date | None = None
