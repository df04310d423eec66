"""From what happened in a library to the event that tells it: the one place that knows both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from library.domain.preferences import Answers, Preferences
from library.domain.titles import Entry, ListName, Removal, TitleKey
from library.events.published import (
    FavouriteAdded,
    FavouriteRemoved,
    PreferencesUpdated,
    Taste,
    WatchlistItemAdded,
    WatchlistItemRemoved,
)
from matinee.clock import Clock, iso, utc_now
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import NewId, new_id

_ADDED: Mapping[ListName, type[FavouriteAdded | WatchlistItemAdded]] = {
    ListName.FAVOURITES: FavouriteAdded,
    ListName.WATCHLIST: WatchlistItemAdded,
}
_REMOVED: Mapping[ListName, type[FavouriteRemoved | WatchlistItemRemoved]] = {
    ListName.FAVOURITES: FavouriteRemoved,
    ListName.WATCHLIST: WatchlistItemRemoved,
}
_ITEM: Mapping[ListName, str] = {
    ListName.FAVOURITES: "favourite",
    ListName.WATCHLIST: "watchlist-item",
}
_SEVERAL = frozenset(
    {
        "watchingContext",
        "watchingTime",
        "maturityPreference",
        "contentDiscoveryPreference",
        "viewingBehaviorPreference",
    }
)
"""Questions whose answer may be one word or several."""


@dataclass(frozen=True, slots=True)
class Announcer:
    """Makes the event of each change, within the thread that a request began."""

    now: Clock = utc_now
    new_id: NewId = new_id

    def added(self, user_id: str, name: ListName, entry: Entry, trace: Trace) -> Envelope[Contract]:
        """Tell that a title is on a list."""
        title = entry.title
        data = _ADDED[name](
            user_id=user_id,
            media_type=title.key.media_type.value,
            media_id=title.key.media_id,
            title=title.title,
            genre_ids=list(title.genre_ids) if title.genre_ids else None,
            added_at=entry.added_at,
        )
        key = _key(f"{_ITEM[name]}-added", user_id, title.key, entry.added_at)
        return self._envelope(data, self.now(), trace, key)

    def removed(
        self, user_id: str, name: ListName, removal: Removal, added_at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Tell that a title is off a list."""
        data = _REMOVED[name](
            user_id=user_id,
            media_type=removal.key.media_type.value,
            media_id=removal.key.media_id,
            added_at=added_at,
            removed_at=removal.removed_at,
        )
        key = _key(f"{_ITEM[name]}-removed", user_id, removal.key, removal.removed_at)
        return self._envelope(data, removal.removed_at, trace, key)

    def preferences_updated(
        self, user_id: str, preferences: Preferences, at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Tell what a user's stated taste is from now on."""
        data = PreferencesUpdated(
            user_id=user_id,
            version=preferences.version,
            updated_at=at,
            preferences=Taste.model_validate(_told(preferences.taste)),
        )
        key = f"preferences-updated:{user_id}:{preferences.version}"
        return self._envelope(data, at, trace, key)

    def _envelope(
        self, data: Contract, occurred_at: datetime, trace: Trace, key: str
    ) -> Envelope[Contract]:
        return create_envelope(
            data,
            event_id=self.new_id(),
            occurred_at=occurred_at,
            trace=trace,
            idempotency_key=key,
        )


def _told(taste: Answers) -> Answers:
    """Return a taste with one form for each question."""
    return {
        name: [answer] if name in _SEVERAL and isinstance(answer, str) else answer
        for name, answer in taste.items()
    }


def _key(what: str, user_id: str, title: TitleKey, at: datetime) -> str:
    return f"{what}:{user_id}:{title.media_type}:{title.media_id}:{iso(at)}"
