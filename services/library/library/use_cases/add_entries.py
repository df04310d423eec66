"""The use cases of a user's lists: the same for favourites and watchlist.

Every change is committed together with the event that tells it, or not at all. What is already as
wished is a success and tells nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from library.domain.errors import FavouriteNotFound, LibraryBusy, WatchlistItemNotFound
from library.domain.titles import Entry, ListName, Page, Position, Removal, Title, TitleKey
from library.events.factory import Announcer
from library.ports import CHANGES_AT_ONCE, Addition, Departure, InTheWay, Lists, Standing
from matinee.events.envelope import Trace
from matinee.observability import count

ROUNDS = 6
"""How often a change is tried again that found the list otherwise than it had expected."""

NOT_FOUND: Mapping[ListName, type[FavouriteNotFound | WatchlistItemNotFound]] = {
    ListName.FAVOURITES: FavouriteNotFound,
    ListName.WATCHLIST: WatchlistItemNotFound,
}
_COUNTED: Mapping[ListName, str] = {
    ListName.FAVOURITES: "Favourites",
    ListName.WATCHLIST: "WatchlistItems",
}


@dataclass(frozen=True, slots=True)
class Added:
    """An entry as it is on the list; `new` tells whether it was put there by this request."""

    entry: Entry
    new: bool


@dataclass(slots=True)
class _Rounds:
    """Changes that are tried together, each again as long as something else stands in its way."""

    lists: Lists
    user_id: str

    def __call__[K](
        self,
        wanted: Mapping[K, Standing],
        change: Callable[[K, Standing], Addition | Departure | None],
    ) -> None:
        """Commit what `change` answers for each key and its standing, until it is in or needless.

        Raises LibraryBusy when somebody else changes the same titles all the time.
        """
        standings = dict(wanted)
        for _ in range(ROUNDS):
            planned = {
                key: made
                for key, standing in standings.items()
                if (made := change(key, standing)) is not None
            }
            if not planned:
                return
            try:
                self.lists.commit(self.user_id, list(planned.values()))
            except InTheWay as found:
                obstacles = zip(planned, found.obstacles, strict=True)
                standings = {
                    key: obstacle.standing if obstacle.refused else standings[key]
                    for key, obstacle in obstacles
                }
            else:
                return
        raise LibraryBusy


@dataclass(frozen=True, slots=True)
class ListService:
    """One list of every user."""

    name: ListName
    lists: Lists
    announce: Announcer = field(default_factory=Announcer)

    def now(self) -> datetime:
        """Return the moment at which a title would be put on the list."""
        return self.announce.now()

    def page(self, user_id: str, limit: int, after: Position | None) -> Page:
        """Return a part of a user's list, newest first."""
        return self.lists.page(user_id, self.name, limit, after)

    def add(self, user_id: str, title: Title, trace: Trace) -> Added:
        """Put a title on the list; one request. Who has it keeps the moment since when.

        Raises AccountDeleted, LibraryBusy, LibraryUnavailable.
        """
        (added,) = self.add_all(user_id, [Entry.at(title, self.now())], trace)
        if isinstance(added, LibraryBusy):
            raise added
        return added

    def add_all(
        self, user_id: str, entries: Sequence[Entry], trace: Trace
    ) -> Sequence[Added | LibraryBusy]:
        """Put titles on the list, 49 in one commit; return for each what became of it.

        Of several entries of one title the first is taken. Raises what `add` raises.
        """
        first: dict[TitleKey, Entry] = {}
        for entry in entries:
            first.setdefault(entry.title.key, entry)
        outcomes: dict[TitleKey, Added | LibraryBusy] = {}
        for chunk in batched(first, CHANGES_AT_ONCE, strict=False):
            outcomes |= self._add_chunk(user_id, [first[key] for key in chunk], trace)
        new = sum(isinstance(made, Added) and made.new for made in outcomes.values())
        if new:
            count(f"{_COUNTED[self.name]}Added", new)
        return list(_repeated_as_old(entries, outcomes))

    def remove(
        self, user_id: str, key: TitleKey, trace: Trace, added_at: datetime | None = None
    ) -> None:
        """Take a title off the list.

        Its entry is looked up first, unless the caller says since when it is there. Raises
        FavouriteNotFound or WatchlistItemNotFound, AccountDeleted, LibraryBusy, LibraryUnavailable.
        """
        known = {key: Entry.at(Title(key=key), added_at)} if added_at else None
        if not self._remove_chunk(user_id, [key], trace, known)[key]:
            raise NOT_FOUND[self.name]

    def remove_all(
        self, user_id: str, keys: Sequence[TitleKey], trace: Trace
    ) -> Sequence[bool | LibraryBusy]:
        """Take titles off the list; return for each whether it was there.

        A title that is named again is no longer there. Raises what `add` raises.
        """
        outcomes: dict[TitleKey, bool | LibraryBusy] = {}
        for chunk in batched(dict.fromkeys(keys), CHANGES_AT_ONCE, strict=False):
            try:
                outcomes |= self._remove_chunk(user_id, chunk, trace)
            except LibraryBusy as busy:
                outcomes |= dict.fromkeys(chunk, busy)
        named: set[TitleKey] = set()
        answers: list[bool | LibraryBusy] = []
        for key in keys:
            answers.append(outcomes[key] if key not in named else False)
            named.add(key)
        return answers

    def _add_chunk(
        self, user_id: str, entries: Iterable[Entry], trace: Trace
    ) -> dict[TitleKey, Added | LibraryBusy]:
        wanted = {entry.title.key: entry for entry in entries}
        outcomes: dict[TitleKey, Added | LibraryBusy] = {}

        def change(key: TitleKey, standing: Standing) -> Addition | None:
            if isinstance(standing, Entry):
                outcomes[key] = Added(standing, new=False)
                return None
            entry = wanted[key].after(standing) if standing else wanted[key]
            outcomes[key] = Added(entry, new=True)
            event = self.announce.added(user_id, self.name, entry, trace)
            return Addition(self.name, entry, event)

        try:
            _Rounds(self.lists, user_id)(dict.fromkeys(wanted), change)
        except LibraryBusy as busy:
            old = {key: made for key, made in outcomes.items() if not _is_new(made)}
            return {**dict.fromkeys(wanted, busy), **old}
        return outcomes

    def _remove_chunk(
        self,
        user_id: str,
        keys: Sequence[TitleKey],
        trace: Trace,
        known: Mapping[TitleKey, Standing] | None = None,
    ) -> dict[TitleKey, bool]:
        if known is None:
            found = self.lists.standing(user_id, [(self.name, key) for key in keys])
            known = dict(zip(keys, found, strict=True))
        removed = dict.fromkeys(keys, False)

        def change(key: TitleKey, standing: Standing) -> Departure | None:
            removed[key] = isinstance(standing, Entry)
            if not isinstance(standing, Entry):
                return None
            return departure(self.announce, user_id, self.name, standing, trace)

        _Rounds(self.lists, user_id)(known, change)
        if any(removed.values()):
            count(f"{_COUNTED[self.name]}Removed", sum(removed.values()))
        return removed


