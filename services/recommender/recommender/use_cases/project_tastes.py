"""Project users' tastes from the library's events, and from their votes in rooms.

Whether an event changes anything is decided where it is stored: see `ports.TasteWriter`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matinee.media import TitleKey
from matinee.observability import count
from recommender.domain.taste import ListEntry, Swipe, TasteList
from recommender.ports import SwipeWriter, TasteWriter


@dataclass(frozen=True, slots=True)
class ProjectTastes:
    """Stores what users do in their libraries; what is out of date changes nothing."""

    tastes: TasteWriter

    def add_entry(self, user_id: str, which: TasteList, entry: ListEntry) -> None:
        """Store an entry that was added."""
        _count(self.tastes.add_entry(user_id, which, entry))

    def remove_entry(
        self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime
    ) -> None:
        """Remove an entry that was added at a time."""
        _count(self.tastes.remove_entry(user_id, which, key, added_at))

    def update_preferences(
        self, user_id: str, version: int, preferences: Mapping[str, object]
    ) -> None:
        """Store stated preferences."""
        _count(self.tastes.update_preferences(user_id, version, preferences))


@dataclass(frozen=True, slots=True)
class ProjectSwipes:
    """Stores what users vote in rooms; what is out of date changes nothing."""

    swipes: SwipeWriter

    def __call__(self, user_id: str, swipe: Swipe) -> None:
        """Store a swipe."""
        _count(self.swipes.put_swipe(user_id, swipe))


def _count(changed: bool) -> None:  # noqa: FBT001 - one fact
    count("TastesProjected" if changed else "EventsOutOfDate")
