"""Export a user's library in parts, and import such parts.

An import may be repeated: what is stored already stays as it is, and no event is published for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from library.domain.errors import LibraryBusy
from library.domain.imports import Import
from library.domain.notices import Notice
from library.domain.preferences import Answers, Preferences
from library.domain.titles import Entry, ListName, Position
from library.ports import (
    EntryRepository,
    ImportRepository,
    OtherExport,
    PreferencesRepository,
)
from library.use_cases.add_entries import AddEntries, AddOutcome
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.preferences import PreferencesService
from library.use_cases.read_notices import ReadNotices
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace

MAX_ENTRIES_PER_PART = 500
"""A query reads 1 MB at most, so a part stays far below the 6 MB of a Lambda response."""


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """Where an export continues: in which list, after which position."""

    name: ListName
    after: Position | None = None


class OtherService(StrEnum):
    """Who else stores something of a user; what others keep is a copy of this."""

    AUTH = "account"
    ROOMS = "rooms"


@dataclass(frozen=True, slots=True)
class OtherCursor:
    """Where an export continues: with another service, after a place that it names itself."""

    service: OtherService
    after: str | None = None


@dataclass(slots=True)
class ExportPart:
    """A part of an export. The first has preferences, imports, notices; the last has no `next`.

    `elsewhere` is what another service stores, as it says it itself, by name.
    """

    exported_at: datetime
    preferences: Preferences | None = None
    imports: Sequence[Import] | None = None
    notices: Sequence[Notice] | None = None
    lists: dict[ListName, Sequence[Entry]] = field(default_factory=dict)
    elsewhere: Mapping[str, Any] = field(default_factory=dict)
    next: ExportCursor | OtherCursor | None = None


@dataclass(slots=True)
class ImportCounts:
    """How many entries of an import were added, were there already, and were not stored."""

    added: int = 0
    already: int = 0
    busy: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[AddOutcome]) -> "ImportCounts":
        """Count outcomes."""
        counts = cls()
        for outcome in outcomes:
            if isinstance(outcome, LibraryBusy):
                counts.busy += 1
            elif outcome.new:
                counts.added += 1
            else:
                counts.already += 1
        return counts


@dataclass(frozen=True, slots=True)
class ExportLibrary:
    """Exports everything that the library stores of a user."""

    preferences: PreferencesRepository
    entries: EntryRepository
    imports: ImportRepository
    notices: ReadNotices
    titles: DescribeTitles
    now: Clock = utc_now

    def __call__(self, user_id: str, cursor: ExportCursor | None) -> ExportPart:
        """Return the first part, or the one at a cursor.

        Raises AccountDeleted, LibraryUnavailable.
        """
        part = ExportPart(self.now())
        if cursor is None:
            part.preferences = self.preferences.get(user_id)
            part.imports = self.imports.list(user_id)
            part.notices = self.notices.all(user_id)
        start = cursor or ExportCursor(ListName.FAVOURITES)
        remaining = MAX_ENTRIES_PER_PART
        names = list(ListName)
        for name in names[names.index(start.name) :]:
            if remaining == 0:
                part.next = ExportCursor(name)
                break
            after = start.after if name is start.name else None
            page = self.entries.page(user_id, name, remaining, after)
            part.lists[name] = self.titles.to_show(page.entries)
            remaining -= len(page.entries)
            if page.next:
                part.next = ExportCursor(name, page.next)
                break
        return part


@dataclass(frozen=True, slots=True)
class ExportUser:
    """Exports everything that is stored of a user, service by service.

    Each part is asked of its service when the client asks for it: nothing is copied, and a service
    that does not respond fails its own parts alone, which may be asked for again.
    """

    library: ExportLibrary
    account: OtherExport
    rooms: OtherExport

    def __call__(self, user_id: str, cursor: ExportCursor | OtherCursor | None) -> ExportPart:
        """Return the first part, or the one at a cursor.

        Raises AccountDeleted, LibraryUnavailable, ExportUnavailable.
        """
        if not isinstance(cursor, OtherCursor):
            part = self.library(user_id, cursor)
            part.next = part.next or OtherCursor(OtherService.AUTH)
            return part
        part = ExportPart(self.library.now())
        if cursor.service is OtherService.AUTH:
            part.elsewhere, _ = self.account(user_id, None)
            part.next = OtherCursor(OtherService.ROOMS)
        else:
            part.elsewhere, after = self.rooms(user_id, cursor.after)
            part.next = OtherCursor(OtherService.ROOMS, after) if after else None
        return part


@dataclass(frozen=True, slots=True)
class ImportEntries:
    """Stores what an export contains. `now` is the time of entries that have none."""

    preferences: PreferencesService
    lists: Mapping[ListName, AddEntries]
    now: Clock = utc_now

    def __call__(
        self,
        user_id: str,
        answers: Answers | None,
        lists: Mapping[ListName, Sequence[Entry]],
        trace: Trace,
    ) -> Mapping[ListName, ImportCounts]:
        """Store answers and entries, which keep their `added_at`, also after a removal.

        Raises RangeReversed or PreferencesTooLong before anything is stored; AccountDeleted,
        LibraryBusy, LibraryUnavailable, after which the same import may be sent again.
        """
        if answers:
            self.preferences.change(user_id, answers, trace)
        return {
            name: ImportCounts.of(self.lists[name](user_id, entries, trace, restore=True))
            for name, entries in lists.items()
        }
