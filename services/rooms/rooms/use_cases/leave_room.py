"""Leave a room."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.room import Room, require_open_room
from rooms.ports import EventFactory, ParticipantRepository
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class RoomLeaver:
    """Removes participants from rooms. Their votes stay, in case they return."""

    participants: ParticipantRepository
    events: EventFactory
    reconciler: MatchReconciler
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, user_id: str, room_id: str, trace: Trace) -> Room:
        """Remove a user from a room and return it.

        Raises RoomNotFound, RoomExpired, NotAParticipant, RoomBusy.
        """
        return self.retry(lambda: self._leave(user_id, room_id, trace))

    def _leave(self, user_id: str, room_id: str, trace: Trace) -> Room:
        room = require_open_room(self.participants.get(room_id), self.now())
        left = room.without_participant(user_id)
        self.reconciler.reconcile(room, trace)
        event = self.events.participant_left(left, user_id, trace)
        self.participants.remove_participant(user_id, left, event)
        count("ParticipantsLeft")
        return left
