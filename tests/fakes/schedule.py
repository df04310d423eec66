"""A scheduler of threads that run one at a time and stop where the test decides.

A use case runs as a task. At every checkpoint (the fakes have one before each read and each write)
it stops until the test continues it, so that a test decides who acts between whose read and write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

_current = threading.local()

START = "start"
WROTE = "wrote"
"""The prefix of the checkpoints after a write."""

STEP_TIMEOUT_SECONDS = 30
"""After which a task that neither ends nor reaches a checkpoint has failed."""


class Crashed(BaseException):  # noqa: N818 - nobody handles it
    """The process ended here: nothing after this point has happened."""


class Task:
    """A running use case, stopped at a checkpoint until `step` continues it."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self.name = name
        self.result: object = None
        self.error: BaseException | None = None
        self.done = False
        self.at = START
        self._inject: BaseException | None = None
        self._stops = True
        self._go = _closed()
        self._stopped = _closed()
        self._work = work

    def __repr__(self) -> str:
        return f"<{self.name} {'done' if self.done else 'at ' + self.at}>"

    def step(self, inject: BaseException | None = None) -> None:
        """Continue to the next checkpoint; `inject` is raised at the present one."""
        assert not self.done
        self._inject = inject
        if self.at == START:
            self.at = "its first steps"
            _Worker.free().take(self)
        self._go.release()
        assert self._stopped.acquire(timeout=STEP_TIMEOUT_SECONDS), f"{self!r} does not stop"

    def advance(self) -> None:
        """Continue to the next read, the next write or the end.

        What follows a write concerns no other task, so it makes no difference to the order.
        """
        self.step()
        while self.at.startswith(WROTE) and not self.done:
            self.step()

    def finish(self) -> None:
        """Continue to the end without a stop; a task that has not begun needs no thread for it."""
        if self.at == START:
            self._do()
        if not self.done:
            self._stops = False
            self.step()

    def crash(self) -> None:
        """End the task at the present checkpoint, as a crash would."""
        while not self.done:
            self.step(Crashed())

    def stop_at(self, place: str) -> None:
        """Stop at a checkpoint; called in the task's own thread."""
        self.at = place
        if self._stops:
            self._stopped.release()
            self._wait()

    def run(self) -> None:
        """Run the task; called by a worker, in the task's own thread."""
        _current.task = self
        try:
            self._wait()
        except Crashed as crashed:
            self.error, self.done = crashed, True
        else:
            self._do()
        del _current.task

    def signal_done(self) -> None:
        """Signal the end; called by a worker when it is ready for another task."""
        self._stopped.release()

    def _do(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self.done = True

    def _wait(self) -> None:
        self._go.acquire()
        injected, self._inject = self._inject, None
        if injected is not None:
            raise injected


class _Worker:
    """A thread that runs one task after another: a new one for each would take most of the time."""

    _idle: ClassVar[list[_Worker]] = []

    @classmethod
    def free(cls) -> _Worker:
        return cls._idle.pop() if cls._idle else cls()

    def __init__(self) -> None:
        self._has_task = _closed()
        self._task: Task | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def take(self, task: Task) -> None:
        self._task = task
        self._has_task.release()

    def _run(self) -> None:
        while True:
            self._has_task.acquire()
            task, self._task = self._task, None
            assert task is not None
            task.run()
            self._idle.append(self)
            task.signal_done()
            del task


def _closed() -> threading.Lock:
    """Return a lock that somebody else has to release."""
    gate = threading.Lock()
    gate.acquire()
    return gate


def checkpoint(place: str) -> None:
    """Stop the task that runs this, if one does, until the test continues it."""
    task: Task | None = getattr(_current, "task", None)
    if task is not None:
        task.stop_at(place)


def every_order(scenario: Callable[[Iterator[int]], Sequence[int]], limit: int) -> int:
    """Run a scenario in every order of its steps, depth first; return how many there were.

    The scenario takes its choices from an iterator and returns, for each choice, among how many
    alternatives it was made. It must be deterministic. Stops after `limit` orders.
    """
    path: list[int] = []
    runs = 0
    while runs < limit:
        widths = scenario(iter(path))
        runs += 1
        path += [0] * (len(widths) - len(path))
        del path[len(widths) :]
        while path and path[-1] + 1 >= widths[len(path) - 1]:
            path.pop()
        if not path:
            return runs
        path[-1] += 1
    return runs
