"""Process a part of an import: find the titles that its rows mean, and add them to their lists.

    1  resolve     the catalogue is asked for the waiting rows; nothing is stored
    2  intend      which titles are about to be added, and which were there before, is stored
    3  add         as every addition: entry and event in one transaction; repeating changes nothing
    4  end         the rows' outcomes and the import's counts, in one transaction; with the last row
                   its event

Ended after any step, the part is processed again, and its rows end as they would have: what was
intended is added if it is not there yet, and counts as added. What TMDB cannot be asked for stays
waiting, and the part is requested again later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from library.domain.errors import LibraryBusy
from library.domain.imports import (
    LOOKUP_PATIENCE,
    Import,
    ImportPart,
    ImportRow,
    Reason,
    RowStatus,
)
from library.domain.titles import Entry, ListName, Removal
from library.ports import (
    CatalogueUnavailable,
    EntryRepository,
    ImportEventFactory,
    ImportParts,
    ImportQueue,
    ImportRepository,
    Resolved,
    TitleCatalogue,
)
from library.use_cases.add_entries import AddEntries
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

MESSAGE_DELAY_SECONDS = 1
"""Of the first message: the import is stored right after it is sent."""

ORPHAN_AGE = timedelta(minutes=5)
"""After which the message of an import that was never stored is dropped."""

MIN_PAUSE_SECONDS, DEFAULT_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 2, 30, 300
"""Until rows that TMDB could not be asked for are tried again."""


class ImportAbsent(Exception):
    """There is no such import: it is being stored at this moment, or never was, or is erased."""


@dataclass(frozen=True, slots=True)
class ImportRows:
    """Processes parts of imports, one after the other."""

    imports: ImportRepository
    parts: ImportParts
    entries: EntryRepository
    lists: Mapping[ListName, AddEntries]
    catalogue: TitleCatalogue
    queue: ImportQueue
    events: ImportEventFactory
    now: Clock = utc_now

    def __call__(self, user_id: str, import_id: str, number: int, message_id: str) -> None:
        """Process a part and request the next one.

        Raises ImportAbsent and AccountDeleted; ImportConflict, LibraryBusy and LibraryUnavailable,
        after which it may be tried again.
        """
        of, part = self._find(user_id, import_id, number)
        pause = None
        if not part.is_done:
            part, pause = self._process(of, part)
        self._go_on(of, part, message_id, pause)

    def give_up(self, user_id: str, import_id: str, number: int, message_id: str) -> None:
        """End a part whose processing fails again and again; a person may complete its rows."""
        of, part = self._find(user_id, import_id, number)
        given_up = [
            row.ended(
                RowStatus.UNRESOLVED, Reason.NOT_STORED if row.intended else Reason.UNREACHABLE
            )
            for row in part.rows
            if row.is_waiting
        ]
        if given_up:
            count("ImportRowsGivenUp", len(given_up))
            part = self._end(of, part, given_up)
        self._go_on(of, part, message_id, None)

    def _find(self, user_id: str, import_id: str, number: int) -> tuple[Import, ImportPart]:
        of = self.imports.get(user_id, import_id)
        part = self.parts.get_part(user_id, import_id, number) if of else None
        if of is None or part is None:
            raise ImportAbsent
        return of, part

    def _go_on(self, of: Import, part: ImportPart, message_id: str, pause: float | None) -> None:
        if not part.is_done:
            self.queue.send(of, part.number, message_id, pause or DEFAULT_PAUSE_SECONDS)
        elif (following := of.after(part.number)) is not None:
            self.queue.send(of, following, message_id)

    def _process(self, of: Import, part: ImportPart) -> tuple[ImportPart, float | None]:
        """Return the part as it is stored now, and the pause until its waiting rows are tried."""
        waiting = [row for row in part.rows if row.is_waiting]
        resolved, pause = self._resolve(of, waiting)
        ended = [row for row in resolved if not row.is_waiting]
        ready: Sequence[ImportRow]
        ready = [row for row in resolved if row.is_waiting and row.title]
        part, ready = self._intend(of, part, ready)
        ended += [row for row in ready if not row.is_waiting]
        ended += self._add(of, [row for row in ready if row.is_waiting])
        return (self._end(of, part, ended) if ended else part), pause

    def _resolve(
        self, of: Import, waiting: Sequence[ImportRow]
    ) -> tuple[Sequence[ImportRow], float | None]:
        """Return rows with their titles, or ended; those without either wait for TMDB."""
        wanted = [row for row in waiting if row.title is None]
        if not wanted:
            return waiting, None
        try:
            results, pause = self.catalogue.resolve(wanted, of.correlation_id)
        except CatalogueUnavailable:
            results, pause = [Resolved(is_unavailable=True)] * len(wanted), None
        is_late = self.now() > of.created_at + LOOKUP_PATIENCE
        found = {
            row.number: _after_lookup(row, result, is_late=is_late)
            for row, result in zip(wanted, results, strict=True)
        }
        unavailable = sum(result.is_unavailable for result in results)
        if unavailable:
            logger.info("import_waits_for_tmdb", extra={"rows": unavailable})
            count("ImportRowsPostponed", unavailable)
        seconds = DEFAULT_PAUSE_SECONDS if pause is None else pause
        return (
            [found.get(row.number, row) for row in waiting],
            min(MAX_PAUSE_SECONDS, max(MIN_PAUSE_SECONDS, seconds)),
        )

    def _intend(
        self, of: Import, part: ImportPart, ready: Sequence[ImportRow]
    ) -> tuple[ImportPart, Sequence[ImportRow]]:
        """Store which rows are being added, and which of their titles were there before.

        A title that the user has removed since the file came stays removed: its row ends.
        """
        new = [row for row in ready if not row.intended]
        if not new:
            return part, ready
        keys = [(row.shelf, row.title.key) for row in new if row.title]
        states = self.entries.get_entries(of.user_id, keys)
        known = {(row.shelf, row.key) for row in ready if row.intended}
        changed: dict[int, ImportRow] = {}
        for row, key, state in zip(new, keys, states, strict=True):
            was_removed = isinstance(state, Removal) and state.removed_at >= of.created_at
            changed[row.number] = (
                row.ended(RowStatus.SKIPPED, Reason.REMOVED)
                if was_removed
                else replace(row, intended=True, was_there=isinstance(state, Entry) or key in known)
            )
            known.add(key)
        stored = {row.number: row for row in part.rows}
        intended = [
            replace(row, title=stored[row.number].title)
            for row in changed.values()
            if row.is_waiting
        ]
        if intended:
            part = part.with_rows(intended)
            self.imports.save(part, None, of, None)
        return part, [changed.get(row.number, row) for row in ready]

    def _add(self, of: Import, rows: Sequence[ImportRow]) -> Sequence[ImportRow]:
        """Add the rows' titles, and return the rows as they end. Raises LibraryBusy."""
        trace = Trace(of.correlation_id)
        ended: list[ImportRow] = []
        for name, add in self.lists.items():
            mine = [row for row in rows if name in row.lists]
            entries = [row.entry(row.title, name, of.created_at) for row in mine if row.title]
            outcomes = add(of.user_id, entries, trace, restore=True) if entries else ()
            for row, outcome in zip(mine, outcomes, strict=True):
                if isinstance(outcome, LibraryBusy):
                    raise outcome
                if row.shelf is not name:
                    continue
                ended.append(row.ended(RowStatus.ALREADY if row.was_there else RowStatus.ADDED))
        return ended

    def _end(self, of: Import, part: ImportPart, ended: Iterable[ImportRow]) -> ImportPart:
        """Store outcomes with the import's counts."""
        ended = list(ended)
        numbers = {row.number for row in ended}
        before = [row for row in part.rows if row.number in numbers]
        changed = of.with_changes(before, ended, self.now())
        is_completed = changed.completed_at is not None and of.completed_at is None
        event = (
            self.events.import_completed(changed, Trace(of.correlation_id))
            if is_completed
            else None
        )
        following = part.with_rows(ended)
        self.imports.save(following, changed, of, event)
        count("ImportRowsProcessed", len(ended))
        if is_completed:
            count("ImportsCompleted")
        return following


def _after_lookup(row: ImportRow, found: Resolved, *, is_late: bool) -> ImportRow:
    if found.title:
        return replace(row, key=found.title.key, title=found.title)
    if found.is_unavailable:
        return row.ended(RowStatus.UNRESOLVED, Reason.UNREACHABLE) if is_late else row
    row = replace(row, suggestions=found.suggestions)
    if found.is_no_title:
        return row.ended(RowStatus.SKIPPED, Reason.EPISODE)
    reason = Reason.AMBIGUOUS if found.is_ambiguous else Reason.NOT_FOUND
    return row.ended(RowStatus.UNRESOLVED, reason)
