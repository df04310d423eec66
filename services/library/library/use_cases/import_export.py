"""The use cases of taking one's library along: everything as JSON, part by part, and back.

An import is repeated without harm: what is there already stays as it is and is told to nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from library.domain.errors import LibraryBusy
from library.domain.preferences import Answers, Preferences
from library.domain.titles import Entry, ListName, Position
from library.use_cases.add_entries import Added, ListService
from library.use_cases.preferences import PreferenceService
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace

ENTRIES_PER_PART = 500
"""A part's query reads 1 MB at most, so a part stays far below the 6 MB that Lambda answers."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where an export goes on: in which list, after which place in it."""

    name: ListName
    after: Position | None = None


@dataclass(slots=True)
class Part:
    """A part of an export. The first one has the preferences; the last one has no `next`."""

    preferences: Preferences | None = None
    lists: dict[ListName, Sequence[Entry]] = field(default_factory=dict)
    next: Bookmark | None = None


@dataclass(slots=True)
class Imported:
    """What became of the entries of an import."""

    added: int = 0
    already: int = 0
    busy: int = 0

    def book(self, outcomes: Iterable[Added | LibraryBusy]) -> None:
        """Count what became of some entries."""
        for outcome in outcomes:
            if isinstance(outcome, LibraryBusy):
                self.busy += 1
            elif outcome.new:
                self.added += 1
            else:
                self.already += 1


@dataclass(frozen=True, slots=True)
class TransferService:
    """All that a user has stored, in and out."""

    preferences: PreferenceService
    lists: Mapping[ListName, ListService]
    now: Clock = utc_now

    def export(self, user_id: str, bookmark: Bookmark | None) -> Part:
        """Return a part of everything: the first one, or the one at a bookmark.

        Raises AccountDeleted, LibraryUnavailable.
        """
        part = Part()
        if bookmark is None:
            part.preferences = self.preferences.find(user_id)
        place = bookmark or Bookmark(ListName.FAVOURITES)
        room = ENTRIES_PER_PART
        names = list(ListName)
        for name in names[names.index(place.name) :]:
            if room == 0:
                part.next = Bookmark(name)
                break
            after = place.after if name is place.name else None
            page = self.lists[name].page(user_id, room, after)
            part.lists[name] = page.entries
            room -= len(page.entries)
            if page.next:
                part.next = Bookmark(name, page.next)
                break
        return part

    def take_in(
        self,
        user_id: str,
        answers: Answers | None,
        lists: Mapping[ListName, Sequence[Entry]],
        trace: Trace,
    ) -> Mapping[ListName, Imported]:
        """Store what an export holds; entries keep since when they were on the list.

        Raises RangeReversed or PreferencesTooLong before anything is stored; AccountDeleted,
        LibraryBusy, LibraryUnavailable, after which the same import may simply be sent again.
        """
        if answers:
            self.preferences.change(user_id, answers, trace)
        outcome: dict[ListName, Imported] = {}
        for name, entries in lists.items():
            outcome[name] = Imported()
            outcome[name].book(self.lists[name].add_all(user_id, entries, trace))
        return outcome
