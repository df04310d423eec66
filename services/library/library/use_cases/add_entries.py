"""Add titles to one of a user's lists. A title that is there already keeps its `added_at`.

What a request does not say of a title comes from the catalogue, as far as it is known; what neither
knew of a title that is there already is stored as soon as one of them does. Of a title that the
user has seen, what they think of it may change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched

from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName
from library.ports import (
    MAX_CHANGES,
    AddEntry,
    CompleteEntry,
    ConflictingChanges,
    EntryRepository,
    EntryState,
    EventFactory,
    ReviseEntry,
)
from library.use_cases.changes import METRICS, RETRY, Added, ChangeFactory
from library.use_cases.describe_titles import DescribeTitles
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
    titles: DescribeTitles
    retry: OptimisticRetry = RETRY

    def __call__(
        self,
        user_id: str,
        entries: Sequence[Entry],
        trace: Trace,
        *,
        restore: bool = False,
        revise: bool = False,
    ) -> Sequence[AddOutcome]:
        """Add entries, MAX_CHANGES in a commit; return the outcome of each.

        Of several entries of one title the first is added. One that has been removed since its
        `added_at` is added later than that, or keeps it if `restore`. The viewing of one that is
        there is replaced if `revise`, else completed. A commit that stays in
        conflict with others makes LibraryBusy the outcome of its entries. Raises AccountDeleted
        and LibraryUnavailable.
        """
        create = ChangeFactory(self.events, user_id, trace)
        outcomes: dict[TitleKey, AddOutcome] = {}
        for chunk in batched(_first_of_each(entries), MAX_CHANGES, strict=False):
            outcomes |= self._add(chunk, create, restore=restore, revise=revise)
        new = sum(isinstance(it, Added) and it.new for it in outcomes.values())
        if new:
            count(f"{METRICS[self.name]}Added", new)
        return list(_of_each(entries, outcomes))

    def _add(
        self, entries: Sequence[Entry], create: ChangeFactory, *, restore: bool, revise: bool
    ) -> Mapping[TitleKey, AddOutcome]:
        """Add entries in one commit."""
        asked = {entry.title.key: entry for entry in self.titles.to_store(entries)}
        added = {key: Added(entry, new=True) for key, entry in asked.items()}
        changes: dict[TitleKey, AddEntry | ReviseEntry | CompleteEntry] = {
            key: create.add(self.name, entry) for key, entry in asked.items()
        }
        try:
            for _ in self.retry:
                try:
                    if changes:
                        self.entries.commit(create.user_id, list(changes.values()))
                    break
                except ConflictingChanges as conflict:
                    for key, state in _refused(changes, conflict).items():
                        del changes[key]
                        added[key], change = self._given(
                            state, asked[key], create, restore=restore, revise=revise
                        )
                        if change:
                            changes[key] = change
        except LibraryBusy as busy:
            return {key: busy if key in changes else it for key, it in added.items()}
        return added

    def _given(
        self,
        state: EntryState,
        asked: Entry,
        create: ChangeFactory,
        *,
        restore: bool,
        revise: bool,
    ) -> tuple[Added, AddEntry | ReviseEntry | CompleteEntry | None]:
        """Return the outcome of an entry and the change left, given what is stored of its title."""
        if isinstance(state, Entry):
            viewing = asked.viewing if revise else state.viewing.completed_by(asked.viewing)
            if viewing != state.viewing:
                title = state.title.completed_by(asked.title)
                revised = replace(state, title=title).revised(viewing, asked.added_at)
                return Added(revised, new=False), create.revise(self.name, state, revised)
            change = create.complete(self.name, state, asked.title)
            return Added(change.entry if change else state, new=False), change
        if state is not None:
            asked = asked.restored(state) if restore else asked.after(state)
        return Added(asked, new=True), create.add(self.name, asked)


def _first_of_each(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Return the first entry of each title, in the same order, with what all say of a viewing."""
    first: dict[TitleKey, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.title.key, entry)
        viewing = known.viewing.completed_by(entry.viewing)
        if viewing != known.viewing:
            first[entry.title.key] = replace(known, viewing=viewing)
    return first.values()


def _refused(
    changes: Mapping[TitleKey, object], conflict: ConflictingChanges
) -> Mapping[TitleKey, EntryState]:
    """Return what is stored of the titles whose change was refused."""
    found = zip(changes, conflict.conflicts, strict=True)
    return {key: it.state for key, it in found if it.refused}


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
