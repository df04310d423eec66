"""Titles: what a film or series is known by, and the facts that recommending needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol


class MediaType(StrEnum):
    """Films or series. TMDB counts their ids apart: film 550 and series 550 are two titles."""

    MOVIE = "movie"
    TV = "tv"


class TitleKey(NamedTuple):
    """What a title is known by."""

    media_type: MediaType
    id: int


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """A title as catalogue's TitlesCached tells it: what is shown, and what is scored.

    `genre_ids` are TMDB's for its media type; `vote_average` 0 to 10, meaningless without votes;
    `runtime` in minutes; `directors` and `cast` are names.
    """

    key: TitleKey
    title: str
    overview: str = ""
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: date | None = None
    genre_ids: tuple[int, ...] = ()
    original_language: str | None = None
    popularity: float = 0.0
    vote_average: float = 0.0
    vote_count: int = 0
    runtime: int | None = None
    keywords: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()

    def traits(self) -> Traits:
        """Return what scoring looks at."""
        return Traits(
            key=self.key,
            genres=frozenset(self.genre_ids),
            keywords=frozenset(word.lower() for word in self.keywords),
            directors=frozenset(name.lower() for name in self.directors),
            cast=frozenset(name.lower() for name in self.cast),
            language=self.original_language,
            year=self.release_date.year if self.release_date else None,
            runtime=self.runtime or None,
            vote_average=self.vote_average,
            vote_count=self.vote_count,
            popularity=self.popularity,
        )


@dataclass(frozen=True, slots=True)
class Traits:
    """The part of a title's facts that is scored; words and names in lower case.

    `favourites` is the number of users whose favourite it was when the model was trained;
    `standing`, 0 to 1, what it counts for with somebody of whom nothing is known.
    """

    key: TitleKey
    genres: frozenset[int] = frozenset()
    keywords: frozenset[str] = frozenset()
    directors: frozenset[str] = frozenset()
    cast: frozenset[str] = frozenset()
    language: str | None = None
    year: int | None = None
    runtime: int | None = None
    vote_average: float = 0.0
    vote_count: int = 0
    popularity: float = 0.0
    favourites: int = 0
    standing: float = 0.0


class TitlesUnavailable(Exception):
    """The titles cannot be read now: the next layer speaks."""


class TitleStore(Protocol):
    """Where facts of titles are read: the projection, or catalogue's interface.

    Every method raises TitlesUnavailable when its store does not answer.
    """

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that are known (at most 100 asked for at once)."""
        ...

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""
        ...

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return the titles that were first seen in the last weeks, the latest first."""
        ...