@dataclass(frozen=True, slots=True)
class Mover:
    """Turns what a user wanted to watch into a favourite."""

    lists: Lists
    announce: Announcer = field(default_factory=Announcer)

    def move(self, user_id: str, key: TitleKey, trace: Trace) -> Added:
        """Take a title off the watchlist and put it among the favourites, both or neither.

        What is a favourite already stays as it is. Repeated, it changes nothing. Raises
        WatchlistItemNotFound when the title is on neither list, AccountDeleted, LibraryBusy.
        """
        places = [(ListName.WATCHLIST, key), (ListName.FAVOURITES, key)]
        for _ in range(ROUNDS):
            waiting, liked = self.lists.standing(user_id, places)
            if not isinstance(waiting, Entry):
                if isinstance(liked, Entry):
                    return Added(liked, new=False)
                raise WatchlistItemNotFound
            changes: list[Addition | Departure] = [
                departure(self.announce, user_id, ListName.WATCHLIST, waiting, trace)
            ]
            if isinstance(liked, Entry):
                favourite = liked
            else:
                favourite = Entry.at(waiting.title, self.announce.now())
                favourite = favourite.after(liked) if isinstance(liked, Removal) else favourite
                event = self.announce.added(user_id, ListName.FAVOURITES, favourite, trace)
                changes.append(Addition(ListName.FAVOURITES, favourite, event))
            try:
                self.lists.commit(user_id, changes)
            except InTheWay:
                continue
            count("TitlesMoved")
            return Added(favourite, new=favourite is not liked)
        raise LibraryBusy


def departure(
    announce: Announcer, user_id: str, name: ListName, entry: Entry, trace: Trace
) -> Departure:
    """Return the change that takes an entry off a list now."""
    removal = entry.ended(announce.now())
    event = announce.removed(user_id, name, removal, entry.added_at, trace)
    return Departure(name, removal, entry.added_at, event)


def _is_new(made: Added | LibraryBusy) -> bool:
    return isinstance(made, Added) and made.new


def _repeated_as_old(
    entries: Iterable[Entry], outcomes: Mapping[TitleKey, Added | LibraryBusy]
) -> Iterator[Added | LibraryBusy]:
    """Iterate over what became of each entry; one whose title came before is nothing new."""
    seen: set[TitleKey] = set()
    for entry in entries:
        made = outcomes[entry.title.key]
        if isinstance(made, Added) and entry.title.key in seen:
            made = Added(made.entry, new=False)
        seen.add(entry.title.key)
        yield made
