"""Remove titles from one of a user's lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName, Removal, Title
from library.ports import (
    MAX_CHANGES,
    ConflictingChanges,
    EntryRepository,
    EntryState,
    EventFactory,
    RemoveEntry,
)
from library.use_cases.changes import METRICS, RETRY, ChangeFactory
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.observability import count
from matinee.retry import OptimisticRetry

type RemoveOutcome = Removal | LibraryBusy | None
"""None: the title was not on the list."""


@dataclass(frozen=True, slots=True)
class RemoveEntries:
    """Removes entries from one list."""

    name: ListName
    entries: EntryRepository
    events: EventFactory
    now: Clock = utc_now
    retry: OptimisticRetry = RETRY

    def __call__(
        self,
        user_id: str,
        keys: Sequence[TitleKey],
        trace: Trace,
        added_at: datetime | None = None,
    ) -> Sequence[RemoveOutcome]:
        """Remove titles, MAX_CHANGES in a commit; return the outcome of each.

        A repeated title is absent the second time. The entries are read first, unless the
        caller knows the `added_at` of the only one. A commit that stays in conflict with others
        makes LibraryBusy the outcome of its titles. Raises AccountDeleted and LibraryUnavailable.
        """
        create = ChangeFactory(self.events, user_id, trace)
        outcomes: dict[TitleKey, RemoveOutcome] = {}
        for chunk in batched(dict.fromkeys(keys), MAX_CHANGES, strict=False):
            try:
                states = self._states(user_id, chunk, added_at)
                for _ in self.retry:
                    changes = [
                        create.remove(self.name, state, self.now())
                        for state in states.values()
                        if isinstance(state, Entry)
                    ]
                    try:
                        if changes:
                            self.entries.commit(user_id, changes)
                        break
                    except ConflictingChanges as conflict:
                        states |= _found(changes, conflict)
            except LibraryBusy as busy:
                outcomes |= dict.fromkeys(chunk, busy)
            else:
                outcomes |= {change.removal.key: change.removal for change in changes}
        removed = sum(isinstance(outcome, Removal) for outcome in outcomes.values())
        if removed:
            count(f"{METRICS[self.name]}Removed", removed)
        return [outcomes.pop(key, None) for key in keys]

    def _states(
        self, user_id: str, keys: Sequence[TitleKey], added_at: datetime | None
    ) -> dict[TitleKey, EntryState]:
        if added_at:
            return {key: Entry.at(Title(key=key), added_at) for key in keys}
        found = self.entries.get_entries(user_id, [(self.name, key) for key in keys])
        return dict(zip(keys, found, strict=True))


def _found(
    changes: Sequence[RemoveEntry], conflict: ConflictingChanges
) -> dict[TitleKey, EntryState]:
    """Return what is stored of the titles whose change was refused."""
    return {
        change.removal.key: found.state
        for change, found in zip(changes, conflict.conflicts, strict=True)
        if found.refused
    }
