"""The eraser: when an account is gone, the library forgets the user.

    1  he is barred      his preferences go, and from this commit on nothing of his is stored: what
                         his lists hold by now is all that there will ever be
    2  list by list      25 titles at a time, until none is left

What is still to be done is what is still stored. So a crash leaves the rest to be found again, and
doing it all again changes nothing. No removal is told: who keeps something hears of the user's end.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched

from library.domain.titles import ListName
from library.events.published import UserDeleted
from library.ports import Erasable, Resumption
from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.observability import count, logger

BARRED_FOR = timedelta(days=2)
"""Longer than the longest life that Cognito can give an access token, which is a day."""

TIME = 40.0
"""Seconds after which the rest is left to the next invocation. One step takes a few at most."""

LOOKED_UP = 500
"""Titles that are looked up at a time."""

AT_A_TIME = 25
"""Titles that DynamoDB deletes in one request."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """Reacts to accounts that are gone."""

    erasable: Erasable
    resumption: Resumption
    now: Clock = utc_now
    timer: Callable[[], float] = time.monotonic

    def handle(self, event: Envelope[Contract]) -> None:
        """Erase a user, or as much of him as there is time for, and see to it that it goes on.

        Raises Unavailable when a table does not answer: the queue shows the event again.
        """
        data = event.data
        if not isinstance(data, UserDeleted):
            message = f"{data.event_type} is none of the eraser's business"
            raise Unprocessable(message)
        ends = self.timer() + TIME
        self.erasable.bar(data.user_id, self.now() + BARRED_FOR)
        erased = 0
        for name, keys in self._stored(data.user_id):
            if self.timer() >= ends:
                self._go_on_later(event, erased)
                return
            self.erasable.erase(data.user_id, name, keys)
            erased += len(keys)
        logger.info("user_erased", extra={"titles": erased})
        count("UsersErased")

    def _stored(self, user_id: str) -> Iterator[tuple[ListName, Sequence[str]]]:
        """Iterate over what is stored of him, as long as there is something."""
        for name in ListName:
            while found := self.erasable.titles(user_id, name, LOOKED_UP):
                for keys in batched(found, AT_A_TIME, strict=False):
                    yield name, keys

    def _go_on_later(self, event: Envelope[Contract], erased: int) -> None:
        """Hand the rest on. Who got nothing done hands on nothing: that is a fault, not a page."""
        if not erased:
            message = "no title could be erased in time"
            raise Unavailable(message)
        logger.info("erasure_goes_on", extra={"titles": erased})
        self.resumption.resume(event)
