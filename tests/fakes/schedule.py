"""Threads that run one at a time and stop where the test wants them to.

A use case runs as a task. At every checkpoint (the fakes have one before each read and each write)
it stops and waits to be let on, so that a test decides who acts between whose read and write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

_current = threading.local()

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
        self.at = "start"
        self._inject: BaseException | None = None
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._work = work
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def __repr__(self) -> str:
        return f"<{self.name} {'done' if self.done else 'at ' + self.at}>"

    def step(self, inject: BaseException | None = None) -> None:
        """Let the task go on to its next checkpoint; `inject` is raised where it stands."""
        assert not self.done
        self._inject = inject
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
        """Let the task go on to its end."""
        while not self.done:
            self.step()

    def crash(self) -> None:
        """End the task where it stands."""
        while not self.done:
            self.step(Crashed())

    def stop_at(self, place: str) -> None:
        """Called by a checkpoint, in the task's own thread."""
        self.at = place
        self._stopped.release()
        self._wait()

    def _run(self) -> None:
        _current.task = self
        try:
            self._wait()
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self.done = True
        self._stopped.release()

    def _wait(self) -> None:
        self._go.acquire()
        injected, self._inject = self._inject, None
        if injected is not None:
            raise injected


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
