"""Complete a row by hand: a person says which title it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from library.domain.errors import (
    ImportNotFound,
    ImportRowNotFound,
    ImportRowNotOpen,
    LibraryBusy,
)
from library.domain.imports import Import, ImportPart, ImportRow, RowStatus, part_of
from library.domain.titles import ListName, Title
from library.ports import ImportConflict, ImportParts, ImportRepository
from library.use_cases.add_entries import AddEntries
from library.use_cases.changes import single
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry

_RETRY = OptimisticRetry(ImportConflict, LibraryBusy)


@dataclass(frozen=True, slots=True)
class CompleteRow:
    """Adds the title that a person has chosen for a row. A repetition changes nothing."""

    imports: ImportRepository
    parts: ImportParts
    lists: Mapping[ListName, AddEntries]
    retry: OptimisticRetry = field(default=_RETRY)

    def __call__(self, user_id: str, import_id: str, number: int, title: Title) -> ImportRow:
        """Add a title to the row's list; return the row.

        Its events have the import's correlation id. Raises ImportNotFound, ImportRowNotFound,
        ImportRowNotOpen, AccountDeleted, LibraryBusy, LibraryUnavailable.
        """
        return self.retry(lambda: self._complete(user_id, import_id, number, title))

    def _complete(self, user_id: str, import_id: str, number: int, title: Title) -> ImportRow:
        of = self.imports.get(user_id, import_id)
        if of is None:
            raise ImportNotFound
        part, row = self._find(of, number)
        if row.key == title.key and row.status in {RowStatus.ADDED, RowStatus.ALREADY}:
            return row
        if not row.can_be_completed:
            raise ImportRowNotOpen
        trace = Trace(of.correlation_id)
        outcomes = [
            single(self.lists[name](user_id, [entry], trace, restore=True))
            for name in row.lists
            for entry in [row.entry(title, name, of.created_at)]
        ]
        added = outcomes[0]
        status = RowStatus.ADDED if added.new else RowStatus.ALREADY
        done = replace(row, key=title.key, suggestions=()).ended(status)
        completed_at = of.completed_at or of.created_at
        changed = of.with_changes([row], [done], completed_at)
        self.imports.save(part.with_rows([done]), changed, of, None)
        count("ImportRowsCompletedByHand")
        return done

    def _find(self, of: Import, number: int) -> tuple[ImportPart, ImportRow]:
        part = self.parts.get_part(of.user_id, of.id, part_of(number)) if number > 0 else None
        row = next((row for row in part.rows if row.number == number), None) if part else None
        if part is None or row is None:
            raise ImportRowNotFound
        return part, row
