"""Threads that run one at a time and stop where the test wants them to.

A use case runs as a task. At every checkpoint (the fakes have one before each read and each write)
it stops and waits to be let on, so that a test decides who acts between whose read and write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

_current = threading.local()

START = "start"
WROTE = "wrote"
"""How the places are called at which a write has just been made."""

PATIENCE = 30
"""Seconds after which a task that neither ends nor reaches a checkpoint has gone astray."""


class Crashed(BaseException):  # noqa: N818 - it is no error that anybody handles
    """The process ended here: nothing after this point has happened."""


class Task:
    """One use case on its way, standing at a checkpoint until `step` lets it go on."""

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
        """Let the task go on to its next checkpoint; `inject` is raised where it stands."""
        assert not self.done
        self._inject = inject
        if self.at == START:
            self.at = "its first steps"
            _Worker.free().take(self)
        self._go.release()
        assert self._stopped.acquire(timeout=PATIENCE), f"{self!r} does not stop"

    def advance(self) -> None:
        """Let the task do what it stands before, up to its next read, its next write or its end.

        What lies behind a write concerns nobody else, so it makes no difference to the order.
        """
        self.step()
        while self.at.startswith(WROTE) and not self.done:
            self.step()

    def finish(self) -> None:
        """Let the task go on to its end without a stop; not begun, it needs no thread for that."""
        if self.at == START:
            self._do()
        if not self.done:
            self._stops = False
            self.step()

    def crash(self) -> None:
        """End the task where it stands."""
        while not self.done:
            self.step(Crashed())

    def stop_at(self, place: str) -> None:
        """Called by a checkpoint, in the task's own thread."""
        self.at = place
        if self._stops:
            self._stopped.release()
            self._wait()

    def run(self) -> None:
        """Called by a worker, in the task's own thread."""
        _current.task = self
        try:
            self._wait()
        except Crashed as crashed:
            self.error, self.done = crashed, True
        else:
            self._do()
        del _current.task

    def tell_that_it_is_done(self) -> None:
        """Called by a worker when it is ready for another task."""
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
            task.tell_that_it_is_done()
            del task


def _closed() -> threading.Lock:
    """Answer a gate that somebody else has to open."""
    gate = threading.Lock()
    gate.acquire()
    return gate


def checkpoint(place: str) -> None:
    """Stop the task that runs this, if one does, until the test lets it go on."""
    task: Task | None = getattr(_current, "task", None)
    if task is not None:
        task.stop_at(place)


def every_order(scenario: Callable[[Iterator[int]], Sequence[int]], most: int) -> int:
    """Run a scenario in every order of its steps, depth first; answers how many there were.

    The scenario takes its choices from an iterator and answers, for each choice, among how many
    alternatives it was made. It must be deterministic. Stops after `most` orders.
    """
    path: list[int] = []
    runs = 0
    while runs < most:
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
