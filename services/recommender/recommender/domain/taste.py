"""A user's taste: favourites, watchlist, seen and dismissed titles, stated preferences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from matinee.media import TitleKey
from recommender.domain.preferences import Preferences


class TasteList(StrEnum):
    """A user's lists."""

    FAVOURITES = "favourite"
    WATCHLIST = "watchlist"
    SEEN = "seen"
    DISMISSED = "dismissed"


class Opinion(StrEnum):
    """What a user thinks of a title that they have seen."""

    LIKED = "liked"
    FINE = "fine"
    DISLIKED = "disliked"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry of a list.

    `title` and `genre_ids` are copies from the entry itself, for titles that are not known;
    `opinion` is that of a seen title.
    """

    key: TitleKey
    added_at: datetime | None = None
    title: str | None = None
    genre_ids: tuple[int, ...] = ()
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Taste:
    """A user's taste as stored, in any order. Entries without added_at count as the latest."""

    favourites: tuple[ListEntry, ...] = ()
    watchlist: tuple[ListEntry, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    seen: tuple[ListEntry, ...] = ()
    dismissed: tuple[ListEntry, ...] = ()

    @property
    def own(self) -> Iterator[TitleKey]:
        """The titles of all lists: none of them is recommended."""
        lists = (self.favourites, self.watchlist, self.seen, self.dismissed)
        return (entry.key for entries in lists for entry in entries)

    def merged_with(
        self,
        favourites: tuple[ListEntry, ...],
        watchlist: tuple[ListEntry, ...],
        preferences: Mapping[str, object],
    ) -> Taste:
        """Return the taste with a request's lists added and its preferences in place of ours."""
        return Taste(
            _union(self.favourites, favourites),
            _union(self.watchlist, watchlist),
            self.preferences.overridden_by(preferences),
            self.seen,
            self.dismissed,
        )


def _union(stored: tuple[ListEntry, ...], given: tuple[ListEntry, ...]) -> tuple[ListEntry, ...]:
    if not given:
        return stored
    known = {entry.key for entry in stored}
    return (*stored, *(entry for entry in given if entry.key not in known))
