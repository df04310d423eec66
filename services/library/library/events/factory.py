"""The event factory: maps each change in a library to the event that is published."""

from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from library.domain.imports import Import, RowStatus
from library.domain.notices import Notice
from library.domain.preferences import Answers, Preferences
from library.domain.titles import Entry, ListName, Removal
from library.events.published import (
    EntryAdded,
    EntryDescribed,
    EntryRemoved,
    FavouriteAdded,
    FavouriteDescribed,
    FavouriteRemoved,
    ImportCompleted,
    PlatformFacts,
    PreferencesUpdated,
    StatedPreferences,
    TitleDismissed,
    TitleReconsidered,
    TitleSeen,
    TitleUnseen,
    WatchlistItemAdded,
    WatchlistItemDescribed,
    WatchlistItemRemoved,
    WatchlistTitleAvailable,
)
from matinee.clock import iso
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.events.factory import EventFactory
from matinee.media import TitleKey

_ADDED: Mapping[ListName, type[EntryAdded]] = {
    ListName.FAVOURITES: FavouriteAdded,
    ListName.WATCHLIST: WatchlistItemAdded,
    ListName.SEEN: TitleSeen,
    ListName.DISMISSED: TitleDismissed,
}
_DESCRIBED: Mapping[ListName, type[EntryDescribed]] = {
    ListName.FAVOURITES: FavouriteDescribed,
    ListName.WATCHLIST: WatchlistItemDescribed,
}
_REMOVED: Mapping[ListName, type[EntryRemoved]] = {
    ListName.FAVOURITES: FavouriteRemoved,
    ListName.WATCHLIST: WatchlistItemRemoved,
    ListName.SEEN: TitleUnseen,
    ListName.DISMISSED: TitleReconsidered,
}
_ITEM: Mapping[ListName, str] = {
    ListName.FAVOURITES: "favourite",
    ListName.WATCHLIST: "watchlist-item",
    ListName.SEEN: "seen-title",
    ListName.DISMISSED: "dismissed-title",
}
_MULTIPLE = frozenset(
    {
        "watchingContext",
        "watchingTime",
        "maturityPreference",
        "contentDiscoveryPreference",
        "viewingBehaviorPreference",
    }
)
"""Questions that accept a word or a list of words; events always have a list."""


class LibraryEventFactory(EventFactory):
    """Creates the library's events. An idempotency key names the change itself."""

    def entry_added(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract]:
        """Create FavouriteAdded, WatchlistItemAdded, TitleSeen or TitleDismissed."""
        title, viewing = entry.title, entry.viewing
        seen = {
            "seen_at": viewing.seen_at,
            "opinion": viewing.verdict and viewing.verdict.value,
            "rating": viewing.rating,
        }
        data = _ADDED[name](
            user_id=user_id,
            media_type=title.key.media_type.value,
            media_id=title.key.id,
            title=title.title,
            genre_ids=list(title.genre_ids) if title.genre_ids else None,
            added_at=entry.ordered_at,
            listed_since=entry.added_at if entry.restored_at else None,
            **(seen if name is ListName.SEEN else {}),
        )
        key = _key(f"{_ITEM[name]}-added", user_id, title.key, entry.ordered_at)
        return self.create(data, self.now(), trace, key)

    def entry_described(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract] | None:
        """Create FavouriteDescribed or WatchlistItemDescribed; other lists have no such event."""
        if name not in _DESCRIBED:
            return None
        title, now = entry.title, self.now()
        data = _DESCRIBED[name](
            user_id=user_id,
            media_type=title.key.media_type.value,
            media_id=title.key.id,
            title=title.title,
            genre_ids=list(title.genre_ids) if title.genre_ids else None,
            added_at=entry.ordered_at,
            described_at=now,
        )
        return self.create(
            data, now, trace, _key(f"{_ITEM[name]}-described", user_id, title.key, now)
        )

    def entry_removed(
        self, user_id: str, name: ListName, removal: Removal, added_at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of a removal from the list: of the entry that is ordered by a time."""
        data = _REMOVED[name](
            user_id=user_id,
            media_type=removal.key.media_type.value,
            media_id=removal.key.id,
            added_at=added_at,
            removed_at=removal.removed_at,
        )
        key = _key(f"{_ITEM[name]}-removed", user_id, removal.key, removal.removed_at)
        return self.create(data, removal.removed_at, trace, key)

    def import_completed(self, completed: Import, trace: Trace) -> Envelope[Contract]:
        """Create ImportCompleted, with the counts of the moment of its completion."""
        counts = completed.counts
        at = completed.completed_at or self.now()
        data = ImportCompleted(
            user_id=completed.user_id,
            import_id=completed.id,
            site=completed.site.value,
            started_at=completed.created_at,
            completed_at=at,
            rows=completed.total,
            added=counts.get(RowStatus.ADDED, 0),
            already=counts.get(RowStatus.ALREADY, 0),
            kept=counts.get(RowStatus.KEPT, 0),
            unresolved=counts.get(RowStatus.UNRESOLVED, 0),
            skipped=counts.get(RowStatus.SKIPPED, 0),
        )
        key = f"import-completed:{completed.user_id}:{completed.id}:{iso(completed.created_at)}"
        return self.create(data, at, trace, key)

    def preferences_updated(
        self, user_id: str, preferences: Preferences, at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create PreferencesUpdated, with all answers that are published."""
        data = PreferencesUpdated(
            user_id=user_id,
            version=preferences.version,
            updated_at=at,
            preferences=StatedPreferences.model_validate(_normalized(preferences.published)),
        )
        key = f"preferences-updated:{user_id}:{preferences.version}"
        return self.create(data, at, trace, key)

    def title_available(self, user_id: str, notice: Notice, trace: Trace) -> Envelope[Contract]:
        """Create WatchlistTitleAvailable. The same cause and user make the same event."""
        data = WatchlistTitleAvailable(
            user_id=user_id,
            media_type=notice.key.media_type.value,
            media_id=notice.key.id,
            title=notice.title,
            poster_path=notice.poster_path,
            region=notice.region,
            platforms=[PlatformFacts(id=id_, name=name) for id_, name in notice.platforms.items()],
            available_at=notice.available_at,
        )
        return create_envelope(
            data,
            event_id=str(uuid5(NAMESPACE_URL, f"{trace.causation_id}:{user_id}")),
            occurred_at=self.now(),
            trace=trace,
            idempotency_key=_key(
                "watchlist-title-available", user_id, notice.key, notice.available_at
            ),
        )


def _normalized(answers: Answers) -> Answers:
    """Return answers with one form for each question."""
    return {
        name: [answer] if name in _MULTIPLE and isinstance(answer, str) else answer
        for name, answer in answers.items()
    }


def _key(change: str, user_id: str, title: TitleKey, at: datetime) -> str:
    return f"{change}:{user_id}:{title.media_type}:{title.id}:{iso(at)}"
