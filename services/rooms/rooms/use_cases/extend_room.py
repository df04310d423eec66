"""Keep a room open for longer."""

from dataclasses import dataclass, field
from datetime import timedelta

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.life import closing_time
from rooms.domain.room import Room, require_open_room
from rooms.ports import LifeEvents, RoomLifeRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class RoomExtender:
    """Extends rooms for their hosts."""

    rooms: RoomLifeRepository
    events: LifeEvents
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, host_id: str, room_id: str, ttl: timedelta, trace: Trace) -> Room:
        """Keep a room open until `ttl` after its creation, and return it.

        A room that stays open as long already is not changed: so the same request again changes
        nothing. Raises RoomNotFound, RoomExpired, NotAParticipant, NotTheHost, RoomBusy.
        """
        return self.retry(lambda: self._extend(host_id, room_id, ttl, trace))

    def _extend(self, host_id: str, room_id: str, ttl: timedelta, trace: Trace) -> Room:
        room = require_open_room(self.rooms.get(room_id), self.now())
        room.require_host(host_id)
        expires_at = closing_time(room.created_at, ttl)
        if expires_at <= room.expires_at:
            return room
        extended = room.with_closing_time(expires_at)
        self.rooms.set_closing_time(extended, self.events.room_extended(extended, trace))
        count("RoomsExtended")
        return extended
