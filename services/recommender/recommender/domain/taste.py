"""A user's taste: their lists, their swipes in rooms, stated preferences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from matinee.media import TitleKey
from recommender.domain.preferences import Preferences

LATEST = datetime.max.replace(tzinfo=UTC)
"""When an entry without a time was added."""


class TasteList(StrEnum):
    """A user's lists, and what they said yes to in rooms."""

    FAVOURITES = "favourite"
    WATCHLIST = "watchlist"
    SEEN = "seen"
    DISMISSED = "dismissed"
    SWIPES = "swipe"


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
class Swipe:
    """A user's vote on a title in a room; there, a higher `version` is a later vote.

    `yes` is False, too, for a vote that is taken back.
    """

    key: TitleKey
    room_id: str
    version: int
    at: datetime
    yes: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """A user's taste as stored, in any order. Entries without added_at count as the latest.

    `swiped` has a title once for each room in which they said yes to it.
    """

    favourites: tuple[ListEntry, ...] = ()
    watchlist: tuple[ListEntry, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    seen: tuple[ListEntry, ...] = ()
    dismissed: tuple[ListEntry, ...] = ()
    swiped: tuple[ListEntry, ...] = ()

    @property
    def lessons(self) -> tuple[ListEntry, ...]:
        """The swipes to learn from: the latest yes to each title that no list says more of."""
        if not self.swiped or not self.preferences.learn_from_swipes:
            return ()
        judged = {entry.key for entry in self.seen if entry.opinion}
        judged |= {it.key for it in (*self.favourites, *self.watchlist, *self.dismissed)}
        swipes = sorted(self.swiped, key=lambda entry: (entry.added_at or LATEST, entry.key))
        return tuple({one.key: one for one in swipes if one.key not in judged}.values())

    @property
    def own(self) -> Iterator[TitleKey]:
        """The titles of all lists, and those learnt from: none of them is recommended."""
        lists = (self.favourites, self.watchlist, self.seen, self.dismissed, self.lessons)
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
            self.swiped,
        )


def _union(stored: tuple[ListEntry, ...], given: tuple[ListEntry, ...]) -> tuple[ListEntry, ...]:
    if not given:
        return stored
    known = {entry.key for entry in stored}
    return (*stored, *(entry for entry in given if entry.key not in known))
