"""The library's tables as dictionaries, with the conditions that the real ones check.

Every write stores state and event in one step, as a transaction does. Each read and write has a
checkpoint before it, so that a schedule can let others act in between, or end the process there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from library.domain.errors import AccountDeleted, ExportUnavailable, LibraryBusy, LibraryUnavailable
from library.domain.imports import Import, ImportPart
from library.domain.notices import Notice
from library.domain.preferences import Preferences
from library.domain.titles import CachedTitle, Entry, ListName, Page, Position, Removal, Title
from library.events.consumed import ImportConsumer
from library.events.factory import LibraryEventFactory
from library.events.published import (
    EntryRemoved,
    FavouriteAdded,
    FavouriteRemoved,
    TitleDismissed,
    TitleReconsidered,
    TitleSeen,
    TitleUnseen,
    WatchlistItemAdded,
    WatchlistItemRemoved,
)
from library.ports import (
    MAX_CHANGES,
    MAX_TITLES_DELETED,
    MAX_TITLES_READ,
    AddEntry,
    Change,
    CompleteEntry,
    Conflict,
    ConflictingChanges,
    EntryKey,
    EntryRepository,
    EntryState,
    EventFactory,
    ImportConflict,
    OtherStore,
    RemoveEntry,
    ReviseEntry,
    Store,
    VersionConflict,
)
from library.use_cases.add_entries import AddOutcome
from library.use_cases.changes import Added, single
from library.use_cases.complete_row import CompleteRow
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.export_films import ExportFilms
from library.use_cases.import_export import ExportLibrary, ExportUser, ImportEntries
from library.use_cases.import_file import ImportFile
from library.use_cases.import_rows import ImportRows
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.preferences import PreferencesService
from library.use_cases.read_imports import ReadImports
from library.use_cases.read_notices import ReadNotices
from library.use_cases.show_offers import ShowOffers
from library.use_cases.user_list import UserList, build_user_list
from matinee.clock import Clock
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.imports import FakeCatalogue, FakeImportQueue
from tests.fakes.schedule import READ, WRITE, WROTE, checkpoint

TRACE = Trace("a-correlation-id")


def bare(number: int = 550, media_type: MediaType = MediaType.MOVIE) -> Title:
    """Return a title of which a request says its key alone."""
    return Title(key=TitleKey(media_type, number))


def film(number: int = 550, media_type: MediaType = MediaType.MOVIE) -> Title:
    """Return an invented title."""
    key = TitleKey(media_type, number)
    return Title(key=key, title=f"Film {number}", poster_path="/p.jpg", genre_ids=(18, 53))


@dataclass
class InMemoryTables:
    """Everything that is stored. `outbox` holds every event ever committed, in order.

    The next `conflicts` commits fail, as if others held the items all the time.
    """

    lists: dict[tuple[str, ListName], dict[TitleKey, EntryState]] = field(default_factory=dict)
    preferences: dict[str, Preferences] = field(default_factory=dict)
    import_items: dict[tuple[str, str], Import | ImportPart] = field(default_factory=dict)
    notices: dict[str, dict[str, Notice]] = field(default_factory=dict)
    read_until: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, datetime] = field(default_factory=dict)
    outbox: list[Envelope[Contract]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0

    def __contains__(self, user_id: object) -> bool:
        held = any(user == user_id and titles for (user, _), titles in self.lists.items())
        imports = any(user == user_id for user, _ in self.import_items)
        noticed = bool(self.notices.get(str(user_id)))
        return held or imports or noticed or user_id in self.preferences

    @property
    def published(self) -> list[str]:
        """The types of the events, in order."""
        return [event.metadata.event_type for event in self.outbox]

    def of(self, user_id: str, name: ListName) -> dict[TitleKey, EntryState]:
        """Return what is stored of a user's list."""
        return self.lists.setdefault((user_id, name), {})

    def entries(self, user_id: str, name: ListName) -> list[Entry]:
        """Return a user's list, newest first."""
        found = [one for one in self.of(user_id, name).values() if isinstance(one, Entry)]
        return sorted(found, key=_place, reverse=True)

    def reading(self, what: str) -> None:
        """Pass the checkpoint before a read."""
        checkpoint(f"{READ}{what}")
        self.requests[what] += 1

    def writing(self, what: str) -> None:
        """Pass the checkpoint before a write."""
        checkpoint(f"{WRITE}{what}")
        self.requests[what] += 1
        if self.conflicts:
            self.conflicts -= 1
            raise LibraryBusy


