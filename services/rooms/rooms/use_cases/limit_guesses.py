"""Limit how many codes that no room has a user, and an address, may try."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rooms.domain.errors import RoomNotFound
from rooms.domain.rate_limits import GUESS
from rooms.ports import RateLimiter


@dataclass(frozen=True, slots=True)
class GuessLimiter:
    """Counts the look-ups of codes; only those that find no room add up."""

    limiter: RateLimiter

    @contextmanager
    def counted(self, user_id: str, source: str) -> Iterator[None]:
        """Count a look-up, unless it finds a room, whatever else becomes of it.

        Raises TooManyAttempts before it is made, and RoomNotFound as the look-up does.
        """
        self.limiter.check(GUESS, user_id, source)
        try:
            yield
        except RoomNotFound:
            raise
        except BaseException:
            self.limiter.refund(GUESS, user_id, source)
            raise
        self.limiter.refund(GUESS, user_id, source)
