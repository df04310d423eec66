"""Record that a participant is there."""

from dataclasses import dataclass, field
from datetime import datetime

from matinee.clock import Clock, utc_now
from matinee.retry import OptimisticRetry
from rooms.domain.presence import PRESENCE_TIMEOUT
from rooms.ports import PresenceRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class HeartbeatRecorder:
    """Records heartbeats. They are no events: nobody is told."""

    presence: PresenceRepository
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, user_id: str, room_id: str) -> datetime:
        """Record a heartbeat; return until when it counts.

        Raises RoomExpired, NotAParticipant, RoomBusy.
        """
        now = self.now()
        self.retry(lambda: self.presence.record(room_id, user_id, now))
        return now + PRESENCE_TIMEOUT
