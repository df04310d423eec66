"""Admit somebody without an account to one room.

Auth makes the guest; then they are bound to the room. A crash between the two leaves a guest who
may do nothing at all. They join by the code, as everybody does.
"""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.errors import RoomFull
from rooms.domain.guest import BOUND_FOR, Guest
from rooms.domain.rate_limits import GUEST
from rooms.domain.room import Room, require_open_room
from rooms.domain.room_code import normalize_room_code
from rooms.ports import GuestAccounts, GuestRooms, ParticipantRepository, RateLimiter
from rooms.use_cases.limit_guesses import GuessLimiter
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class GuestAdmission:
    """Makes guests of rooms."""

    rooms: ParticipantRepository
    accounts: GuestAccounts
    bindings: GuestRooms
    guesses: GuessLimiter
    limiter: RateLimiter
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, code: str, name: str, source: str, trace: Trace) -> tuple[Guest, Room]:
        """Return a new guest of the room with a code, at an address, and the room.

        Raises RoomNotFound, RoomExpired, RoomFull, TooManyAttempts, InvalidInput, RoomBusy,
        GuestsUnavailable.
        """
        with self.guesses.counted(source, source):
            room = require_open_room(self.rooms.get_by_code(normalize_room_code(code)), self.now())
        if len(room.participants) >= room.max_participants:
            raise RoomFull
        self.limiter.check(GUEST, room.id, source)
        guest = self.accounts.create(name, trace.correlation_id)
        self.retry(lambda: self.bindings.bind(guest.user_id, room.id, self.now() + BOUND_FOR))
        count("GuestsAdmitted")
        return guest, room
