"""Titles and the lists that a user keeps of them, newest first.

A title is on a list at most once. The changes of a title are ordered by their times: an entry's
`ordered_at` is later than the removal before it, and a removal is later than the entry that it
ends. A reader of the events can therefore rebuild a list in whatever order they arrive. It is the
time that the list shows, `added_at`, unless an import has put a removed entry back or the user has
changed what they think of a title that they have seen.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from matinee.local_facts import LocalFacts
from matinee.media import TitleKey

MILLISECOND = timedelta(milliseconds=1)
"""The resolution of all times."""


class ListName(StrEnum):
    """The lists of a user."""

    FAVOURITES = "favourites"
    WATCHLIST = "watchlist"
    SEEN = "seen"
    DISMISSED = "dismissed"


class Opinion(StrEnum):
    """What a user thinks of a title that they have seen."""

    LIKED = "liked"
    FINE = "fine"
    DISLIKED = "disliked"


LIKED_RATING, DISLIKED_RATING = 7.0, 4.0
"""Of ten: a title rated so high is liked, one rated so low disliked, if the user says no more."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """When a user saw a title and what they think of it, as far as they say. Ratings: 1 to 10."""

    seen_at: datetime | None = None
    opinion: Opinion | None = None
    rating: float | None = None

    @property
    def verdict(self) -> Opinion | None:
        """The opinion, else the one that the rating implies."""
        if self.opinion or self.rating is None:
            return self.opinion
        if self.rating >= LIKED_RATING:
            return Opinion.LIKED
        return Opinion.DISLIKED if self.rating <= DISLIKED_RATING else Opinion.FINE

    def completed_by(self, other: "Viewing") -> "Viewing":
        """Return this viewing with what only another says: what is said stays."""
        return Viewing(
            self.seen_at or other.seen_at,
            self.opinion or other.opinion,
            other.rating if self.rating is None else self.rating,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title as the app showed it when it was added, so that it can be shown again."""

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

    @property
    def details(self) -> dict[str, Any]:
        """The fields other than the key, by name; None for those that are not known."""
        return {name: getattr(self, name) for name in TITLE_DETAILS}

    @property
    def is_whole(self) -> bool:
        """Whether all is known that lists show and subscribers receive."""
        return None not in (self.title, self.poster_path, self.genre_ids)

    def missing_from(self, other: Self) -> dict[str, Any]:
        """Return the details that this title has and another does not, by name."""
        return {
            name: value
            for name, value in self.details.items()
            if value is not None and getattr(other, name) is None
        }

    def completed_by(self, other: Self) -> Self:
        """Return this title with what only another knows of it: what is known stays."""
        return replace(self, **other.missing_from(self))


TITLE_DETAILS = tuple(field.name for field in fields(Title) if field.name != "key")


@dataclass(frozen=True, slots=True)
class CachedTitle:
    """A title as the catalogue has cached it, and who streams it where."""

    title: Title
    cached_at: datetime
    expires_at: datetime
    local: LocalFacts = LocalFacts()


@dataclass(frozen=True, slots=True)
class Removal:
    """The record that a title was removed from a list."""

    key: TitleKey
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A title on a list. `restored_at` orders it, not `added_at`, if it has been put back.

    `viewing` is empty on any list but that of seen titles.
    """

    title: Title
    added_at: datetime
    restored_at: datetime | None = None
    viewing: Viewing = Viewing()

    @property
    def ordered_at(self) -> datetime:
        """The time that orders this entry among the changes of its title."""
        return self.restored_at or self.added_at

    @classmethod
    def at(cls, title: Title, moment: datetime, viewing: Viewing = Viewing()) -> Self:  # noqa: B008 - frozen
        """Create the entry of a title that is added at a time, in whole milliseconds."""
        return cls(title, truncate_to_milliseconds(moment), viewing=viewing)

    def revised(self, viewing: Viewing, moment: datetime) -> Self:
        """Return this entry with another viewing since a time: later than it was ordered by."""
        at = max(truncate_to_milliseconds(moment), self.ordered_at + MILLISECOND)
        return replace(self, restored_at=at, viewing=viewing)

    def ended(self, moment: datetime) -> Removal:
        """Return the removal that ends this entry: always later, even if a clock is behind."""
        removed_at = max(truncate_to_milliseconds(moment), self.ordered_at + MILLISECOND)
        return Removal(self.title.key, removed_at)

    def after(self, removal: Removal) -> Self:
        """Return this entry, moved to after an earlier removal of the title if necessary."""
        return replace(self, added_at=max(self.added_at, removal.removed_at + MILLISECOND))

    def restored(self, removal: Removal) -> Self:
        """Return this entry as it was, put back after a removal of the title if necessary."""
        if self.added_at > removal.removed_at:
            return self
        return replace(self, restored_at=removal.removed_at + MILLISECOND)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a list: right after this entry, whether or not it still exists."""

    key: TitleKey
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first; `more` is whether older entries follow."""

    entries: tuple[Entry, ...]
    more: bool

    @property
    def next(self) -> Position | None:
        """The position at which the list continues, None at its end."""
        last = self.entries[-1] if self.more and self.entries else None
        return Position(last.title.key, last.added_at) if last else None


def truncate_to_milliseconds(moment: datetime) -> datetime:
    """Return a time in whole milliseconds, as it is stored and published."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
