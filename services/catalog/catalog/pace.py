"""The arithmetic of the shared rate: when each request may go.

Source: the generic cell rate algorithm (ITU-T I.371) in its virtual scheduling form. One number,
the moment at which the next place in the steady flow is free, is all the state there is; that is
why one conditional write of one item can share it between any number of instances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """A steady flow with a small burst. `interval` is in microseconds.

    In any one second no more than the limit goes out: a fifth of it may go at once, the rest
    flows. The price is that the flow is four fifths of the limit.

    Half of the burst is the `lead`, by which a request may go before its place in the flow; the
    other half is the `grace`, for which a place that nobody took stays free. Without a grace,
    instances that write at the same time as the flow falls idle would refuse one another's writes.
    """

    interval: int
    burst: int

    @classmethod
    def of(cls, requests_per_second: float) -> Self:
        """Answer the pace that keeps a limit. Below one request a second there is no burst."""
        burst = max(1, math.floor(requests_per_second / 5))
        steady = max(requests_per_second - burst, requests_per_second / 2)
        return cls(math.ceil(MICROSECONDS / steady), burst)

    @property
    def lead(self) -> int:
        """How far ahead of its place a request may go, in microseconds."""
        return (self.burst - 1) * self.interval - self.grace

    @property
    def grace(self) -> int:
        """How long a place in the past can still be taken, in microseconds."""
        return (self.burst - 1) * self.interval // 2

    def cost(self, requests: int) -> int:
        """Answer by how much some requests move the next free place, in microseconds."""
        return requests * self.interval

    def enter(self, free_at: int, now: int) -> int:
        """Answer the first place that can be taken when places are free from `free_at` on.

        Both moments are microseconds since the epoch. After a time without requests that is now:
        places of the past are not saved up.
        """
        return now if free_at < now - self.grace else free_at

    def waits(self, first: int, now: int, requests: int) -> Sequence[float]:
        """Answer how long each request waits for its place, in seconds; `first` is the first's."""
        places = (first - self.lead + number * self.interval for number in range(requests))
        return [max(0, place - now) / MICROSECONDS for place in places]
