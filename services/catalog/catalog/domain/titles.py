"""Titles, and which of them may be candidates."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.genres import FILM_GENRES, TV_GENRES

FEWEST_VOTES = 50
LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Original languages that a room is offered, as ISO 639-1 codes."""


class MediaType(StrEnum):
    """Films or series. TMDB counts their ids and their genres apart."""

    MOVIE = "MOVIE"
    TV = "TV"

    @classmethod
    def of(cls, path: str) -> "MediaType":
        """Read "movie" or "tv"; raises ValueError for anything else."""
        return cls(path.upper())

    @property
    def path(self) -> str:
        """The name in paths, keys and events: "movie" or "tv"."""
        return self.value.lower()

    @property
    def genres(self) -> Mapping[int, str]:
        """TMDB's genres of this kind, id to English name."""
        return FILM_GENRES if self is MediaType.MOVIE else TV_GENRES


@dataclass(frozen=True, slots=True)
class Title:
    """A film or series as TMDB's lists show it. `vote_average` is 0 to 10.

    `popularity` is TMDB's own measure, of the day, without a bound.
    """

    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None
    release_date: str | None
    vote_average: float
    vote_count: int
    genre_ids: tuple[int, ...]
    original_language: str
    adult: bool
    backdrop_path: str | None = None
    popularity: float = 0.0

    def is_presentable(self) -> bool:
        """Return whether the title passes every filter of quality, language and script."""
        return (
            bool(self.poster_path)
            and bool(self.overview.strip())
            and bool(self.title.strip())
            and self.vote_count >= FEWEST_VOTES
            and self.original_language in LANGUAGES
            and not self.adult
            and is_latin(self.title)
        )


def is_latin(text: str) -> bool:
    """Return whether every letter is of the Latin script, with or without accents.

    Digits, punctuation and symbols belong to every script: "1917" and "¡Átame!" pass, "千と千尋"
    does not. Compatibility forms count as what they stand for: "ﬁ" passes, "㈱" does not.
    """
    return all(
        not letter.isalpha()
        or unicodedata.name(letter, "").startswith(("LATIN ", "MODIFIER LETTER "))
        for letter in unicodedata.normalize("NFKD", text)
    )
