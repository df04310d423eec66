"""Time and identifiers as a test wants them."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from itertools import count

from matinee.ids import first_id_at

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
"""When tests take place."""


class FakeClock:
    """Returns the same moment until it is moved."""

    def __init__(self, start: datetime = NOON) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        """Move on, for example by hours=24."""
        self.moment += timedelta(**by)


class FakeIds:
    """Returns identifiers in order, of the form that ours have, dated by a clock."""

    def __init__(self, now: FakeClock | None = None) -> None:
        self._now = now or FakeClock()
        self._numbers = count(1)

    def __call__(self) -> str:
        head = first_id_at(self._now())[:18]
        return f"{head}-9000-{next(self._numbers):012x}"


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop that does not wait: its time moves on to what is due next, and only so."""

    def __init__(self) -> None:
        super().__init__(_Skipping(self))
        self.seconds = 0.0

    def time(self) -> float:
        return self.seconds


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.seconds += timeout or 0
        return super().select(timeout and 0)


def seconds_of(work: Coroutine[object, object, None]) -> float:
    """Run to the end without waiting; returns for how long it would have waited."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(work)
        return runner.get_loop().time()


def no_pause(_: float) -> None:
    """Pause for no time at all."""


def identifier(number: int) -> str:
    """Return the identifier that stands for a number, wherever a test needs just any."""
    return f"0190d0f1-7000-7000-8000-{number:012x}"
