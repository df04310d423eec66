"""What all changes of lists share: how they are created, retried and counted.

Each change is committed with its event, or not at all. What is already as requested is a success
without an event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName, Title
from library.ports import (
    AddEntry,
    CompleteEntry,
    ConflictingChanges,
    EventFactory,
    RemoveEntry,
    ReviseEntry,
)
from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.retry import Backoff, OptimisticRetry

RETRY = OptimisticRetry(ConflictingChanges, LibraryBusy, Backoff(attempts=6, initial=0))
"""For changes that did not fit what is stored. The conflict says what is: no pause is needed."""

PUBLISHED_DETAILS = frozenset({"title", "genre_ids"})
"""What subscribers see of a title."""

METRICS: Mapping[ListName, str] = {
    ListName.FAVOURITES: "Favourites",
    ListName.WATCHLIST: "WatchlistItems",
    ListName.SEEN: "SeenTitles",
    ListName.DISMISSED: "DismissedTitles",
}


@dataclass(frozen=True, slots=True)
class Added:
    """An entry as it is on the list; `new` is whether this request added it."""

    entry: Entry
    new: bool


@dataclass(frozen=True, slots=True)
class ChangeFactory:
    """Creates the changes of one request, with their events."""

    events: EventFactory
    user_id: str
    trace: Trace

    def add(self, name: ListName, entry: Entry) -> AddEntry:
        """Create the change that adds an entry."""
        event = self.events.entry_added(self.user_id, name, entry, self.trace)
        return AddEntry(name, entry, event)

    def revise(self, name: ListName, before: Entry, revised: Entry) -> ReviseEntry:
        """Create the change that puts a revised entry in place of the one before."""
        event = self.events.entry_added(self.user_id, name, revised, self.trace)
        return ReviseEntry(name, revised, before.ordered_at, event)

    def complete(self, name: ListName, entry: Entry, known: Title) -> CompleteEntry | None:
        """Create the change that stores what is known of an entry's title; None for nothing new."""
        missing = known.missing_from(entry.title)
        if not missing:
            return None
        completed = replace(entry, title=entry.title.completed_by(known))
        event = None
        if PUBLISHED_DETAILS & missing.keys():
            event = self.events.entry_described(self.user_id, name, completed, self.trace)
        return CompleteEntry(name, completed, tuple(missing), event)

    def remove(self, name: ListName, entry: Entry, now: datetime) -> RemoveEntry:
        """Create the change that removes an entry now."""
        removal = entry.ended(now)
        event = self.events.entry_removed(self.user_id, name, removal, entry.ordered_at, self.trace)
        return RemoveEntry(name, removal, entry.ordered_at, event)


def single[T](outcomes: Sequence[T | MatineeError]) -> T:
    """Return the outcome of a request for one title; raise it if it is an error."""
    [outcome] = outcomes
    if isinstance(outcome, MatineeError):
        raise outcome
    return outcome