@dataclass
class FakeEntryRepository:
    """The lists of all users."""

    tables: InMemoryTables

    def page(
        self,
        user_id: str,
        name: ListName,
        limit: int,
        after: Position | None,
        media_type: MediaType | None = None,
    ) -> Page:
        self.tables.reading("page")
        found = [
            entry
            for entry in self.tables.entries(user_id, name)
            if media_type in {None, entry.title.key.media_type}
        ]
        if not found and user_id in self.tables.blocked:
            raise AccountDeleted
        if after:
            start = (after.added_at, str(after.key))
            found = [entry for entry in found if _place(entry) < start]
        return Page(tuple(found[:limit]), len(found) > limit)

    def get_entries(self, user_id: str, keys: Sequence[EntryKey]) -> Sequence[EntryState]:
        assert 1 <= len(keys) <= MAX_TITLES_READ
        self.tables.reading("entries")
        return [self.tables.of(user_id, name).get(key) for name, key in keys]

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        assert 1 <= len(changes) <= MAX_CHANGES
        keys = [_changed(change) for change in changes]
        assert len(set(keys)) == len(keys), "a transaction names an item once"
        self.tables.writing("commit")
        if user_id in self.tables.blocked:
            raise AccountDeleted
        conflicts = [self._conflict(user_id, change) for change in changes]
        if any(conflict.refused for conflict in conflicts):
            raise ConflictingChanges(conflicts)
        for change in changes:
            name, key = _changed(change)
            stored = change.removal if isinstance(change, RemoveEntry) else change.entry
            self.tables.of(user_id, name)[key] = stored
            if change.event:
                self.tables.outbox.append(change.event)
        checkpoint(f"{WROTE}commit")

    def _conflict(self, user_id: str, change: Change) -> Conflict:
        name, key = _changed(change)
        found = self.tables.of(user_id, name).get(key)
        match change, found:
            case AddEntry(), None:
                return Conflict(refused=False)
            case AddEntry(entry=entry), Removal(removed_at=at) if at < entry.ordered_at:
                return Conflict(refused=False)
            case ((RemoveEntry(added_at=at) | ReviseEntry(before=at)), Entry(ordered_at=found_at)):
                return Conflict(at != found_at, found if at != found_at else None)
            case CompleteEntry(entry=entry, missing=missing), Entry(ordered_at=found_at):
                known = [name for name in missing if found.title.details[name] is not None]
                refused = entry.ordered_at != found_at or bool(known)
                return Conflict(refused, found if refused else None)
        return Conflict(refused=True, state=found)


@dataclass
class FakeTitleFacts:
    """What the catalogue knows of titles, while the projection of it `is_down` or not."""

    known: dict[TitleKey, Title] = field(default_factory=dict)
    saved: dict[TitleKey, CachedTitle] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    is_down: bool = False
    asked: list[Sequence[TitleKey]] = field(default_factory=list)

    def get(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, Title]:
        self.asked.append(keys)
        if self.is_down:
            raise LibraryUnavailable
        return {key: self.known[key] for key in keys if key in self.known}

    def save(self, cached: CachedTitle) -> bool:
        assert cached.expires_at > cached.cached_at
        key = cached.title.key
        if key in self.saved and self.saved[key].cached_at >= cached.cached_at:
            return False
        self.saved[key], self.known[key] = cached, cached.title
        return True

    def add_names(self, names: Mapping[int, str]) -> None:
        self.names |= names

    def get_names(self) -> Mapping[int, str]:
        if self.is_down:
            raise LibraryUnavailable
        return self.names

    def get_providers(
        self, keys: Sequence[TitleKey], country: str
    ) -> Mapping[TitleKey, Sequence[int]]:
        self.asked.append(keys)
        return {key: self.saved[key].local.providers(country) for key in keys if key in self.saved}


