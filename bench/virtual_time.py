"""An event loop whose time passes only while everybody waits: minutes of pauses take seconds."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeps and timeouts end as soon as nothing else is left to do; threads are not used."""

    def __init__(self) -> None:
        self.seconds = 0.0
        super().__init__(_Waits(self))

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self.seconds

    def now(self) -> datetime:
        """Return the virtual time of day."""
        return START + timedelta(seconds=self.seconds)

    def run_in_executor(  # type: ignore[override] # of what asyncio.to_thread needs
        self,
        executor: object,  # noqa: ARG002 - there is none
        func: Callable[..., Any],
        *args: Any,  # noqa: ANN401 - as asyncio has it
    ) -> asyncio.Future[Any]:
        """Call a function at once, instead of in a thread."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as an executor does
            done.set_exception(error)
        return done


class _Waits(selectors.SelectSelector):
    """A selector that moves the loop's time instead of waiting."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; if nothing is, it is later."""
        ready = super().select(0)
        if not ready:
            if timeout is None:
                message = "everybody waits for something that never comes"
                raise RuntimeError(message)
            self._loop.seconds += max(0.0, timeout)
        return ready
