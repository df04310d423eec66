"""Close a room before its time is over."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.life import CloseReason
from rooms.domain.room import Room, require_room
from rooms.ports import LifeEvents, RoomLifeRepository
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class RoomCloser:
    """Closes rooms for their hosts."""

    rooms: RoomLifeRepository
    events: LifeEvents
    reconciler: MatchReconciler
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, host_id: str, room_id: str, trace: Trace) -> Room:
        """Close a room at once and return it; one that has closed is returned as it is.

        Raises RoomNotFound, NotAParticipant, NotTheHost, RoomBusy.
        """
        return self.retry(lambda: self._close(host_id, room_id, trace))

    def _close(self, host_id: str, room_id: str, trace: Trace) -> Room:
        room = require_room(self.rooms.get(room_id))
        room.require_host(host_id)
        now = self.now()
        if not room.is_open(now):
            return room
        self.reconciler.reconcile(room, trace)
        reason = CloseReason.CLOSED_BY_HOST
        closed = room.with_closing_time(now.replace(microsecond=0), reason)  # As it is stored.
        self.rooms.set_closing_time(closed, self.events.room_closed(closed, reason, trace))
        count("RoomsClosed")
        return closed