@dataclass
class FakeImportRepository:
    """The imports of all users, with their rows."""

    tables: InMemoryTables

    def get(self, user_id: str, import_id: str) -> Import | None:
        self.tables.reading("import")
        found = self._import(user_id, import_id)
        if found is None and user_id in self.tables.blocked:
            raise AccountDeleted
        return found

    def list(self, user_id: str) -> Sequence[Import]:
        self.tables.reading("imports")
        if user_id in self.tables.blocked:
            raise AccountDeleted
        found = [one for one in self.tables.import_items.values() if isinstance(one, Import)]
        mine = [one for one in found if one.user_id == user_id]
        return sorted(mine, key=lambda one: one.created_at, reverse=True)

    def put_parts(self, user_id: str, import_id: str, parts: Sequence[ImportPart]) -> None:
        self.tables.writing("parts")
        if user_id in self.tables.blocked:
            raise AccountDeleted
        for part in parts:
            self.tables.import_items.setdefault((user_id, _part_key(import_id, part)), part)
        checkpoint(f"{WROTE}parts")

    def create(self, new: Import, event: Envelope[Contract] | None) -> Import:
        self.tables.writing("import created")
        if new.user_id in self.tables.blocked:
            raise AccountDeleted
        if known := self._import(new.user_id, new.id):
            return known
        self.tables.import_items[new.user_id, f"import#{new.id}"] = new
        self._publish(event)
        checkpoint(f"{WROTE}import")
        return new

    def save(
        self, part: ImportPart, changed: Import | None, of: Import, event: Envelope[Contract] | None
    ) -> None:
        self.tables.writing("part saved")
        key = (of.user_id, _part_key(of.id, part))
        stored, known = self.tables.import_items.get(key), self._import(of.user_id, of.id)
        if stored is None or stored.version != part.version - 1:
            raise ImportConflict
        if changed and (known is None or known.version != changed.version - 1):
            raise ImportConflict
        self.tables.import_items[key] = part
        if changed:
            self.tables.import_items[of.user_id, f"import#{of.id}"] = changed
        self._publish(event)
        checkpoint(f"{WROTE}part")

    def get_part(self, user_id: str, import_id: str, number: int) -> ImportPart | None:
        self.tables.reading("part")
        found = self.tables.import_items.get((user_id, f"part#{import_id}#{number:04}"))
        return found if isinstance(found, ImportPart) else None

    def get_parts(
        self, user_id: str, import_id: str, first: int, limit: int
    ) -> Sequence[ImportPart]:
        parts = (self.get_part(user_id, import_id, first + index) for index in range(limit))
        return [part for part in parts if part]

    def _import(self, user_id: str, import_id: str) -> Import | None:
        found = self.tables.import_items.get((user_id, f"import#{import_id}"))
        return found if isinstance(found, Import) else None

    def _publish(self, event: Envelope[Contract] | None) -> None:
        if event:
            self.tables.outbox.append(event)


def _part_key(import_id: str, part: ImportPart) -> str:
    return f"part#{import_id}#{part.number:04}"


@dataclass
class FakeOtherExport:
    """What another service stores of every user, part by part, while it `is_down` or not."""

    tables: InMemoryTables
    parts: Sequence[Mapping[str, Any]]
    is_down: bool = False

    def __call__(self, user_id: str, after: str | None) -> tuple[Mapping[str, Any], str | None]:
        if self.is_down:
            raise ExportUnavailable
        if user_id in self.tables.blocked:
            raise AccountDeleted
        place = int(after.removeprefix("rooms:") if after else 0)
        following = place + 1 < len(self.parts)
        return self.parts[place], f"rooms:{place + 1}" if following else None


@dataclass
class FakePreferencesRepository:
    """The preferences of all users."""

    tables: InMemoryTables

    def get(self, user_id: str) -> Preferences:
        self.tables.reading("preferences")
        if user_id in self.tables.blocked:
            raise AccountDeleted
        return self.tables.preferences.get(user_id, Preferences())

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        self.tables.writing("preferences saved")
        stored = self.tables.preferences.get(user_id, Preferences())
        if user_id in self.tables.blocked or stored.version != preferences.version - 1:
            raise VersionConflict
        self.tables.preferences[user_id] = preferences
        self.tables.outbox.append(event)
        checkpoint(f"{WROTE}preferences")


