"""The ports of the use cases: repositories, the event factory, and the commands they exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from library.domain.imports import Import, ImportPart, ImportRow, Suggestion
from library.domain.notices import Notice
from library.domain.preferences import Answers, Preferences
from library.domain.titles import CachedTitle, Entry, ListName, Page, Position, Removal, Title
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey

MAX_CHANGES = 49
"""In one commit: a transaction has at most 100 actions, two for each change and one check."""

MAX_TITLES_READ = 100
MAX_TITLES_DELETED = 25

type EntryState = Entry | Removal | None
"""What is stored of a title on a list: that it is there, that it was removed, or nothing."""

type EntryKey = tuple[ListName, TitleKey]


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Command: add an entry to a list. It must be later than any removal of the title."""

    list_name: ListName
    entry: Entry
    event: Envelope[Contract]


@dataclass(frozen=True, slots=True)
class ReviseEntry:
    """Command: put an entry in place of the one of the title that is ordered by `before`."""

    list_name: ListName
    entry: Entry
    before: datetime
    event: Envelope[Contract]


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Command: replace the entry that is ordered by `added_at` by its removal."""

    list_name: ListName
    removal: Removal
    added_at: datetime
    event: Envelope[Contract]


@dataclass(frozen=True, slots=True)
class CompleteEntry:
    """Command: store the details of an entry whose names are in `missing`: none is stored yet.

    Without an event when none of them is published.
    """

    list_name: ListName
    entry: Entry
    missing: tuple[str, ...]
    event: Envelope[Contract] | None


type Change = AddEntry | ReviseEntry | RemoveEntry | CompleteEntry


@dataclass(frozen=True, slots=True)
class Conflict:
    """Whether one change was refused; if so, `state` is what is stored instead."""

    refused: bool
    state: EntryState = None


class ConflictingChanges(Exception):
    """Some changes do not fit what is stored; nothing was written.

    `conflicts` has one element for each change, in the same order.
    """

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = conflicts
        super().__init__("the lists are not in the expected state")


class VersionConflict(Exception):
    """The stored preferences have another version than expected; nothing was written."""


class EntryRepository(Protocol):
    """The lists of all users."""

    def page(
        self,
        user_id: str,
        name: ListName,
        limit: int,
        after: Position | None,
        media_type: MediaType | None = None,
    ) -> Page:
        """Return the entries after a position, newest first; a consistent read.

        It is one query; of one media type alone, as many as it takes to fill the page. Raises
        AccountDeleted for a blocked user with an empty list.
        """

    def get_entries(self, user_id: str, keys: Sequence[EntryKey]) -> Sequence[EntryState]:
        """Return the states of up to MAX_TITLES_READ titles; a consistent read, one request."""

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        """Write up to MAX_CHANGES changes and their events, all or none, in one request.

        No two of them may be about the same title of the same list. Raises ConflictingChanges,
        AccountDeleted, LibraryBusy, LibraryUnavailable.
        """


class TitleFactsRepository(Protocol):
    """What the catalogue knows of titles."""

    def get(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, Title]:
        """Return the titles that are known, of any number. Raises LibraryBusy, LibraryUnavailable.

        One request for each MAX_TITLES_READ of them.
        """


class TitleFactsWriter(Protocol):
    """The projection of the catalogue's titles."""

    def save(self, cached: CachedTitle) -> bool:
        """Store a title until it expires, unless a later one is stored; return whether it was."""

    def add_names(self, names: Mapping[int, str]) -> None:
        """Store the names of providers, by TMDB's ids, beside those that are known."""


class ProviderRepository(Protocol):
    """Who streams titles, as the catalogue knows it. Raises LibraryBusy, LibraryUnavailable."""

    def get_providers(
        self, keys: Sequence[TitleKey], country: str
    ) -> Mapping[TitleKey, Sequence[int]]:
        """Return the ids of those that stream titles in a country, of the titles that are known.

        One request for each MAX_TITLES_READ of them.
        """

    def get_names(self) -> Mapping[int, str]:
        """Return the names of providers by their ids."""


class PreferencesRepository(Protocol):
    """The preferences of all users."""

    def get(self, user_id: str) -> Preferences:
        """Return a user's preferences; a consistent read. Raises AccountDeleted."""

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        """Store preferences and their event if the stored version is the one before.

        Raises VersionConflict, LibraryBusy, LibraryUnavailable.
        """


class WatcherRepository(Protocol):
    """Those on whose watchlist a title is, and what they have answered."""

    def list_watchers(
        self, key: TitleKey, after: str | None, limit: int
    ) -> tuple[Sequence[str], str | None]:
        """Return users after a position, and the next position, if there may be more.

        Eventually consistent.
        """

    def get_answers(self, user_ids: Sequence[str]) -> Mapping[str, Answers]:
        """Return the answers of up to 100 users; without those who are deleted, or gave none."""

    def tell(self, user_id: str, notice: Notice, event: Envelope[Contract]) -> bool:
        """Store a notice and its event if the title is on the user's watchlist.

        Return whether they were stored: not again while the event waits for its publication.
        """


