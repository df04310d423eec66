"""Erase a deleted user's library.

    1  block            deletes the preferences; from this commit on nothing of the user's is
                        stored, so what their lists hold now is all that there will ever be
    2  list by list     deletes MAX_TITLES_DELETED titles at a time, until none is left
    3  imports          the same with imports and their rows
    4  notices          the same with what the user was told: nobody is, whose watchlist is empty

What is still to be done is what is still stored: a crash leaves the rest to be found again, and
repeating a step changes nothing. Removals are not published: consumers react to UserDeleted.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from library.domain.titles import ListName
from library.ports import MAX_TITLES_DELETED, ErasureRepository, OtherStore, Store
from matinee.clock import Clock, utc_now
from matinee.erasure import BLOCK_TTL, DeadlineExceeded, ErasureRun, Timer

MAX_TITLES_FOUND = 500
"""In one query for what is still stored."""


@dataclass(frozen=True, slots=True)
class UserDataEraser:
    """Erases what the library stores of a user."""

    repository: ErasureRepository
    now: Clock = utc_now
    timer: Timer = time.monotonic

    def __call__(self, user_id: str) -> None:
        """Erase a user's library, or as much of it as there is time for.

        Raises DeadlineExceeded when the rest must be continued in another invocation, and
        Unavailable when a table cannot be reached or nothing was erased in time: the queue
        delivers the event again.
        """
        run = ErasureRun(user_id, self.timer)
        self.repository.block(user_id, self.now() + BLOCK_TTL)
        try:
            for store, keys in self._stored(user_id):
                run.check_deadline()
                self.repository.delete(user_id, store, keys)
                run.done += len(keys)
        except DeadlineExceeded:
            run.require_progress()
            raise
        run.finish()

    def _stored(self, user_id: str) -> Iterator[tuple[Store, Sequence[str]]]:
        """Yield what is stored of the user, store by store, until nothing is."""
        for store in (*ListName, *OtherStore):
            while found := self.repository.get_keys(user_id, store, MAX_TITLES_FOUND):
                yield from ((store, keys) for keys in _batches(found))


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return batched(keys, MAX_TITLES_DELETED, strict=False)
