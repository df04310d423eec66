"""The library's tables as dictionaries, with the conditions that the real ones check.

Every write stores state and event in one step, as a transaction does; every read and write has a
checkpoint before it, so that a schedule can let others act in between, or end the process there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from library.adapters.dynamodb.items import media_key
from library.domain.errors import AccountDeleted, LibraryBusy
from library.domain.preferences import Preferences
from library.domain.titles import (
    Entry,
    ListName,
    MediaType,
    Page,
    Position,
    Removal,
    Title,
    TitleKey,
)
from library.events.factory import Announcer
from library.events.published import (
    FavouriteAdded,
    FavouriteRemoved,
    WatchlistItemAdded,
    WatchlistItemRemoved,
)
from library.ports import (
    CHANGES_AT_ONCE,
    Addition,
    Change,
    InTheWay,
    Obstacle,
    Overtaken,
    Place,
    Standing,
)
from library.use_cases.add_entries import ListService, Mover
from library.use_cases.import_export import TransferService
from library.use_cases.preferences import PreferenceService
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.schedule import WROTE, checkpoint

TRACE = Trace("a-correlation-id")


def film(number: int = 550, media_type: MediaType = MediaType.MOVIE) -> Title:
    """Answer an invented title."""
    key = TitleKey(media_type, number)
    return Title(key=key, title=f"Film {number}", poster_path="/p.jpg", genre_ids=(18, 53))


@dataclass
class Shelves:
    """Everything that is stored. `outbox` holds every event ever committed, in order.

    The next `conflicts` commits are refused as those that others hold up all the time.
    """

    lists: dict[tuple[str, ListName], dict[TitleKey, Entry | Removal]] = field(default_factory=dict)
    rows: dict[str, Preferences] = field(default_factory=dict)
    barred: dict[str, datetime] = field(default_factory=dict)
    outbox: list[Envelope[Contract]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0

    def __contains__(self, user_id: object) -> bool:
        held = any(user == user_id and titles for (user, _), titles in self.lists.items())
        return held or user_id in self.rows

    @property
    def told(self) -> list[str]:
        """The types of the events, in order."""
        return [event.metadata.event_type for event in self.outbox]

    def of(self, user_id: str, name: ListName) -> dict[TitleKey, Entry | Removal]:
        """Answer what is known of a user's list."""
        return self.lists.setdefault((user_id, name), {})

    def entries(self, user_id: str, name: ListName) -> list[Entry]:
        """Answer a user's list, newest first."""
        found = [one for one in self.of(user_id, name).values() if isinstance(one, Entry)]
        return sorted(found, key=_place, reverse=True)

    def reading(self, what: str) -> None:
        """Stand before a read."""
        checkpoint(f"read {what}")
        self.requests[what] += 1

    def writing(self, what: str) -> None:
        """Stand before a write."""
        checkpoint(f"write {what}")
        self.requests[what] += 1
        if self.conflicts:
            self.conflicts -= 1
            raise LibraryBusy


@dataclass
class FakeLists:
    """The lists of all users."""

    shelves: Shelves

    def page(self, user_id: str, name: ListName, limit: int, after: Position | None) -> Page:
        self.shelves.reading("page")
        found = self.shelves.entries(user_id, name)
        if after:
            start = (after.added_at, media_key(after.key))
            found = [entry for entry in found if _place(entry) < start]
        return Page(tuple(found[:limit]), len(found) > limit)

    def standing(self, user_id: str, wanted: Sequence[Place]) -> Sequence[Standing]:
        assert 1 <= len(wanted) <= 100
        self.shelves.reading("standing")
        return [self.shelves.of(user_id, name).get(key) for name, key in wanted]

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        assert 1 <= len(changes) <= CHANGES_AT_ONCE
        places = [_changed(change) for change in changes]
        assert len(set(places)) == len(places), "a transaction names an item once"
        self.shelves.writing("commit")
        if user_id in self.shelves.barred:
            raise AccountDeleted
        obstacles = [self._obstacle(user_id, change) for change in changes]
        if any(obstacle.refused for obstacle in obstacles):
            raise InTheWay(obstacles)
        for change in changes:
            name, key = _changed(change)
            stored = change.entry if isinstance(change, Addition) else change.removal
            self.shelves.of(user_id, name)[key] = stored
            self.shelves.outbox.append(change.event)
        checkpoint(f"{WROTE} commit")

    def _obstacle(self, user_id: str, change: Change) -> Obstacle:
        name, key = _changed(change)
        found = self.shelves.of(user_id, name).get(key)
        match change, found:
            case Addition(), None:
                return Obstacle(refused=False)
            case Addition(entry=entry), Removal(removed_at=at) if at < entry.added_at:
                return Obstacle(refused=False)
            case _, Entry(added_at=at) if not isinstance(change, Addition):
                refused = at != change.added_at
                return Obstacle(refused, found if refused else None)
        return Obstacle(refused=True, standing=found)