class AvailabilityEventFactory(Protocol):
    """Creates the event that somebody can stream a title."""

    def title_available(self, user_id: str, notice: Notice, trace: Trace) -> Envelope[Contract]:
        """Create WatchlistTitleAvailable. The same cause and user make the same event."""


class NoticeRepository(Protocol):
    """What users were told; for NOTICE_TTL."""

    def page(
        self, user_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[Notice], str | None]:
        """Return notices after the one of an id, newest first, and where they continue.

        A consistent read. Raises AccountDeleted for a blocked user without notices.
        """

    def mark_read(self, user_id: str, notice_id: str) -> bool:
        """Mark a notice, and all before it, as read; return False if there is no such notice.

        Raises AccountDeleted for a blocked user.
        """


class ImportConflict(Exception):
    """An import or a part of it has been changed by another since it was read, or is gone."""


class CatalogueUnavailable(Exception):
    """The catalogue cannot look anything up now."""


class ImportRepository(Protocol):
    """The imports of all users, with their rows."""

    def get(self, user_id: str, import_id: str) -> Import | None:
        """Return an import; a consistent read. Raises AccountDeleted for a blocked user."""

    def list(self, user_id: str) -> Sequence[Import]:
        """Return a user's imports, newest first. Raises AccountDeleted for a blocked user."""

    def put_parts(self, user_id: str, import_id: str, parts: Sequence[ImportPart]) -> None:
        """Store new parts; those that exist stay as they are. Raises AccountDeleted."""

    def create(self, new: Import, event: Envelope[Contract] | None) -> Import:
        """Store a new import whose parts are stored; return the one that is stored.

        That may be another's of the same file. Raises AccountDeleted.
        """

    def save(
        self, part: ImportPart, changed: Import | None, of: Import, event: Envelope[Contract] | None
    ) -> None:
        """Store a part's next version, and with it the next one of the import if it changed.

        Raises ImportConflict if either is not the version before.
        """


class ImportParts(Protocol):
    """The rows of imports."""

    def get_part(self, user_id: str, import_id: str, number: int) -> ImportPart | None:
        """Return a part; a consistent read."""

    def get_parts(
        self, user_id: str, import_id: str, first: int, limit: int
    ) -> Sequence[ImportPart]:
        """Return up to `limit` parts from a number on; fewer if they are large, none at the end."""


class ImportQueue(Protocol):
    """The imports' own queue."""

    def send(
        self, of: Import, part: int, caused_by: str | None = None, delay_seconds: float = 0
    ) -> None:
        """Request that a part is processed. The same cause and part make the same message.

        Raises LibraryUnavailable.
        """


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the catalogue finds for a row. `is_unavailable`: it is to be asked again.

    Without a title `reason` says why, and there may be suggestions.
    """

    title: Title | None = None
    is_unavailable: bool = False
    is_ambiguous: bool = False
    is_no_title: bool = False
    suggestions: tuple[Suggestion, ...] = ()


class TitleCatalogue(Protocol):
    """The catalogue service, as far as it knows which titles rows mean."""

    def resolve(
        self, rows: Sequence[ImportRow], correlation_id: str
    ) -> tuple[Sequence[Resolved], float | None]:
        """Return what each row means, and in how many seconds to ask again, if that is known.

        Raises CatalogueUnavailable.
        """


class OtherStore(StrEnum):
    """What is stored of a user beside lists and preferences."""

    IMPORTS = "imports"
    NOTICES = "notices"


type Store = ListName | OtherStore


class ErasureRepository(Protocol):
    """The stored data of users, as far as it is erased."""

    def block(self, user_id: str, until: datetime) -> None:
        """Delete a user's preferences and prevent, until a time, that anything is stored.

        But notices of titles that are still on the watchlist.
        """

    def get_keys(self, user_id: str, store: Store, limit: int) -> Sequence[str]:
        """Return keys of what a user's store holds, removals included; a consistent read."""

    def delete(self, user_id: str, store: Store, keys: Sequence[str]) -> None:
        """Delete up to MAX_TITLES_DELETED of them."""


class OtherExport(Protocol):
    """Another service's part of a user's export, through its published interface."""

    def __call__(self, user_id: str, after: str | None) -> tuple[Mapping[str, Any], str | None]:
        """Return what it stores of the user, by name, and where it continues; None at the end.

        Raises AccountDeleted, ExportUnavailable.
        """


class EventFactory(Protocol):
    """Creates the event of each change."""

    def entry_added(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract]:
        """Create FavouriteAdded, WatchlistItemAdded, TitleSeen or TitleDismissed."""

    def entry_described(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract] | None:
        """Create FavouriteDescribed or WatchlistItemDescribed; other lists have no such event."""

    def entry_removed(
        self, user_id: str, name: ListName, removal: Removal, added_at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of a removal from the list: of the entry that is ordered by a time."""

    def preferences_updated(
        self, user_id: str, preferences: Preferences, at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create PreferencesUpdated, with all answers that are published."""


class ImportEventFactory(Protocol):
    """Creates the event of a completed import."""

    def import_completed(self, completed: Import, trace: Trace) -> Envelope[Contract]:
        """Create ImportCompleted, with the counts of the moment of its completion."""
