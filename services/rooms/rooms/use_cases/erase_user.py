"""The eraser: when an account is gone, rooms forget the user.

    1  he is barred      no room that he opens or joins later can hold his id: what he has visited
                         by now is all that there will ever be
    2  room by room      he leaves it (`anonymization`); what it has agreed on with him becomes a
                         match, if it is none yet; his votes go; then the visit is forgotten
    3  match by match    his own list goes, and the others' records name nobody in his place

Every step is one transaction, and what tells that there is something to do goes last. So a crash
leaves the rest to be found again, and doing it all again changes nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched
from typing import Self

from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.observability import count, logger
from rooms.domain.anonymization import (
    ERASED,
    agreed_by,
    match_without,
    room_without,
    speaks_of,
    tally_without,
)
from rooms.domain.room import KEPT_AFTER_CLOSING, Match, Room, Tally, match_of
from rooms.events.factory import Announcer
from rooms.events.published import UserDeleted
from rooms.ports import (
    Contended,
    ErasableMatches,
    ErasableRooms,
    ErasableVotes,
    Resumption,
    Visits,
)
from rooms.use_cases.create_room import Retry
from rooms.use_cases.reconcile_matches import Settler

BARRED_FOR = timedelta(days=2)
"""Longer than the longest life that Cognito can give an access token, which is a day."""

TIME = 40.0
"""Seconds after which the rest is left to the next invocation. One step takes a few at most."""

PAGE = 25
"""Visits or matches that are read at a time."""

FILMS_AT_A_TIME = 25
"""In a closed room. While one is open, each film is a transaction of its own: others vote."""


class TimeUp(Exception):
    """There is more to do than one invocation can."""


@dataclass(slots=True)
class Shift:
    """One invocation's part of an erasure. `ends` is a moment of a monotonic clock, in seconds."""

    user_id: str
    trace: Trace
    ends: float
    timer: Callable[[], float]
    done: int = 0
    failed: int = 0

    def go_on(self) -> None:
        """Raise TimeUp when the rest is for another invocation."""
        if self.timer() >= self.ends:
            raise TimeUp

    def each[T](self, things: Iterable[T], step: Callable[[Self, T], None]) -> None:
        """Take one step for each thing; one that fails does not keep the others from being done."""
        for thing in things:
            self.go_on()
            try:
                step(self, thing)
            except TimeUp:
                raise
            except Exception:
                key = thing.match_id if isinstance(thing, Match) else thing
                logger.exception("not_erased", extra={"step": step.__name__, "key": key})
                self.failed += 1
            else:
                self.done += 1


