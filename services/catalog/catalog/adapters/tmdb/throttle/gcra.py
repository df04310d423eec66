"""The arithmetic of the shared rate: when each request may go.

Source: the generic cell rate algorithm (ITU-T I.371) in its virtual scheduling form, without a
burst. One number, the moment at which the next place in the steady flow is free, is all the state
there is; that is why one conditional write of one item can share it between any number of
instances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

MICROSECONDS = 1_000_000

JITTER = 0.05
"""Seconds by which requests may arrive later than one another did in their places.

The flow is slower than the limit by just so much: at 40 a second, 38.1 go out.
"""

GRACE = 10_000
"""Microseconds, a part of the jitter: a place that nobody took stays free for so long. Without it,
instances that write while the flow falls idle would refuse one another's writes."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A steady flow. `interval` is in microseconds.

    Between any place and the one that is a limit's worth of places later lies a second and the
    jitter: no window of one second, wherever it begins, sees more than the limit arrive.
    """

    interval: int

    @classmethod
    def of(cls, requests_per_second: float) -> Self:
        """Return the pace that keeps a limit. 2.5 a second means two in any one second."""
        whole = math.floor(requests_per_second) or requests_per_second
        return cls(math.ceil((1 + JITTER) / whole * MICROSECONDS))

    def cost(self, requests: int) -> int:
        """Return by how much some requests move the next free place, in microseconds."""
        return requests * self.interval

    def enter(self, free_at: int, now: int) -> int:
        """Return the first place that can be taken when places are free from `free_at` on.

        Both moments are microseconds since the epoch. After a time without requests that is now:
        places of the past are not saved up.
        """
        return now if free_at < now - GRACE else free_at

    def waits(self, first: int, now: int, requests: int) -> Sequence[float]:
        """Return how long each request waits for its place, in seconds; `first` is the first's.

        Below zero, it is late.
        """
        places = (first + number * self.interval for number in range(requests))
        return [(place - now) / MICROSECONDS for place in places]
