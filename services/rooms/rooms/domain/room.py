"""Rooms: who is in them, for how long they are open, and the candidates they vote on."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from matinee.filters import NO_FILTERS, Filters
from matinee.media import MediaType
from rooms.domain.deal import DeckSource, DeckWish, HideSeen
from rooms.domain.errors import (
    HostCannotBeRemoved,
    NotAParticipant,
    NotTheHost,
    ParticipantNotFound,
    RemovedFromRoom,
    RoomExpired,
    RoomFull,
    RoomNotFound,
)
from rooms.domain.life import DEFAULT_HOURS, MAX_ROOM_TTL, CloseReason
from rooms.domain.rule import UNANIMOUS, Rule
from rooms.domain.tally import Tally

DELETED_USER = "deleted"
"""Replaces the id of a user whose account is deleted. No user has this id."""

ROOM_TTL = timedelta(hours=DEFAULT_HOURS)
RETENTION_AFTER_CLOSING = timedelta(days=30)
"""Longer than an event can wait in the outbox or any queue: it still finds its room."""

MAX_CANDIDATES = 50
"""When a room is created."""

MAX_DEALT_AT_ONCE = 25
MAX_DECK = 200
"""In one item of at most 400 KB: a candidate with its overview takes less than a kilobyte."""

MAX_GENRES = 20
MIN_PARTICIPANTS = 2
MAX_PARTICIPANTS = 50
DEFAULT_MIN_PARTICIPANTS = 2
DEFAULT_MAX_PARTICIPANTS = 10


@dataclass(frozen=True, slots=True)
class Movie:
    """A candidate, film or series. `id` is TMDB's; `vote_average` 0 to 10; dates yyyy-mm-dd.

    No two candidates of a room have the same id, also where it has films and series.

    `reason` is why it suits the group, None for one that comes from the catalog.
    """

    id: int
    title: str
    overview: str
    media_type: MediaType
    genre_ids: tuple[int, ...] = ()
    poster_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room without its candidates. `participants` are user ids in the order of joining.

    `genre_ids` and `filters` are what its candidates are limited to.

    `dealt_version` is the version for which a room of GROUP has dealt what nobody has seen.

    `version` counts the changes of membership and of the closing time. `closed` says why the room
    has closed, once that is recorded. `removed` may not come back. `request` is the code by which
    the request that created the room finds it again. `crew_id` is the crew that it was started for.
    """

    id: str
    code: str
    host_id: str
    media_type: MediaType
    genre_ids: tuple[int, ...]
    participants: tuple[str, ...]
    min_participants: int
    max_participants: int
    created_at: datetime
    expires_at: datetime
    version: int = 1
    rule: Rule = UNANIMOUS
    filters: Filters = NO_FILTERS
    source: DeckSource = DeckSource.DISCOVER
    hide_seen: HideSeen = HideSeen.ANYBODY
    both_types: bool = False
    dealt_version: int = 1
    closed: CloseReason | None = None
    removed: tuple[str, ...] = ()
    request: str | None = None
    crew_id: str | None = None

    @property
    def media_types(self) -> tuple[MediaType, ...]:
        """What its candidates may be. `media_type` is the first of them."""
        return tuple(MediaType) if self.both_types else (self.media_type,)

    @property
    def codes(self) -> tuple[str, ...]:
        """What the room is found by, besides its id."""
        return (self.code, self.request) if self.request else (self.code,)

    @property
    def kept_until(self) -> datetime:
        """When what is stored of the room expires: however long it stays open, all at one time."""
        return self.created_at + MAX_ROOM_TTL + RETENTION_AFTER_CLOSING

    @property
    def wish(self) -> DeckWish:
        """What its candidates are to be."""
        return DeckWish(
            self.media_types,
            self.genre_ids,
            self.filters,
            self.source,
            self.hide_seen,
            self.crew_id,
        )

    def is_open(self, now: datetime) -> bool:
        """Return whether the room has not closed yet."""
        return self.closed is None and now < self.expires_at

    def require_open(self, now: datetime) -> None:
        """Raise RoomExpired when the room has closed."""
        if not self.is_open(now):
            raise RoomExpired

    def require_participant(self, user_id: str) -> None:
        """Raise NotAParticipant unless the user is in the room."""
        if user_id not in self.participants:
            raise NotAParticipant

    def require_host(self, user_id: str) -> None:
        """Raise NotAParticipant or NotTheHost unless the user is in the room as its host."""
        self.require_participant(user_id)
        if user_id != self.host_id:
            raise NotTheHost

    def with_participant(self, user_id: str) -> Self:
        """Return the room with one more participant; raise RemovedFromRoom, RoomFull.

        An empty room makes its next participant the host.
        """
        if user_id in self.removed:
            raise RemovedFromRoom
        if len(self.participants) >= self.max_participants:
            raise RoomFull
        return self._with((*self.participants, user_id))

    def without_participant(self, user_id: str) -> Self:
        """Return the room without a participant; raise NotAParticipant.

        When the host leaves, the participant who has been in the room the longest becomes host.
        """
        self.require_participant(user_id)
        return self._with(tuple(other for other in self.participants if other != user_id))

    def with_removed(self, user_id: str) -> Self:
        """Return the room without a participant whom its host removes.

        Raises ParticipantNotFound, HostCannotBeRemoved.
        """
        if user_id not in self.participants:
            raise ParticipantNotFound
        if user_id == self.host_id:
            raise HostCannotBeRemoved
        return replace(self.without_participant(user_id), removed=(*self.removed, user_id))

    def with_closing_time(self, at: datetime, closed: CloseReason | None = None) -> Self:
        """Return the room as one that closes at a time, or has closed then for a reason."""
        return replace(self, expires_at=at, closed=closed, version=self.version + 1)

    def count(self, tally: Tally) -> tuple[int, int]:
        """Return how many of those who are in the room like a title, and how many dislike it."""
        present = frozenset(self.participants)
        return len(tally.likes & present), len(tally.dislikes & present)

    def is_match(self, tally: Tally) -> bool:
        """Return whether a title is a match by the room's rule, with those who are in it now."""
        if DELETED_USER in self.participants:
            return False
        return self.rule.is_met(*self.count(tally), len(self.participants), self.min_participants)

    def _with(self, participants: tuple[str, ...]) -> Self:
        host = self.host_id if self.host_id in participants else next(iter(participants), "")
        return replace(
            self,
            participants=participants,
            host_id=host or self.host_id,
            version=self.version + 1,
        )


def require_room(room: Room | None) -> Room:
    """Return the room that was looked up; raise RoomNotFound when there is none."""
    if room is None:
        raise RoomNotFound
    return room


def require_open_room(room: Room | None, now: datetime) -> Room:
    """Return the room that was looked up; raise RoomNotFound or RoomExpired."""
    found = require_room(room)
    found.require_open(now)
    return found
