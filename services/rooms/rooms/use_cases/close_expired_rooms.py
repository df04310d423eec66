"""Record that rooms have closed because their time is over, and tell it.

Nobody asks for it, and an item's TTL comes days late: a schedule does, every minute. A room closes
at its time whoever has noticed; RoomClosed follows once, in the transaction that records it, on
condition that the room still has its version and no reason why it closed.
"""

import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from matinee.clock import Clock, utc_now
from matinee.erasure import Timer
from matinee.errors import Unavailable
from matinee.events.envelope import Trace
from matinee.observability import count, logger, measure
from matinee.retry import OptimisticRetry
from rooms.domain.life import CloseReason
from rooms.ports import ExpiringRooms, LifeEvents
from rooms.use_cases.retry import optimistic_retry

TIME_BUDGET_SECONDS = 40.0
"""After which the rest is left to the next minute: the rooms that closed first come first."""


@dataclass(frozen=True, slots=True)
class ExpiredRoomCloser:
    """Closes the rooms of each shard, side by side."""

    rooms: ExpiringRooms
    events: LifeEvents
    shards: int
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now
    timer: Timer = time.monotonic
    threads: Executor = field(default_factory=ThreadPoolExecutor)

    def __call__(self, trace: Trace) -> int:
        """Record every expired room as closed, and return how many were.

        One that cannot be recorded stops no other: it comes again in a minute. Raises Unavailable
        when there was one.
        """
        ends = self.timer() + TIME_BUDGET_SECONDS
        close = partial(self._close_shard, ends, trace)
        results = list(self.threads.map(close, range(self.shards)))
        closed, failed = sum(one for one, _ in results), sum(other for _, other in results)
        count("RoomsClosed", closed)
        if failed:
            message = f"{failed} rooms could not be closed"
            raise Unavailable(message)
        return closed

    def _close_shard(self, ends: float, trace: Trace, shard: int) -> tuple[int, int]:
        """Return how many rooms of a shard were closed, and how many could not be."""
        closed = failed = 0
        for room_id in self.rooms.list_expired(shard, self.now()):
            if self.timer() >= ends:
                break
            try:
                closed += self.retry(partial(self._close, room_id, trace))
            except Exception:
                logger.exception("room_not_closed", extra={"room_id": room_id})
                failed += 1
        return closed, failed

    def _close(self, room_id: str, trace: Trace) -> bool:
        """Return whether a room was closed: another run may have done so before."""
        room, now = self.rooms.get(room_id), self.now()
        if room is None or room.closed or room.is_open(now):
            return False
        closed = room.with_closing_time(room.expires_at, CloseReason.EXPIRED)
        event = self.events.room_closed(closed, CloseReason.EXPIRED, trace)
        self.rooms.record_closed(closed, event)
        measure("RoomClosingDelay", (now - room.expires_at).total_seconds() * 1000)
        return True
