"""The circuit breaker for TMDB, shared by all instances through the table of the rate.

Each instance counts the failures that it sees in a row. At the threshold it opens the circuit for
all: nothing is sent until the time is over, then one request is let through as a probe. If it
succeeds, the circuit closes; if it fails, the time doubles.
"""

from catalog.adapters.tmdb.throttle.gcra import MICROSECONDS
from catalog.adapters.tmdb.throttle.table import RateState, RateTable, StateChanged
from matinee.observability import count, logger

FAILURE_THRESHOLD = 10
"""In a row, as one instance sees them. If one response in twenty fails, that happens by chance once
in ten million million."""

MIN_OPEN_SECONDS = 2.0
MAX_OPEN_SECONDS = 30.0
"""The bounds of the growing time for which nothing is sent."""

PROBE_TIMEOUT_SECONDS = 5.0
"""After which a probe counts as lost."""


class CircuitBreaker:
    """This instance's part of the circuit breaker."""

    def __init__(self, table: RateTable) -> None:
        self._table = table
        self._failures = 0
        self._probing: tuple[int, int] | None = None

    def probe(self, found: RateState, now: int, cost: int) -> int:
        """Take the probe and return its slot; raise StateChanged when another instance has it."""
        until = now + int(PROBE_TIMEOUT_SECONDS * MICROSECONDS)
        slot = max(now, found.free_at)
        self._table.begin_probe(until, found=found, free_at=slot + cost)
        self._probing = (until, found.trips)
        logger.info("tmdb_probed", extra={"trips": found.trips})
        return slot

    async def record_success(self) -> None:
        """Record that TMDB has responded."""
        self._failures = 0
        if self._probing:
            until, _ = self._probing
            self._probing = None
            await self._table.run(lambda: self._close(until))

    async def record_failure(self) -> None:
        """Record that TMDB gave no usable response."""
        self._failures += 1
        if self._probing:
            (until, trips), self._probing = self._probing, None
            await self._table.run(lambda: self._reopen(until, trips))
        elif self._failures >= FAILURE_THRESHOLD:
            self._failures = 0
            await self._table.run(self._open)

    def _open(self) -> None:
        try:
            self._table.open(self._table.now() + int(MIN_OPEN_SECONDS * MICROSECONDS))
        except StateChanged:
            return  # Another instance has opened it.
        logger.warning("tmdb_circuit_opened", extra={"seconds": MIN_OPEN_SECONDS})
        count("TmdbCircuitOpened")

    def _reopen(self, probing: int, trips: int) -> None:
        seconds = min(MAX_OPEN_SECONDS, MIN_OPEN_SECONDS * 2 ** min(trips, 10))
        until = self._table.now() + int(seconds * MICROSECONDS)
        try:
            self._table.reopen(until, probing=probing)
        except StateChanged:
            return  # The probe had timed out.
        logger.warning("tmdb_circuit_stays_open", extra={"seconds": seconds})

    def _close(self, probing: int) -> None:
        try:
            self._table.close(probing=probing)
        except StateChanged:
            return
        logger.info("tmdb_circuit_closed")
