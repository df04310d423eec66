"""What is known of a user: favourites, watchlist, stated preferences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recommender.domain.preferences import Preferences
from recommender.domain.titles import TitleKey


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry of favourites or watchlist.

    `title` and `genre_ids` are what the entry itself tells; they serve when the title is unknown.
    """

    key: TitleKey
    added_at: datetime | None = None
    title: str | None = None
    genre_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Taste:
    """A user's taste as stored, in any order. Entries without added_at count as the latest."""

    favourites: tuple[ListEntry, ...] = ()
    watchlist: tuple[ListEntry, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)

    def completed(
        self,
        favourites: tuple[ListEntry, ...],
        watchlist: tuple[ListEntry, ...],
        preferences: Mapping[str, object],
    ) -> Taste:
        """Return the taste with a request's own lists added and its preferences laid over."""
        return Taste(
            _united(self.favourites, favourites),
            _united(self.watchlist, watchlist),
            self.preferences.overlaid(preferences),
        )


def _united(stored: tuple[ListEntry, ...], given: tuple[ListEntry, ...]) -> tuple[ListEntry, ...]:
    known = {entry.key for entry in stored}
    return (*stored, *(entry for entry in given if entry.key not in known))