@dataclass
class FakeErasureRepository:
    """The stored data of users, as far as it is erased."""

    tables: InMemoryTables

    def block(self, user_id: str, until: datetime) -> None:
        self.tables.writing("block")
        self.tables.blocked[user_id] = until
        self.tables.preferences.pop(user_id, None)
        checkpoint(f"{WROTE}block")

    def get_keys(self, user_id: str, store: Store, limit: int) -> Sequence[str]:
        self.tables.reading(f"{store} keys")
        match store:
            case ListName():
                found = [str(key) for key in self.tables.of(user_id, store)]
            case OtherStore.IMPORTS:
                found = [key for user, key in self.tables.import_items if user == user_id]
            case OtherStore.NOTICES:
                found = list(self.tables.notices.get(user_id, {}))
        return sorted(found)[:limit]

    def delete(self, user_id: str, store: Store, keys: Sequence[str]) -> None:
        assert 1 <= len(keys) <= MAX_TITLES_DELETED
        self.tables.writing(f"delete {store}")
        for key in keys:
            match store:
                case ListName():
                    self.tables.of(user_id, store).pop(TitleKey.parse(key), None)
                case OtherStore.IMPORTS:
                    self.tables.import_items.pop((user_id, key), None)
                case OtherStore.NOTICES:
                    self.tables.notices[user_id].pop(key, None)
        checkpoint(f"{WROTE}{store}")


@dataclass
class FakeNoticeRepository:
    """What users were told."""

    tables: InMemoryTables

    def page(
        self, user_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[Notice], str | None]:
        self.tables.reading("notices")
        self._require_account(user_id)
        stored = self.tables.notices.get(user_id, {})
        ids = sorted((id_ for id_ in stored if after is None or id_ < after), reverse=True)
        until = self.tables.read_until.get(user_id, "")
        page = [replace(stored[id_], is_read=id_ <= until) for id_ in ids[:limit]]
        return page, page[-1].id if len(ids) > limit else None

    def mark_read(self, user_id: str, notice_id: str) -> bool:
        self.tables.writing("read until")
        self._require_account(user_id)
        if notice_id not in self.tables.notices.get(user_id, {}):
            return False
        until = self.tables.read_until.get(user_id, "")
        self.tables.read_until[user_id] = max(notice_id, until)
        return True

    def _require_account(self, user_id: str) -> None:
        if user_id in self.tables.blocked and not self.tables.notices.get(user_id):
            raise AccountDeleted


@dataclass
class RequestsOfList:
    """Requests for one or several titles of a list, as its routes make them."""

    use_cases: UserList

    @classmethod
    def over(
        cls,
        name: ListName,
        entries: EntryRepository,
        events: EventFactory,
        titles: DescribeTitles,
        now: Clock,
    ) -> RequestsOfList:
        """Build the use cases of a list over a repository."""
        return cls(build_user_list(name, entries, events, titles, now))

    def page(self, user_id: str, limit: int, after: Position | None) -> Page:
        return self.use_cases.list(user_id, limit, after)

    def add(self, user_id: str, title: Title, trace: Trace) -> Added:
        return single(self.add_all(user_id, [Entry.at(title, self.use_cases.now())], trace))

    def add_all(self, user_id: str, entries: Sequence[Entry], trace: Trace) -> Sequence[AddOutcome]:
        return self.use_cases.add(user_id, entries, trace)

    def remove(
        self, user_id: str, key: TitleKey, trace: Trace, added_at: datetime | None = None
    ) -> Removal | None:
        return single(self.use_cases.remove(user_id, [key], trace, added_at))

    def remove_all(
        self, user_id: str, keys: Sequence[TitleKey], trace: Trace
    ) -> Sequence[bool | LibraryBusy]:
        """Remove titles; return for each whether it was on the list."""
        outcomes = self.use_cases.remove(user_id, keys, trace)
        return [
            outcome if isinstance(outcome, LibraryBusy) else outcome is not None
            for outcome in outcomes
        ]


