"""The retry of a use case whose room or tally another participant changes at the same time."""

from matinee.retry import Backoff, OptimisticRetry, WriteConflict
from rooms.domain.errors import RoomBusy

BACKOFF = Backoff(attempts=20, initial=0.02, longest=0.5)
"""Enough attempts for fifty participants who vote on one title at the same instant, also where a
transaction takes 60 ms (bench/concurrency)."""


def optimistic_retry(backoff: Backoff = BACKOFF) -> OptimisticRetry:
    """Return the retry after a WriteConflict; raises RoomBusy when no attempt is left."""
    return OptimisticRetry(WriteConflict, RoomBusy, backoff)
