"""A scheduler of tasks that run one at a time and stop where the test decides.

A use case runs as a task. At every checkpoint (the fakes have one before each read and each write)
it stops until the test continues it, so that a test decides who acts between whose read and write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from greenlet import getcurrent, greenlet

from tests.fakes import measured

START = "start"
READ, WRITE, WROTE = "read ", "write ", "wrote "
"""The prefixes of the checkpoints before a read, before a write and after it."""

type Tables = frozenset[str] | None
"""Names of tables; None when it may be any of them."""

NO_TABLES: Tables = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """Which tables a step has read and which it has written."""

    reads: Tables
    writes: Tables

    def commutes_with(self, other: Effect) -> bool:
        """Return whether the two steps lead to the same state in either order."""
        return not (
            _overlap(self.writes, other.writes)
            or _overlap(self.writes, other.reads)
            or _overlap(self.reads, other.writes)
        )


def _overlap(one: Tables, other: Tables) -> bool:
    if one is None or other is None:
        return NO_TABLES not in (one, other)
    return not one.isdisjoint(other)


class Crashed(BaseException):  # noqa: N818 - nobody handles it
    """The process ended here: nothing after this point has happened."""


class _Stack(greenlet):
    """What a task runs on beside the test: changing to it and back is a plain call."""

    task: Task


class Task:
    """A running use case, stopped at a checkpoint until `step` continues it."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self.name = name
        self.result: object = None
        self.error: BaseException | None = None
        self.done = False
        self.at = START
        self._tables: Tables = None
        self._stops = True
        self._work = work
        measured.pause()
        self._stack = _Stack(self._run)
        self._stack.task = self

    def __repr__(self) -> str:
        return f"<{self.name} {'done' if self.done else 'at ' + self.at}>"

    def step(self, inject: BaseException | None = None) -> None:
        """Continue to the next checkpoint; `inject` is raised at the present one."""
        assert not self.done
        if self.at == START:
            self.at = "its first steps"
        self._stack.parent = getcurrent()
        self._stack.switch(inject)

    def advance(self) -> Effect:
        """Continue to the next read, the next write or the end; return the effect of that.

        What follows a write concerns no other task, so it makes no difference to the order. A
        write checks what it likes; a refused one changes nothing; what is neither read nor write
        is taken for a change of everything.
        """
        at, tables = self.at, self._tables
        self.step()
        wrote = False
        while self.at.startswith(WROTE) and not self.done:
            wrote = True
            self.step()
        if at.startswith(READ):
            return Effect(tables, None if wrote else NO_TABLES)
        if at.startswith(WRITE):
            return Effect(None, tables if wrote else NO_TABLES)
        return Effect(None, None)

    def finish(self) -> None:
        """Continue to the end without a stop."""
        if not self.done:
            self._stops = False
            self.step()

    def crash(self) -> None:
        """End the task at the present checkpoint, as a crash would."""
        while not self.done:
            self.step(Crashed())

    def stop_at(self, place: str, tables: Tables) -> None:
        """Stop at a checkpoint; called by the task itself."""
        self.at, self._tables = place, tables
        if self._stops:
            assert self._stack.parent is not None
            injected = self._stack.parent.switch()
            if injected is not None:
                raise injected

    def _run(self, injected: BaseException | None) -> None:
        self.error = injected
        if injected is None:
            try:
                self.result = self._work()
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                self.error = error
        self.done = True


def checkpoint(place: str, tables: Tables = None) -> None:
    """Stop the task that runs this, if one does, until the test continues it.

    `tables` are those that are read until the next checkpoint, or that the write changes.
    """
    stack = getcurrent()
    if isinstance(stack, _Stack):
        stack.task.stop_at(place, tables)


class Order:
    """Decides which of some overlapping tasks continues: as `turns` say, then the first one."""

    def __init__(self, turns: Iterable[int] = ()) -> None:
        self._turns = iter(turns)

    def run(self, tasks: Sequence[Task]) -> None:
        """Run tasks to their ends; none of them has begun, or each is before its first read."""
        for task in tasks:
            if task.at == START:
                task.step()
        while len(waiting := [place for place, task in enumerate(tasks) if not task.done]) > 1:
            self._advance(tasks, waiting)
        for place in waiting:
            self._finish(tasks, place)

    def _advance(self, tasks: Sequence[Task], waiting: Sequence[int]) -> None:
        tasks[waiting[next(self._turns, 0) % len(waiting)]].advance()

    def _finish(self, tasks: Sequence[Task], place: int) -> None:
        tasks[place].finish()


def every_order(play: Callable[[Order], object], limit: int) -> int:
    """Play a scenario in every order of its steps, depth first; return how many there were.

    `play` must be deterministic and run its tasks by the order that it is given. Two orders that
    differ only in which of two reads came first, or of a read of one table and a write of another,
    lead to the same states: one of them is played (partial order reduction by sleep sets). Stops
    after `limit` orders.
    """
    path: list[_Choice] = []
    orders = 0
    while orders < limit:
        try:
            play(_PathOrder(path))
            orders += 1
        except _Redundant:
            pass
        while path and not path[-1].next():
            path.pop()
        if not path:
            break
    return orders


class _Redundant(Exception):
    """What follows has been seen after other orders of the same steps."""


class _Choice:
    """A place in a path of choices, and what has been tried there.

    `asleep` are the tasks whose next step has been made before, here or further up the path, with
    nothing since that makes a difference to it; and the effect of that step.
    """

    def __init__(self, waiting: Sequence[int], asleep: Mapping[int, Effect]) -> None:
        self._asleep = dict(asleep)
        self._untried = [place for place in waiting if place not in asleep]
        self._effect = Effect(None, None)
        if not self._untried:
            raise _Redundant

    @property
    def chosen(self) -> int:
        return self._untried[0]

    def made(self, effect: Effect) -> Mapping[int, Effect]:
        """Record the effect of the step that was chosen; return which tasks are asleep after it."""
        self._effect = effect
        return {n: step for n, step in self._asleep.items() if step.commutes_with(effect)}

    def next(self) -> bool:
        """Choose the next task; return whether there is one."""
        self._asleep[self._untried.pop(0)] = self._effect
        return bool(self._untried)


class _PathOrder(Order):
    """Makes the choices of a path, and adds to it those that come after."""

    def __init__(self, path: list[_Choice]) -> None:
        super().__init__()
        self._path = path
        self._depth = 0
        self._asleep: Mapping[int, Effect] = {}

    def _advance(self, tasks: Sequence[Task], waiting: Sequence[int]) -> None:
        if self._depth == len(self._path):
            with _ended_if_redundant(tasks):
                self._path.append(_Choice(waiting, self._asleep))
        choice = self._path[self._depth]
        self._depth += 1
        self._asleep = choice.made(tasks[choice.chosen].advance())

    def _finish(self, tasks: Sequence[Task], place: int) -> None:
        with _ended_if_redundant(tasks):
            _Choice([place], self._asleep)
        super()._finish(tasks, place)


@contextmanager
def _ended_if_redundant(tasks: Sequence[Task]) -> Iterator[None]:
    try:
        yield
    except _Redundant:
        for task in tasks:
            task.crash()
        raise
