"""Join a room by its code."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.errors import RoomNotFound
from rooms.domain.room import Room, require_open_room
from rooms.domain.room_code import normalize_room_code
from rooms.ports import EventFactory, ParticipantRepository
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class RoomJoiner:
    """Adds participants to rooms."""

    participants: ParticipantRepository
    events: EventFactory
    reconciler: MatchReconciler
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, user_id: str, code: str, trace: Trace, only: str | None = None) -> Room:
        """Add a user to a room and return it; a participant who has already joined stays in it.

        `only` is the one room that there is for a guest. Raises RoomNotFound, RoomExpired,
        RemovedFromRoom, RoomFull, RoomBusy, AccountDeleted.
        """
        return self.retry(lambda: self._join(user_id, normalize_room_code(code), trace, only))

    def _join(self, user_id: str, code: str, trace: Trace, only: str | None) -> Room:
        found = self.participants.get_by_code(code)
        room = require_open_room(found, self.now())
        if only is not None and room.id != only:
            raise RoomNotFound
        if user_id in room.participants:
            return room
        joined = room.with_participant(user_id)
        self.reconciler.reconcile(room, trace)
        event = self.events.participant_joined(joined, user_id, trace)
        self.participants.add_participant(user_id, joined, event)
        count("ParticipantsJoined")
        return joined
