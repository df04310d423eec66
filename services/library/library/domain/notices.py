"""Notices: what a user was told, and may read later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from matinee.clock import iso
from matinee.media import TitleKey

NOTICE_TTL = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Notice:
    """A title of the user's watchlist came to platforms of theirs, which are named by their ids."""

    key: TitleKey
    title: str
    poster_path: str | None
    region: str
    platforms: Mapping[int, str]
    available_at: datetime
    is_read: bool = False

    @property
    def id(self) -> str:
        """Its id among the user's notices: later ones sort after it."""
        return f"{iso(self.available_at)}#{self.key}"
