"""The ports of the use cases: repositories, the event factory, and the commands they exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from library.domain.preferences import Preferences
from library.domain.titles import Entry, ListName, Page, Position, Removal, Title
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


type Change = AddEntry | RemoveEntry | CompleteEntry


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
    """The favourites and watchlists of all users."""

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

    def save(self, title: Title, cached_at: datetime, expires_at: datetime) -> bool:
        """Store a title until a time, unless a later one is stored; return whether it was."""


class PreferencesRepository(Protocol):
    """The preferences of all users."""

    def get(self, user_id: str) -> Preferences:
        """Return a user's preferences; a consistent read. Raises AccountDeleted."""

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        """Store preferences and their event if the stored version is the one before.

        Raises VersionConflict, LibraryBusy, LibraryUnavailable.
        """


class ErasureRepository(Protocol):
    """The stored data of users, as far as it is erased."""

    def block(self, user_id: str, until: datetime) -> None:
        """Delete a user's preferences and prevent, until a time, that anything is stored."""

    def get_title_keys(self, user_id: str, name: ListName, limit: int) -> Sequence[str]:
        """Return keys of what a user's list holds, removals included; a consistent read."""

    def delete_titles(self, user_id: str, name: ListName, keys: Sequence[str]) -> None:
        """Delete up to MAX_TITLES_DELETED titles of a list."""


class EventFactory(Protocol):
    """Creates the event of each change."""

    def entry_added(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract]:
        """Create FavouriteAdded or WatchlistItemAdded."""

    def entry_described(
        self, user_id: str, name: ListName, entry: Entry, trace: Trace
    ) -> Envelope[Contract]:
        """Create FavouriteDescribed or WatchlistItemDescribed."""

    def entry_removed(
        self, user_id: str, name: ListName, removal: Removal, added_at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create FavouriteRemoved or WatchlistItemRemoved of the entry added at a time."""

    def preferences_updated(
        self, user_id: str, preferences: Preferences, at: datetime, trace: Trace
    ) -> Envelope[Contract]:
        """Create PreferencesUpdated, with all answers that are published."""
