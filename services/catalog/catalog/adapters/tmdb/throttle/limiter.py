"""The shared rate: one item, one conditional write for a whole batch of requests.

Reserving moves the next free place forward; so does a 429 of TMDB, and with it everybody's next
place. A table that fails stops no room: the failure is logged, and TMDB's own limit remains. The
public gets what is cached, and a refresh waits until the table is back.
"""

import asyncio
from dataclasses import dataclass
from random import Random

from catalog.adapters.tmdb.throttle.breaker import Breaker
from catalog.adapters.tmdb.throttle.gcra import GRACE, MICROSECONDS, Pace
from catalog.adapters.tmdb.throttle.priority import Lane
from catalog.adapters.tmdb.throttle.table import Found, RateTable, Refused
from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.ports import Places
from matinee.errors import MatineeError
from matinee.observability import count, logger

LONGEST_PAUSE = 60.0
"""Seconds. A longer Retry-After is asked for again rather than believed for hours."""

FURTHEST = 2 * LONGEST_PAUSE
"""Seconds. A place further ahead was written by a broken clock and is not believed."""

ANSWER_TAKES = 0.25
"""Seconds between a request's place and its answer: a later place would be of no use."""

ATTEMPTS = 5
CONTENDED_GRACE = 5_000
"""Microseconds."""

LONGEST_LOOK_AWAY = 0.5
"""Seconds after which a lane that waits looks again: a circuit may have closed before its time."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """Places that have been taken; `first` is in microseconds since the epoch."""

    first: int
    requests: int
    probe: bool = False


class _NotNow(Exception):
    """There is no place yet; `error` is what somebody who does not wait is told."""

    def __init__(self, seconds: float, error: MatineeError) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.error = error


class SharedRequestRate:
    """A `RequestRate` for one lane."""

    def __init__(
        self,
        table: RateTable,
        pace: Pace,
        lane: Lane,
        *,
        random: Random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._table = table
        self._pace = pace
        self._lane = lane
        self._random = random
        self._sleep = sleep
        self._breaker = Breaker(table)
        self._busy = False

    async def reserve(self, requests: int, deadline: Deadline) -> Places:
        """Take places with one write; see the port."""
        while True:
            try:
                taken = await self._table.ask(
                    lambda: self._reserve(
                        min(requests, self._lane.at_once), deadline.remaining() - ANSWER_TAKES
                    )
                )
            except _NotNow as refusal:
                await self._wait(refusal, deadline)
                continue
            if taken is not None:
                return self._places(taken)
            if self._lane.fails_open:
                return Places((0.0,) * requests)
            raise TmdbUnavailable

    async def pause(self, seconds: float) -> None:
        """Move everybody's next place behind the pause; see the port."""
        await self._table.ask(lambda: self._pause(min(seconds, LONGEST_PAUSE)))

    async def worked(self) -> None:
        """Note an answer; see the port."""
        await self._breaker.worked()

    async def failed(self) -> None:
        """Note a failure; see the port."""
        await self._breaker.failed()

    async def _wait(self, refusal: _NotNow, deadline: Deadline) -> None:
        """Wait a while if this lane does and the deadline allows; else raise the error."""
        seconds = min(refusal.seconds, LONGEST_LOOK_AWAY)
        # Who is refused together does not come back together.
        seconds += self._random.uniform(0, self._pace.cost(4)) / MICROSECONDS
        if self._lane.patient and deadline.allows(seconds + ANSWER_TAKES):
            await self._sleep(seconds)
            return
        count(refusal.error.code)
        raise refusal.error

    def _places(self, taken: _Taken) -> Places:
        """Return the waits as of now. A patient lane learns that it is late already."""
        waits = self._pace.waits(taken.first, self._table.now(), taken.requests)
        if not self._lane.patient:
            waits = [max(0.0, wait) for wait in waits]
        return Places(tuple(waits), probe=taken.probe)

    def _reserve(self, requests: int, patience: float) -> _Taken:
        """Move the next free place: from itself while the flow is busy, from now when it was idle.

        Which of the two it is, the last answer foretells; a wrong guess costs one more write.
        """
        busy = self._busy
        ahead = int(self._lane.ahead * MICROSECONDS)
        for attempt in range(ATTEMPTS):
            now = self._table.now()
            # Writers that meet at the edge of idleness get more room each time.
            earliest = now + ahead - GRACE - attempt * CONTENDED_GRACE
            latest = self._latest(now, patience, requests)
            try:
                if busy:
                    cost = self._pace.cost(requests)
                    first = self._table.queue(
                        cost, earliest=earliest, latest=max(now + ahead, latest)
                    )
                else:
                    first = now + ahead
                    self._table.restart(
                        first + self._pace.cost(requests),
                        earliest=first - GRACE,
                        furthest=now + int(FURTHEST * MICROSECONDS),
                    )
            except Refused as refusal:
                found = refusal.found
                if found.open_until:
                    return self._probe(found, now)
                self._refuse_unless_soon(found, now, latest, requests)
                busy = found.free_at >= self._table.now() + ahead - GRACE
            else:
                self._busy = True
                return _Taken(first, requests)
        logger.warning("rate_contended")
        if not self._lane.fails_open:
            raise _NotNow(self._pace.interval / MICROSECONDS, TmdbRateLimited())
        return _Taken(self._table.now(), requests)

    def _latest(self, now: int, patience: float, requests: int) -> int:
        """Return the latest first place that is of use to this lane."""
        # The last of the requests must get its place before the deadline.
        latest = now + int(patience * MICROSECONDS) - self._pace.cost(requests - 1)
        if self._lane.horizon is None:
            return latest
        return min(latest, now + int(self._lane.horizon * MICROSECONDS))

    def _refuse_unless_soon(self, found: Found, now: int, latest: int, requests: int) -> None:
        """Raise _NotNow when the next place lies too far ahead to be taken, and is believed."""
        if not latest < found.free_at <= now + FURTHEST * MICROSECONDS:
            return
        wait = max(0.0, self._pace.waits(found.free_at, now, requests)[-1])
        until_bookable = max(0, found.free_at - max(latest, now)) / MICROSECONDS
        raise _NotNow(until_bookable, TmdbRateLimited(retry_after=wait))

    def _probe(self, found: Found, now: int) -> _Taken:
        """Be let through a broken circuit whose time is over; raises _NotNow when it is not."""
        if found.open_until > now:
            raise _NotNow((found.open_until - now) / MICROSECONDS, TmdbUnavailable())
        try:
            place = self._breaker.probe(found, now, self._pace.cost(1))
        except Refused as refusal:
            seconds = max(0, refusal.found.open_until - now) / MICROSECONDS
            raise _NotNow(seconds, TmdbUnavailable()) from refusal
        return _Taken(place, 1, probe=True)

    def _pause(self, seconds: float) -> None:
        try:
            self._table.pause(self._table.now() + int(seconds * MICROSECONDS))
        except Refused:
            logger.info("pause_already_longer")
        self._busy = True