@dataclass
class FakePreferences:
    """The preferences of all users."""

    shelves: Shelves

    def find(self, user_id: str) -> Preferences:
        self.shelves.reading("preferences")
        if user_id in self.shelves.barred:
            raise AccountDeleted
        return self.shelves.rows.get(user_id, Preferences())

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        self.shelves.writing("preferences saved")
        present = self.shelves.rows.get(user_id, Preferences())
        if user_id in self.shelves.barred or present.version != preferences.version - 1:
            raise Overtaken
        self.shelves.rows[user_id] = preferences
        self.shelves.outbox.append(event)
        checkpoint(f"{WROTE} preferences")


@dataclass
class FakeErasable:
    """All of it, as far as it is erased."""

    shelves: Shelves

    def bar(self, user_id: str, until: datetime) -> None:
        self.shelves.writing("bar")
        self.shelves.barred[user_id] = until
        self.shelves.rows.pop(user_id, None)
        checkpoint(f"{WROTE} bar")

    def titles(self, user_id: str, name: ListName, limit: int) -> Sequence[str]:
        self.shelves.reading("titles")
        return sorted(map(media_key, self.shelves.of(user_id, name)))[:limit]

    def erase(self, user_id: str, name: ListName, keys: Sequence[str]) -> None:
        assert 1 <= len(keys) <= 25
        self.shelves.writing("erase")
        known = self.shelves.of(user_id, name)
        for key in [key for key in known if media_key(key) in keys]:
            del known[key]
        checkpoint(f"{WROTE} erase")


@dataclass
class Library:
    """The service put together over the fakes, as bootstrap.py does it over the real ones."""

    shelves: Shelves = field(default_factory=Shelves)
    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        announce = Announcer(self.now, FakeIds(self.now))
        lists = FakeLists(self.shelves)
        self.lists = {name: ListService(name, lists, announce) for name in ListName}
        self.mover = Mover(lists, announce)
        self.preferences = PreferenceService(FakePreferences(self.shelves), announce, self.now)
        self.transfer = TransferService(self.preferences, self.lists, self.now)

    @property
    def favourites(self) -> ListService:
        return self.lists[ListName.FAVOURITES]

    @property
    def watchlist(self) -> ListService:
        return self.lists[ListName.WATCHLIST]


def projected(events: Sequence[Envelope[Contract]], user_id: str, name: ListName) -> set[TitleKey]:
    """Rebuild a list as a reader does, from events in any order, by `added_at` alone."""
    added: dict[TitleKey, datetime] = {}
    removed: dict[TitleKey, datetime] = {}
    for event in events:
        data: Any = event.data
        if type(data) not in _TELLS[name] or data.user_id != user_id:
            continue
        key = TitleKey(MediaType(data.media_type), data.media_id)
        known = removed if isinstance(data, FavouriteRemoved | WatchlistItemRemoved) else added
        known[key] = max(data.added_at, known.get(key, data.added_at))
    return {key for key, at in added.items() if key not in removed or removed[key] < at}


_TELLS = {
    ListName.FAVOURITES: (FavouriteAdded, FavouriteRemoved),
    ListName.WATCHLIST: (WatchlistItemAdded, WatchlistItemRemoved),
}


def _place(entry: Entry) -> tuple[datetime, str]:
    return entry.added_at, media_key(entry.title.key)


def _changed(change: Change) -> Place:
    if isinstance(change, Addition):
        return change.to, change.entry.title.key
    return change.of, change.removal.key
