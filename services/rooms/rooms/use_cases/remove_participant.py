"""Remove a participant from a room."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.room import Room, require_open_room
from rooms.ports import LifeEvents, ParticipantRepository
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class ParticipantRemover:
    """Removes participants for the host. It is a leave, after which they may not come back."""

    participants: ParticipantRepository
    events: LifeEvents
    reconciler: MatchReconciler
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, host_id: str, room_id: str, user_id: str, trace: Trace) -> Room:
        """Remove a participant and return the room; whoever was removed already stays so.

        Raises RoomNotFound, RoomExpired, NotAParticipant, NotTheHost, ParticipantNotFound,
        HostCannotBeRemoved, RoomBusy.
        """
        return self.retry(lambda: self._remove(host_id, room_id, user_id, trace))

    def _remove(self, host_id: str, room_id: str, user_id: str, trace: Trace) -> Room:
        room = require_open_room(self.participants.get(room_id), self.now())
        room.require_host(host_id)
        if user_id in room.removed:
            return room
        without = room.with_removed(user_id)
        self.reconciler.reconcile(room, trace)
        self.participants.remove_participant(
            user_id,
            without,
            self.events.participant_left(without, user_id, trace, removed=True),
            self.events.participant_removed(without, user_id, trace),
        )
        count("ParticipantsRemoved")
        return without
