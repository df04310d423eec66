"""The generic cell rate algorithm: when each request of a shared rate may be sent.

Source: ITU-T I.371, the virtual scheduling form, without a burst. Its only state is one number, the
time of the next free slot; that is why one conditional write of one item can share it between any
number of instances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

MICROSECONDS = 1_000_000

JITTER = 0.05
"""Seconds by which requests may arrive later than one another after their slots.

The flow is slower than the limit by just so much: at 40 a second, 38.1 are sent.
"""

GRACE = 10_000
"""Microseconds, a part of the jitter, for which a free slot can still be taken. Without it,
instances that write while the flow becomes idle would reject one another's writes."""


@dataclass(frozen=True, slots=True)
class Gcra:
    """A steady flow of slots. `interval` is in microseconds.

    Between any slot and the one that is a limit's worth of slots later lies a second and the
    jitter: in no window of one second, wherever it begins, do more requests than the limit arrive.
    """

    interval: int

    @classmethod
    def for_limit(cls, requests_per_second: float) -> Self:
        """Return the flow that keeps a limit. 2.5 a second means two in any one second."""
        whole = math.floor(requests_per_second) or requests_per_second
        return cls(math.ceil((1 + JITTER) / whole * MICROSECONDS))

    def cost(self, requests: int) -> int:
        """Return by how much some requests move the next free slot, in microseconds."""
        return requests * self.interval

    def waits(self, first: int, now: int, requests: int) -> Sequence[float]:
        """Return how long each request waits for its slot, in seconds; `first` is the first's.

        A negative one is late.
        """
        slots = (first + number * self.interval for number in range(requests))
        return [(slot - now) / MICROSECONDS for slot in slots]
