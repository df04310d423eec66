"""Add titles to one of a user's lists. A title that is there already keeps its `added_at`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName
from library.ports import (
    MAX_CHANGES,
    AddEntry,
    ConflictingChanges,
    EntryRepository,
    EntryState,
    EventFactory,
)
from library.use_cases.changes import METRICS, RETRY, Added, ChangeFactory
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.observability import count
from matinee.retry import OptimisticRetry

type AddOutcome = Added | LibraryBusy


@dataclass(frozen=True, slots=True)
class AddEntries:
    """Adds entries to one list."""

    name: ListName
    entries: EntryRepository
    events: EventFactory
    retry: OptimisticRetry = RETRY

    def __call__(
        self, user_id: str, entries: Sequence[Entry], trace: Trace
    ) -> Sequence[AddOutcome]:
        """Add entries, MAX_CHANGES in a commit; return the outcome of each.

        Of several entries of one title the first is added. A commit that stays in conflict with
        others makes LibraryBusy the outcome of its entries. Raises AccountDeleted and
        LibraryUnavailable.
        """
        create = ChangeFactory(self.events, user_id, trace)
        outcomes: dict[TitleKey, AddOutcome] = {}
        for chunk in batched(_first_of_each(entries), MAX_CHANGES, strict=False):
            added = {entry.title.key: Added(entry, new=True) for entry in chunk}
            try:
                for _ in self.retry:
                    changes = [create.add(self.name, it.entry) for it in added.values() if it.new]
                    try:
                        if changes:
                            self.entries.commit(user_id, changes)
                        break
                    except ConflictingChanges as conflict:
                        added |= _resolved(changes, conflict)
            except LibraryBusy as busy:
                outcomes |= {key: busy if it.new else it for key, it in added.items()}
            else:
                outcomes |= added
        new = sum(isinstance(it, Added) and it.new for it in outcomes.values())
        if new:
            count(f"{METRICS[self.name]}Added", new)
        return list(_of_each(entries, outcomes))


def _first_of_each(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Return the first entry of each title, in the same order."""
    first: dict[TitleKey, Entry] = {}
    for entry in entries:
        first.setdefault(entry.title.key, entry)
    return first.values()


def _resolved(changes: Sequence[AddEntry], conflict: ConflictingChanges) -> dict[TitleKey, Added]:
    """Return the outcomes of the refused changes, given what is stored of their titles."""
    return {
        change.entry.title.key: _given(found.state, change.entry)
        for change, found in zip(changes, conflict.conflicts, strict=True)
        if found.refused
    }


def _given(state: EntryState, entry: Entry) -> Added:
    match state:
        case Entry():
            return Added(state, new=False)
        case None:
            return Added(entry, new=True)
        case removal:
            return Added(entry.after(removal), new=True)


def _of_each(
    entries: Iterable[Entry], outcomes: Mapping[TitleKey, AddOutcome]
) -> Iterator[AddOutcome]:
    """Yield the outcome of each entry. A repeated title is not new the second time."""
    seen: set[TitleKey] = set()
    for entry in entries:
        outcome = outcomes[entry.title.key]
        if isinstance(outcome, Added) and entry.title.key in seen:
            outcome = Added(outcome.entry, new=False)
        seen.add(entry.title.key)
        yield outcome
