"""Put titles on users' lists because of what happened in their rooms.

Users have their lists in their own hands, and events are late, repeated, replayed and in any order:

    stored of the title          what becomes of it
    nothing                      it is added, as of the event's time
    an entry                     it stays as it is
    removed before the event     it is added again
    removed since                it stays removed: the user knew of it

A swipe that is taken back takes nothing off a list, nor does one that says that the title is not
seen: only the user does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from library.domain.errors import AccountDeleted
from library.domain.preferences import KEEP_MATCHES
from library.domain.titles import Entry, ListName, Removal, Title
from library.ports import (
    ConflictingChanges,
    EntryRepository,
    EntryState,
    EventFactory,
    PreferencesRepository,
)
from library.use_cases.changes import METRICS, RETRY, ChangeFactory
from library.use_cases.describe_titles import DescribeTitles
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry


@dataclass(frozen=True, slots=True)
class KeepTitle:
    """Puts a title on a user's list, as of a time in the past."""

    entries: EntryRepository
    events: EventFactory
    titles: DescribeTitles
    retry: OptimisticRetry = RETRY

    def __call__(
        self, user_id: str, name: ListName, title: Title, at: datetime, trace: Trace
    ) -> None:
        """Add a title unless it is there or has been removed since; nothing of a deleted user.

        Raises LibraryBusy, LibraryUnavailable.
        """
        create = ChangeFactory(self.events, user_id, trace)
        try:
            for _ in self.retry:
                [state] = self.entries.get_entries(user_id, [(name, title.key)])
                asked = Entry.at(title, at)
                if _is_settled(state, asked):
                    return
                [entry] = self.titles.to_store([asked])
                try:
                    self.entries.commit(user_id, [create.add(name, entry)])
                except ConflictingChanges:
                    continue
                break
        except AccountDeleted:
            count("TitlesOfDeletedUsers")
            return
        count(f"{METRICS[name]}Added")


@dataclass(frozen=True, slots=True)
class KeepMatch:
    """Puts what a room agreed or decided on on the watchlists of those who want that."""

    keep: KeepTitle
    preferences: PreferencesRepository

    def __call__(self, user_ids: Sequence[str], title: Title, at: datetime, trace: Trace) -> None:
        """Add a title to the watchlists; raise LibraryBusy, LibraryUnavailable."""
        for user_id in user_ids:
            if self._wants(user_id):
                self.keep(user_id, ListName.WATCHLIST, title, at, trace)

    def _wants(self, user_id: str) -> bool:
        try:
            return self.preferences.get(user_id).answers.get(KEEP_MATCHES) is True
        except AccountDeleted:
            return False


def _is_settled(state: EntryState, asked: Entry) -> bool:
    """Return whether the title is on the list, or the user has removed it since."""
    if isinstance(state, Removal):
        return state.removed_at >= asked.added_at
    return state is not None
