"""Titles: the facts that are shown, the traits that are scored, and the store that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from matinee.local_facts import LocalFacts
from matinee.media import MediaType, TitleKey
from matinee.questionnaire import Maturity


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """A title as the catalogue's TitlesCached event describes it.

    `genre_ids` are TMDB's for its media type; `vote_average` 0 to 10, meaningless without votes;
    `runtime` in minutes; `directors` and `cast` are names;
    `maturity` is by boards' certifications, None if there are none.
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
    maturity: Maturity | None = None
    local: LocalFacts = LocalFacts()

    def traits(self) -> Traits:
        """Return the facts that are scored."""
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
            maturity=self.maturity,
        )


@dataclass(frozen=True, slots=True)
class TitleSnapshot:
    """A title as the catalogue knew it at `cached_at`; it must be deleted after `expires_at`."""

    facts: TitleFacts
    cached_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Traits:
    """The facts of a title that are scored; words and names in lower case.

    `favourites` is the number of users whose favourite it was when the model was trained;
    `popularity_prior`, 0 to 1, is its score for a user of whom nothing is known.
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
    popularity_prior: float = 0.0
    maturity: Maturity | None = None


class TitlesUnavailable(Exception):
    """The titles cannot be read now: the next fallback layer is used."""


class TitleStore(Protocol):
    """A source of titles' facts: our projection, or the catalogue's interface.

    Every method raises TitlesUnavailable when the store does not respond.
    """

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that are known (at most 100 keys at once)."""
        ...

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""
        ...

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return the titles that were first seen in the last weeks, the latest first."""
        ...
