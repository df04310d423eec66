"""The event loop of asyncio in a simulated function: its task waits where a loop would select.

What a coroutine does in a thread, as a call of DynamoDB, is a task that ends with its function.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from tests.simulation.process import Current, code_of_the_product
from tests.simulation.scheduler import Task


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs coroutines of one task at a time, in simulated time."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self
        self._clock_resolution = 1e-6
        self._waiting: object | None = None
        self._task: Task | None = None

    def __del__(self) -> None:
        """Do nothing: a loop ends with its function, which nobody warns of."""

    def select(self, timeout: float | None) -> list[object]:
        """Pause the task until something is to be run, or so many seconds."""
        scheduler = Current.get().scheduler
        task = scheduler.current()
        if timeout is not None and timeout <= 0:
            return []
        turn = object()
        self._waiting, self._task = turn, task
        if timeout is not None:
            scheduler.after(timeout, lambda: self._wake(turn))
        scheduler.hub.switch()
        self._waiting = None
        return []

    def _wake(self, turn: object) -> None:
        if self._waiting is turn and turn is not None:
            self._waiting = None
            assert self._task is not None
            Current.get().scheduler.resume(self._task, None)

    def _write_to_self(self) -> None:
        turn = self._waiting
        Current.get().scheduler.after(0.0, lambda: self._wake(turn))

    def _process_events(self, events: list[object]) -> None:
        """Do nothing: there are no sockets."""

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002 - the base class has it
        func: Callable[..., Any],
        *args: Any,  # noqa: ANN401 - any arguments
    ) -> asyncio.Future[Any]:
        """Start a task; return the future of its result."""
        future = self.create_future()
        scheduler = Current.get().scheduler
        number = len(scheduler.current().children) + 1
        task = scheduler.branch(f"{number}", lambda: func(*args))

        def end(ended: Task) -> None:
            self.call_soon_threadsafe(_settle, future, ended)

        task.then.append(end)
        return future


def _settle(future: asyncio.Future[Any], task: Task) -> None:
    if future.done():  # it was cancelled
        return
    if task.error is None:
        future.set_result(task.value)
    else:
        future.set_exception(task.error)


class SimulatedRunner:
    """Runs coroutines one after the other, as `asyncio.Runner` does."""

    def __init__(self) -> None:
        self._loop: SimulatedLoop | None = None

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine."""
        if self._loop is None:
            self._loop = SimulatedLoop()
        return self._loop.run_until_complete(work)


class Transport(httpx.AsyncBaseTransport):
    """Sends the requests of an asynchronous client to the world's services."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        code = code_of_the_product()
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, lambda: Current.get().http(request, code))
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)
