"""The circuit to TMDB: who finds it down tells the others, and one at a time tries it again.

Each instance counts the failures that it meets in a row. At the threshold it opens the circuit for
everybody: nobody asks until the time is over, then one request is let through. Answered, it closes
the circuit; failed, the time doubles. While a circuit is open, nothing is sent at all.
"""

from catalog.adapters.tmdb.throttle.gcra import MICROSECONDS
from catalog.adapters.tmdb.throttle.table import Found, RateTable, Refused
from matinee.observability import count, logger

FAILURES = 10
"""In a row, as one instance sees them. One answer in twenty failing comes to that by chance once in
ten million million."""

FIRST_OPEN = 2.0
LONGEST_OPEN = 30.0
"""Seconds: the bounds of the growing time for which nobody asks."""

PROBE_TAKES = 5.0
"""Seconds after which a request that was let through is held to be lost."""


class Breaker:
    """This instance's part of the circuit."""

    def __init__(self, table: RateTable) -> None:
        self._table = table
        self._in_a_row = 0
        self._probing: tuple[int, int] | None = None

    def probe(self, found: Found, now: int, cost: int) -> int:
        """Try to be the one that tries; return its place. Raises Refused when another is."""
        until = now + int(PROBE_TAKES * MICROSECONDS)
        place = max(now, found.free_at)
        self._table.probe(until, found=found, free_at=place + cost)
        self._probing = (until, found.trips)
        logger.info("tmdb_probed", extra={"trips": found.trips})
        return place

    async def worked(self) -> None:
        """Note that TMDB has answered."""
        self._in_a_row = 0
        if self._probing:
            until, _ = self._probing
            self._probing = None
            await self._table.ask(lambda: self._close(until))

    async def failed(self) -> None:
        """Note that TMDB gave no usable answer."""
        self._in_a_row += 1
        if self._probing:
            (until, trips), self._probing = self._probing, None
            await self._table.ask(lambda: self._reopen(until, trips))
        elif self._in_a_row >= FAILURES:
            self._in_a_row = 0
            await self._table.ask(self._trip)

    def _trip(self) -> None:
        try:
            self._table.trip(self._table.now() + int(FIRST_OPEN * MICROSECONDS))
        except Refused:
            return  # Somebody else was quicker.
        logger.warning("tmdb_circuit_opened", extra={"seconds": FIRST_OPEN})
        count("TmdbCircuitOpened")

    def _reopen(self, probing: int, trips: int) -> None:
        seconds = min(LONGEST_OPEN, FIRST_OPEN * 2 ** min(trips, 10))
        try:
            self._table.reopen(
                self._table.now() + int(seconds * MICROSECONDS),
                probing=probing,
            )
        except Refused:
            return  # Our time to try was over.
        logger.warning("tmdb_circuit_stays_open", extra={"seconds": seconds})

    def _close(self, probing: int) -> None:
        try:
            self._table.close(probing=probing)
        except Refused:
            return
        logger.info("tmdb_circuit_closed")
