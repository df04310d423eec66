"""Titles and the two lists that a user keeps of them, newest first.

A title is on a list at most once. What happens to it there has one order, that of its moments: an
entry's `added_at` is later than the removal before it, a removal later than the entry that it ends.
So whoever hears of it in another order can still tell what is true.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

HIGHEST_MEDIA_ID = 999_999_999

TICK = timedelta(milliseconds=1)
"""What moments are told apart by."""


class MediaType(StrEnum):
    """Films and series have ids of their own: film 550 and series 550 are two titles."""

    MOVIE = "movie"
    TV = "tv"


class ListName(StrEnum):
    """The lists of a user."""

    FAVOURITES = "favourites"
    WATCHLIST = "watchlist"


@dataclass(frozen=True, slots=True)
class TitleKey:
    """Which title: TMDB's id, and what it is an id of."""

    media_type: MediaType
    media_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title as the app showed it when it was put on a list, so that it can be shown again."""

    key: TitleKey
    title: str | None = None
    overview: str | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None
    popularity: float | None = None
    genre_ids: tuple[int, ...] | None = None
    runtime: int | None = None
    original_language: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """That a title was taken off a list, and when."""

    key: TitleKey
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A title on a list."""

    title: Title
    added_at: datetime

    @classmethod
    def at(cls, title: Title, moment: datetime) -> Self:
        """Put a title on a list at a moment, in whole milliseconds."""
        return cls(title, in_ticks(moment))

    def ended(self, moment: datetime) -> Removal:
        """Return the removal that ends this entry; later than it, whatever a clock says."""
        return Removal(self.title.key, max(in_ticks(moment), self.added_at + TICK))

    def after(self, removal: Removal) -> Self:
        """Return the entry as it is when its title has been taken off before: later than that."""
        return replace(self, added_at=max(self.added_at, removal.removed_at + TICK))


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list: right after this entry, whether or not it is still there."""

    key: TitleKey
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first; `more` tells whether older entries follow."""

    entries: tuple[Entry, ...]
    more: bool

    @property
    def next(self) -> Position | None:
        """Where the list goes on, None at its end."""
        last = self.entries[-1] if self.more and self.entries else None
        return Position(last.title.key, last.added_at) if last else None


def in_ticks(moment: datetime) -> datetime:
    """Return a moment in whole milliseconds: what is stored is what is told."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