@dataclass(frozen=True, slots=True)
class Eraser:
    """Reacts to accounts that are gone."""

    rooms: ErasableRooms
    votes: ErasableVotes
    matches: ErasableMatches
    visits: Visits
    announce: Announcer
    settler: Settler
    resumption: Resumption
    retry: Retry = field(default_factory=Retry)
    now: Clock = utc_now
    timer: Callable[[], float] = time.monotonic

    def handle(self, event: Envelope[Contract]) -> None:
        """Erase a user, or as much of him as there is time for, and see to it that it goes on.

        Raises Unavailable when something could not be erased: the queue shows the event again.
        """
        user_id = _deleted_user(event)
        shift = Shift(user_id, Trace.caused_by(event), self.timer() + TIME, self.timer)
        self.retry(lambda: self.visits.bar(user_id, self.now() + BARRED_FOR))
        try:
            shift.each(self._visited(user_id), self._erase_from_room)
            shift.each(self._matched(user_id), self._erase_from_match)
        except TimeUp:
            self._go_on_later(event, shift)
            return
        if shift.failed:
            message = f"{shift.failed} rooms or matches still hold an erased user"
            raise Unavailable(message)
        logger.info("user_erased", extra={"steps": shift.done})
        count("UsersErased")

    def _go_on_later(self, event: Envelope[Contract], shift: Shift) -> None:
        """Hand the rest on. Who got nothing done hands on nothing: that is a fault, not a page."""
        if not shift.done:
            message = "no room and no match could be done in time"
            raise Unavailable(message)
        logger.info("erasure_goes_on", extra={"steps": shift.done, "failed": shift.failed})
        self.resumption.resume(event)

    def _visited(self, user_id: str) -> Iterator[str]:
        """Iterate over the ids of the rooms that he ever was in."""
        after = None
        while page := self.visits.of_user(user_id, PAGE, after):
            yield from page
            after = page[-1]

    def _matched(self, user_id: str) -> Iterator[Match]:
        """Iterate over his own list of matches."""
        after = None
        while page := self.matches.of_user(user_id, PAGE, after):
            yield from page
            after = page[-1].match_id

    def _erase_from_room(self, shift: Shift, room_id: str) -> None:
        room = self.retry(lambda: self._leave(shift, room_id))
        if room:
            films = [
                tally for tally in self.votes.tallies(room_id) if speaks_of(tally, shift.user_id)
            ]
            at_a_time = 1 if self.now() < room.expires_at else FILMS_AT_A_TIME
            for tallies in batched(films, at_a_time, strict=False):
                shift.go_on()
                self._withdraw(shift, tallies)
                shift.done += 1
        self.retry(lambda: self.visits.forget(shift.user_id, room_id))

    def _leave(self, shift: Shift, room_id: str) -> Room | None:
        """Return the room without him, None when there is none any more.

        A room whose time is over goes item by item, nobody knows in which order: it is gone.
        """
        room, now = self.rooms.find(room_id), self.now()
        if room is None or now >= room.expires_at + KEPT_AFTER_CLOSING:
            return None
        without = room_without(room, shift.user_id, now)
        if without is None:
            return room
        self.settler.settle(room, shift.trace)
        leaves = shift.user_id in room.participants and now < room.expires_at
        event = self.announce.left(without, shift.user_id, shift.trace) if leaves else None
        self.rooms.strike(shift.user_id, without, event)
        return without

    def _withdraw(self, shift: Shift, tallies: Sequence[Tally]) -> None:
        """Take his votes out of some tallies: as they were read, else as they are now."""
        try:
            self._uncount(shift, tallies)
        except Contended:
            self.retry(lambda: self._uncount(shift, list(self._read_again(shift, tallies))))

    def _read_again(self, shift: Shift, tallies: Sequence[Tally]) -> Iterator[Tally]:
        for tally in tallies:
            again = self.votes.tally(tally.room_id, tally.movie_id)
            if again and speaks_of(again, shift.user_id):
                yield again

    def _uncount(self, shift: Shift, tallies: Sequence[Tally]) -> None:
        """Take his votes out of tallies. What was agreed with him is made a match before.

        The detector might come too late for it: it would find an agreement that names nobody.
        """
        for tally in tallies:
            match = match_of(tally)
            if match and agreed_by(tally, shift.user_id):
                event = self.announce.match_found(match, shift.trace)
                if self.matches.record(match, event):
                    count("MatchesFound")
        if tallies:
            self.votes.withdraw(
                shift.user_id, [tally_without(tally, shift.user_id) for tally in tallies]
            )

    def _erase_from_match(self, shift: Shift, entry: Match) -> None:
        def attempt() -> None:
            match = self.matches.find(entry.room_id, entry.movie_id)
            self.matches.disown(
                shift.user_id, match_without(match or entry, shift.user_id), before=match
            )

        self.retry(attempt)


def _deleted_user(event: Envelope[Contract]) -> str:
    data = event.data
    if not isinstance(data, UserDeleted):
        message = f"{data.event_type} is none of the eraser's business"
        raise Unprocessable(message)
    if data.user_id == ERASED:
        message = "this is nobody's id"
        raise Unprocessable(message)
    return data.user_id
