"""What people do in rooms: open, join, leave, look, swipe, and hear of matches."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.ids import NewId, new_id
from matinee.observability import count
from rooms.domain.errors import NoCandidates, NotACandidate, RoomBusy, RoomNotFound
from rooms.domain.room import (
    CANDIDATES,
    LIFETIME,
    Codes,
    Match,
    MediaType,
    Movie,
    Room,
    Tally,
    Vote,
    cast,
    deck_order,
    match_of,
    normalised_code,
)
from rooms.events.factory import Announcer
from rooms.ports import Catalogue, CodeTaken, Contended, Matches, Rooms, Votes
from rooms.use_cases.reconcile_matches import Settler

ATTEMPTS = 20
LONGEST_PAUSE = 0.5
"""Seconds. The pause before an attempt is drawn from zero to a limit that doubles up to here.

So many that fifty people who vote on one film at the same instant all come through, also where a
transaction takes 60 ms (bench/concurrency)."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Does something again while others get in its way, after pauses with full jitter."""

    pause: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def __call__[T](self, attempt: Callable[[], T]) -> T:
        """Return the first attempt that comes through; raises RoomBusy when none does."""
        for number in range(ATTEMPTS):
            if number:
                self.pause(self.jitter(0, min(LONGEST_PAUSE, 0.01 * 2**number)))
            with suppress(Contended):
                return attempt()
        raise RoomBusy


@dataclass(frozen=True, slots=True)
class Opening:
    """What a host asks for."""

    media_type: MediaType
    genre_ids: tuple[int, ...]
    min_participants: int
    max_participants: int


@dataclass(frozen=True, slots=True)
class RoomService:
    """The rooms as their participants use them. Every method is for one signed-in user."""

    rooms: Rooms
    votes: Votes
    matches: Matches
    catalogue: Catalogue
    announce: Announcer
    settler: Settler
    codes: Codes = field(default_factory=Codes)
    retry: Retry = field(default_factory=Retry)
    now: Clock = utc_now
    new_id: NewId = new_id

    def open(self, host_id: str, wish: Opening, trace: Trace) -> tuple[Room, Sequence[Movie]]:
        """Open a room with its host in it; raises NoCandidates and the catalogue's errors."""
        found = self.catalogue.discover(wish.media_type, wish.genre_ids, trace.correlation_id)
        candidates = list({movie.id: movie for movie in found}.values())[:CANDIDATES]
        if not candidates:
            raise NoCandidates

        def attempt() -> Room:
            created_at = self.now()
            room = Room(
                id=self.new_id(),
                code=self.codes.draw(),
                host_id=host_id,
                media_type=wish.media_type,
                genre_ids=wish.genre_ids,
                participants=(host_id,),
                min_participants=wish.min_participants,
                max_participants=wish.max_participants,
                created_at=created_at,
                expires_at=created_at + LIFETIME,
            )
            event = self.announce.room_created(room, len(candidates), trace)
            try:
                self.rooms.open(room, candidates, event)
            except CodeTaken as taken:
                raise Contended from taken
            return room

        room = self.retry(attempt)
        count("RoomsOpened")
        return room, candidates

    def join(self, user_id: str, code: str, trace: Trace) -> Room:
        """Take a seat; who has one keeps it. Raises RoomNotFound, RoomExpired, RoomFull."""

        def attempt() -> Room:
            room = self._open_room(self.rooms.find_by_code(normalised_code(code)))
            if user_id in room.participants:
                return room
            joined = room.joined_by(user_id)
            self.settler.settle(room, trace)
            self.rooms.admit(user_id, joined, self.announce.joined(joined, user_id, trace))
            count("ParticipantsJoined")
            return joined

        return self.retry(attempt)

    def leave(self, user_id: str, room_id: str, trace: Trace) -> Room:
        """Leave; the votes stay for the case of a return.

        Raises RoomNotFound, RoomExpired, NotAParticipant.
        """

        def attempt() -> Room:
            room = self._open_room(self.rooms.find(room_id))
            left = room.left_by(user_id)
            self.settler.settle(room, trace)
            self.rooms.dismiss(user_id, left, self.announce.left(left, user_id, trace))
            count("ParticipantsLeft")
            return left

        return self.retry(attempt)

    def room(self, user_id: str, room_id: str) -> Room:
        """Return a room to a participant; raises RoomNotFound, NotAParticipant."""
        room = _existing(self.rooms.find(room_id))
        room.require_participant(user_id)
        return room

    def room_by_code(self, code: str) -> Room | None:
        """Return the room behind a code, None when there is none; raises RoomExpired."""
        room = self.rooms.find_by_code(normalised_code(code))
        if room:
            room.require_open(self.now())
        return room

    def candidates(self, room: Room) -> Sequence[Movie]:
        """Return a room's candidates, the same and in the same order for everybody."""
        return self.rooms.candidates(room.id)

    def my_rooms(self, user_id: str, limit: int, after: str | None) -> Sequence[Room]:
        """Return a page of the open rooms that the user is in, newest first."""
        now = self.now()
        page = self.rooms.of_user(user_id, now - LIFETIME, limit, after)
        return [room for room in page if now < room.expires_at]

    def deck(self, user_id: str, room_id: str, limit: int) -> Sequence[Movie]:
        """Return the user's next candidates, the most promising first.

        Raises RoomNotFound, RoomExpired, NotAParticipant.
        """
        room = self._open_room(self.rooms.find(room_id))
        room.require_participant(user_id)
        order = deck_order(room, user_id, self.votes.tallies(room_id))[:limit]
        if not order:
            return []
        films = {movie.id: movie for movie in self.rooms.candidates(room_id)}
        return [films[movie_id] for movie_id in order]

    def vote(
        self, user_id: str, room_id: str, movie_id: int, trace: Trace, *, yes: bool
    ) -> tuple[Vote, Match | None]:
        """Vote, or change a vote; return it and the match if the film is one.

        The same vote again changes nothing. Raises RoomNotFound, RoomExpired, NotAParticipant,
        NotACandidate, RoomBusy.
        """

        def attempt() -> tuple[Vote, Tally]:
            found, tally = self.votes.ballot(room_id, movie_id)
            room = self._open_room(found)
            room.require_participant(user_id)
            if tally is None:
                raise NotACandidate
            if tally.vote_of(user_id) is yes:
                return self._repeated(user_id, tally), tally
            vote = Vote(room_id, user_id, movie_id, yes, self.now())
            after = cast(room, tally, vote, self.new_id())
            self.votes.cast(vote, room, after, self.announce.vote_cast(vote, after, trace))
            count("VotesCast")
            return vote, after

        vote, tally = self.retry(attempt)
        return vote, match_of(tally)

    def my_matches(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a page of the user's matches, newest first."""
        return self.matches.of_user(user_id, limit, after)

    def _repeated(self, user_id: str, tally: Tally) -> Vote:
        stored = self.votes.find(tally.room_id, user_id, tally.movie_id)
        if stored is None:
            raise Contended
        return stored

    def _open_room(self, room: Room | None) -> Room:
        """Raise RoomNotFound or RoomExpired unless there is a room and it is open."""
        existing = _existing(room)
        existing.require_open(self.now())
        return existing


def _existing(room: Room | None) -> Room:
    if room is None:
        raise RoomNotFound
    return room