@dataclass
class LibraryApp:
    """The service wired over the fakes, as bootstrap.py wires it over the real ones."""

    tables: InMemoryTables = field(default_factory=InMemoryTables)
    now: FakeClock = field(default_factory=FakeClock)
    facts: FakeTitleFacts = field(default_factory=FakeTitleFacts)

    def __post_init__(self) -> None:
        events = LibraryEventFactory(now=self.now, new_id=FakeIds(self.now))
        self.entries = FakeEntryRepository(self.tables)
        titles = DescribeTitles(self.facts)
        repository = FakePreferencesRepository(self.tables)
        offers = ShowOffers(repository, self.facts)
        self.lists = {
            name: RequestsOfList.over(name, self.entries, events, titles, self.now)
            for name in ListName
        }
        for requests in self.lists.values():
            requests.use_cases = replace(requests.use_cases, offers=offers)
        self.move = MoveToFavourites(self.entries, events, self.now)
        self.preferences = PreferencesService(repository, events, self.now)
        self.imports = FakeImportRepository(self.tables)
        self.notices = ReadNotices(FakeNoticeRepository(self.tables))
        self.export = ExportUser(
            ExportLibrary(repository, self.entries, self.imports, self.notices, titles, self.now),
            FakeOtherExport(self.tables, [{"account": {"email": "ann@example.com"}}]),
            FakeOtherExport(
                self.tables,
                [
                    {"rooms": [{"id": "r1"}], "matches": [], "decisions": []},
                    {"rooms": [], "matches": [{"id": "m1"}], "decisions": []},
                ],
            ),
        )
        self.export_films = ExportFilms(self.entries, titles)
        add = {name: requests.use_cases.add for name, requests in self.lists.items()}
        self.import_entries = ImportEntries(self.preferences, add, self.now)
        self.import_queue = FakeImportQueue(self.now)
        self.catalogue = FakeCatalogue()
        self.import_file = ImportFile(self.imports, self.import_queue, events, self.now)
        self.read_imports = ReadImports(self.imports, self.imports)
        self.complete_row = CompleteRow(self.imports, self.imports, add)
        self.import_rows = ImportRows(
            imports=self.imports,
            parts=self.imports,
            entries=self.entries,
            lists=add,
            catalogue=self.catalogue,
            queue=self.import_queue,
            events=events,
            now=self.now,
        )
        self.import_consumer = ImportConsumer(self.import_rows, self.now)

    def process_imports(self) -> None:
        """Handle the messages of imports until there is none, repetitions once."""
        done: set[str] = set()
        while self.import_queue:
            message = self.import_queue.take()
            if message.metadata.event_id not in done:
                self.import_consumer.handle(message)
                done.add(message.metadata.event_id)

    @property
    def favourites(self) -> RequestsOfList:
        return self.lists[ListName.FAVOURITES]

    @property
    def watchlist(self) -> RequestsOfList:
        return self.lists[ListName.WATCHLIST]


def projected(events: Sequence[Envelope[Contract]], user_id: str, name: ListName) -> set[TitleKey]:
    """Rebuild a list as a reader does, from events in any order, by `added_at` alone."""
    added: dict[TitleKey, datetime] = {}
    removed: dict[TitleKey, datetime] = {}
    for event in events:
        data: Any = event.data
        if type(data) not in _EVENTS[name] or data.user_id != user_id:
            continue
        key = TitleKey(MediaType(data.media_type), data.media_id)
        known = removed if isinstance(data, EntryRemoved) else added
        known[key] = max(data.added_at, known.get(key, data.added_at))
    return {key for key, at in added.items() if key not in removed or removed[key] < at}


_EVENTS = {
    ListName.FAVOURITES: (FavouriteAdded, FavouriteRemoved),
    ListName.WATCHLIST: (WatchlistItemAdded, WatchlistItemRemoved),
    ListName.SEEN: (TitleSeen, TitleUnseen),
    ListName.DISMISSED: (TitleDismissed, TitleReconsidered),
}


def _place(entry: Entry) -> tuple[datetime, str]:
    return entry.added_at, str(entry.title.key)


def _changed(change: Change) -> EntryKey:
    title = change.removal if isinstance(change, RemoveEntry) else change.entry.title
    return change.list_name, title.key
