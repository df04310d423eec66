"""What the use cases need from the world, named by the part that it plays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from library.domain.preferences import Preferences
from library.domain.titles import Entry, ListName, Page, Position, Removal, TitleKey
from matinee.events.contract import Contract, Envelope

CHANGES_AT_ONCE = 49
"""DynamoDB commits a hundred actions together: a change is two, the look for a barred user one."""

type Standing = Entry | Removal | None
"""What is known of a title on a list: it is there, it was taken off, or nothing."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A title is to be on a list; its entry is later than any removal of it before."""

    to: ListName
    entry: Entry
    event: Envelope[Contract]


@dataclass(frozen=True, slots=True)
class Departure:
    """The entry of `added_at` is to go; its removal stays, so that what follows is later."""

    of: ListName
    removal: Removal
    added_at: datetime
    event: Envelope[Contract]


type Change = Addition | Departure
type Place = tuple[ListName, TitleKey]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Whether a change was refused, and if so, what stands there instead."""

    refused: bool
    standing: Standing = None


class InTheWay(Exception):
    """Some changes are not possible as things stand; nothing was written.

    `obstacles` tells of each change, in their order.
    """

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        self.obstacles = obstacles
        super().__init__("the lists are not as expected")


class Overtaken(Exception):
    """The preferences are no longer as they were read; nothing was written."""


class Lists(Protocol):
    """The favourites and watchlists of all users."""

    def page(self, user_id: str, name: ListName, limit: int, after: Position | None) -> Page:
        """Return a user's list as of now, newest first, after a place in it; one query."""

    def standing(self, user_id: str, wanted: Sequence[Place]) -> Sequence[Standing]:
        """Return what is known of up to a hundred titles as of now, in one request."""

    def commit(self, user_id: str, changes: Sequence[Change]) -> None:
        """Make up to CHANGES_AT_ONCE changes and tell them, all or none, in one request.

        No two of them may be about the same title of the same list. Raises InTheWay,
        AccountDeleted, LibraryBusy.
        """


class PreferenceRows(Protocol):
    """The preferences of all users."""

    def find(self, user_id: str) -> Preferences:
        """Return a user's preferences as of now. Raises AccountDeleted."""

    def save(self, user_id: str, preferences: Preferences, event: Envelope[Contract]) -> None:
        """Store preferences and tell it, if those stored are the version before.

        Raises Overtaken, LibraryBusy.
        """


class Erasable(Protocol):
    """What the library holds of users, as far as it is erased."""

    def bar(self, user_id: str, until: datetime) -> None:
        """Erase a user's preferences, and let nothing of his be stored from now on."""

    def titles(self, user_id: str, name: ListName, limit: int) -> Sequence[str]:
        """Return keys of what is stored of a user's list as of now, removals included."""

    def erase(self, user_id: str, name: ListName, keys: Sequence[str]) -> None:
        """Delete up to 25 of them."""


class Resumption(Protocol):
    """How a long erasure goes on after its invocation."""

    def resume(self, event: Envelope[Contract]) -> None:
        """Have an event handled once more, as a new one that it has caused."""
