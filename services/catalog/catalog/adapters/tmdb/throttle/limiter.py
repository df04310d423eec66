"""The rate limiter that all instances share: one item, one conditional write for many requests.

A reservation moves the next free slot forward; so does a 429 of TMDB, and with it every later slot.
A table that fails stops no room: the failure is logged, and TMDB's own limit remains. The public
gets what is cached, and a refresh waits until the table is back.
"""

import asyncio
from dataclasses import dataclass
from random import Random

from catalog.adapters.tmdb.throttle.breaker import CircuitBreaker
from catalog.adapters.tmdb.throttle.gcra import GRACE, MICROSECONDS, Gcra
from catalog.adapters.tmdb.throttle.priority import RequestPriority
from catalog.adapters.tmdb.throttle.table import RateState, RateTable, StateChanged
from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from catalog.ports import Reservation
from matinee.errors import MatineeError
from matinee.observability import count, logger

MAX_PAUSE_SECONDS = 60.0
"""A longer Retry-After is requested again rather than believed for hours."""

MAX_LEAD_SECONDS = 2 * MAX_PAUSE_SECONDS
"""A slot further ahead was written by a wrong clock and is ignored."""

RESPONSE_SECONDS = 0.25
"""Between a request's slot and its response: a later slot before a deadline is of no use."""

MAX_WRITE_ATTEMPTS = 5
RETRY_GRACE = 5_000
"""Microseconds."""

MAX_POLL_SECONDS = 0.5
"""After which a waiting request looks again: a circuit may close before its time."""


@dataclass(frozen=True, slots=True)
class _Slots:
    """Slots that have been reserved; `first` is in microseconds since the epoch."""

    first: int
    requests: int
    probe: bool = False


class _NoSlotYet(Exception):
    """There is no slot yet; requests that do not wait fail with `error`."""

    def __init__(self, seconds: float, error: MatineeError) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.error = error


class SharedRateLimiter:
    """A `RateLimiter` for requests of one priority."""

    def __init__(
        self,
        table: RateTable,
        rate: Gcra,
        priority: RequestPriority,
        *,
        random: Random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._table = table
        self._rate = rate
        self._priority = priority
        self._random = random
        self._sleep = sleep
        self._breaker = CircuitBreaker(table)
        self._busy = False

    async def reserve(self, requests: int, deadline: Deadline) -> Reservation:
        """Reserve slots with one write; see the port."""
        while True:
            try:
                slots = await self._table.run(
                    lambda: self._reserve(
                        min(requests, self._priority.max_batch),
                        deadline.remaining() - RESPONSE_SECONDS,
                    )
                )
            except _NoSlotYet as refusal:
                await self._wait(refusal, deadline)
                continue
            if slots is not None:
                return self._reservation(slots)
            if self._priority.fails_open:
                return Reservation((0.0,) * requests)
            raise TmdbUnavailable

    async def pause(self, seconds: float) -> None:
        """Move all slots behind a pause; see the port."""
        await self._table.run(lambda: self._pause(min(seconds, MAX_PAUSE_SECONDS)))

    async def record_success(self) -> None:
        """Record a response; see the port."""
        await self._breaker.record_success()

    async def record_failure(self) -> None:
        """Record a failure; see the port."""
        await self._breaker.record_failure()

    async def _wait(self, refusal: _NoSlotYet, deadline: Deadline) -> None:
        """Wait a while if the priority and the deadline allow it; else raise the error."""
        seconds = min(refusal.seconds, MAX_POLL_SECONDS)
        # Requests that were refused together must not come back together.
        seconds += self._random.uniform(0, self._rate.cost(4)) / MICROSECONDS
        if self._priority.waits and deadline.allows(seconds + RESPONSE_SECONDS):
            await self._sleep(seconds)
            return
        count(refusal.error.code)
        raise refusal.error

    def _reservation(self, slots: _Slots) -> Reservation:
        """Return the waits as of now. Only a priority that waits sees that it is late already."""
        waits = self._rate.waits(slots.first, self._table.now(), slots.requests)
        if not self._priority.waits:
            waits = [max(0.0, wait) for wait in waits]
        return Reservation(tuple(waits), probe=slots.probe)

    def _reserve(self, requests: int, patience: float) -> _Slots:
        """Move the next free slot: from itself while the flow is busy, from now when it is idle.

        Which of the two it is, is guessed from the last write; a wrong guess costs one more write.
        """
        busy = self._busy
        lead = int(self._priority.min_lead * MICROSECONDS)
        for attempt in range(MAX_WRITE_ATTEMPTS):
            now = self._table.now()
            # Writers that meet while the flow becomes idle get more grace each time.
            earliest = now + lead - GRACE - attempt * RETRY_GRACE
            latest = self._latest(now, patience, requests)
            try:
                if busy:
                    cost = self._rate.cost(requests)
                    first = self._table.append(
                        cost, earliest=earliest, latest=max(now + lead, latest)
                    )
                else:
                    first = now + lead
                    self._table.restart(
                        first + self._rate.cost(requests),
                        earliest=first - GRACE,
                        furthest=now + int(MAX_LEAD_SECONDS * MICROSECONDS),
                    )
            except StateChanged as change:
                found = change.found
                if found.open_until:
                    return self._probe(found, now)
                self._refuse_unless_soon(found, now, latest, requests)
                busy = found.free_at >= self._table.now() + lead - GRACE
            else:
                self._busy = True
                return _Slots(first, requests)
        logger.warning("rate_contended")
        if not self._priority.fails_open:
            raise _NoSlotYet(self._rate.interval / MICROSECONDS, TmdbRateLimited())
        return _Slots(self._table.now(), requests)

    def _latest(self, now: int, patience: float, requests: int) -> int:
        """Return the latest first slot that is of use to this priority."""
        # The last of the requests must get its slot before the deadline.
        latest = now + int(patience * MICROSECONDS) - self._rate.cost(requests - 1)
        if self._priority.max_lead is None:
            return latest
        return min(latest, now + int(self._priority.max_lead * MICROSECONDS))

    def _refuse_unless_soon(self, found: RateState, now: int, latest: int, requests: int) -> None:
        """Raise _NoSlotYet when the next slot is plausible, and too far ahead to be reserved."""
        if not latest < found.free_at <= now + MAX_LEAD_SECONDS * MICROSECONDS:
            return
        wait = max(0.0, self._rate.waits(found.free_at, now, requests)[-1])
        until_bookable = max(0, found.free_at - max(latest, now)) / MICROSECONDS
        raise _NoSlotYet(until_bookable, TmdbRateLimited(retry_after=wait))

    def _probe(self, found: RateState, now: int) -> _Slots:
        """Take the probe of an open circuit; raise _NoSlotYet before its time is over."""
        if found.open_until > now:
            raise _NoSlotYet((found.open_until - now) / MICROSECONDS, TmdbUnavailable())
        try:
            slot = self._breaker.probe(found, now, self._rate.cost(1))
        except StateChanged as change:
            seconds = max(0, change.found.open_until - now) / MICROSECONDS
            raise _NoSlotYet(seconds, TmdbUnavailable()) from change
        return _Slots(slot, 1, probe=True)

    def _pause(self, seconds: float) -> None:
        try:
            self._table.pause(self._table.now() + int(seconds * MICROSECONDS))
        except StateChanged:
            logger.info("pause_already_longer")
        self._busy = True
