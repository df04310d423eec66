"""A user's taste: favourites, watchlist, stated preferences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from matinee.media import TitleKey
from recommender.domain.preferences import Preferences


class TasteList(StrEnum):
    """A user's lists."""

    FAVOURITES = "favourite"
    WATCHLIST = "watchlist"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry of the favourites or the watchlist.

    `title` and `genre_ids` are copies from the entry itself, for titles that are not known.
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
        )


def _union(stored: tuple[ListEntry, ...], given: tuple[ListEntry, ...]) -> tuple[ListEntry, ...]:
    if not given:
        return stored
    known = {entry.key for entry in stored}
    return (*stored, *(entry for entry in given if entry.key not in known))
