"""The feed of a room: what happens there, numbered without gaps, the same for everybody.

Two things are numbered: `last` is the number of the last entry, `published` that of the last one
that subscribers were sent. One publisher at a time sends what is in between, in order: it is the
one that handles the event `publisher`. Whoever appends while another publishes leaves their entry
to it. So as long as something is unpublished, there is an event that is not handled yet and that
is answerable for it: if its handling crashes, its queue delivers it again.

Votes show as progress: a count, at most once a second and person, with neither title nor opinion.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from matinee.media import MediaType
from rooms.domain.decision import DecidedBy
from rooms.domain.life import CloseReason
from rooms.domain.presence import Progress
from rooms.domain.room import DELETED_USER

PROGRESS_INTERVAL = timedelta(seconds=1)
"""Between two entries about one person's progress."""

PUBLISHER_TIMEOUT = timedelta(seconds=30)
"""After which another may publish: as long as the function may take."""

PUBLISHING_BUDGET = timedelta(seconds=2)
"""After which a publisher leaves the rest to another: a batch of ten ends within the timeout."""


class EntryKind(StrEnum):
    """What an entry is about."""

    INVITED = "INVITED"
    JOINED = "JOINED"
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    PROGRESS = "PROGRESS"
    MATCH = "MATCH"
    DEALT = "DEALT"
    PROPOSED = "PROPOSED"
    DECIDED = "DECIDED"
    EXTENDED = "EXTENDED"
    CLOSED = "CLOSED"
    RESET = "RESET"
    """No entry of a room: those up to its number cannot be had any more."""


LEAVING = frozenset({EntryKind.LEFT, EntryKind.REMOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry. `seq` is its number, 0 before it has one; what its kind does not have is None.

    `room_version` orders the changes of membership and of the time at which the room closes.
    """

    room_id: str
    kind: EntryKind
    at: datetime
    seq: int = 0
    user_id: str | None = None
    progress: Progress | None = None
    movie_id: int | None = None
    media_type: MediaType | None = None
    title: str | None = None
    poster_path: str | None = None
    likes: int | None = None
    supporters: int | None = None
    participants: int | None = None
    candidates: int | None = None
    by: DecidedBy | None = None
    closes_at: datetime | None = None
    reason: CloseReason | None = None
    room_version: int | None = None

    def anonymous(self) -> Self:
        """Return the entry of somebody whose account is deleted."""
        return replace(self, user_id=DELETED_USER)


@dataclass(frozen=True, slots=True)
class ToldProgress:
    """Somebody's progress as the feed told it last."""

    voted: int = 0
    at: datetime | None = None

    def is_recent(self, now: datetime) -> bool:
        """Return whether it is too early to tell further progress."""
        return self.at is not None and now < self.at + PROGRESS_INTERVAL


@dataclass(frozen=True, slots=True)
class Feed:
    """The numbers of a room's feed. `candidates` are how many the room has, if that is known.

    `version` counts all changes.
    """

    room_id: str
    last: int = 0
    published: int = 0
    candidates: int | None = None
    publisher: str | None = None
    publisher_until: datetime | None = None
    version: int = 0

    @property
    def is_published(self) -> bool:
        """Return whether subscribers were sent everything."""
        return self.published == self.last

    def may_publish(self, event_id: str, now: datetime) -> bool:
        """Return whether whoever handles an event may publish: nobody else does."""
        until = self.publisher_until
        return self.publisher in (None, event_id) or until is None or now >= until

    def next_version(self) -> Self:
        """Return the same feed as its next version."""
        return replace(self, version=self.version + 1)

    def with_entry(self, event_id: str, now: datetime, candidates: int | None = None) -> Self:
        """Return the feed with one more entry, which an event has brought about.

        Its handler publishes it, unless another one publishes at this moment.
        """
        grown = replace(
            self,
            last=self.last + 1,
            candidates=max(self.candidates or 0, candidates or 0) or None,
        ).next_version()
        return grown._claimed(event_id, now) if self.may_publish(event_id, now) else grown

    def with_publisher(self, event_id: str, now: datetime) -> Self:
        """Return the feed with who publishes what is left."""
        return self.next_version()._claimed(event_id, now)

    def with_published(self, seq: int) -> Self:
        """Return the feed with entries published up to a number; nobody is left after the last."""
        after = replace(self, published=max(seq, self.published))
        if after.is_published:
            return after.without_publisher()
        return after.next_version()

    def without_publisher(self) -> Self:
        """Return the feed with nobody who publishes."""
        return replace(self.next_version(), publisher=None, publisher_until=None)

    def _claimed(self, event_id: str, now: datetime) -> Self:
        return replace(self, publisher=event_id, publisher_until=now + PUBLISHER_TIMEOUT)
