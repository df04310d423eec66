"""One clock and one order for everything: tasks that stop at every call, and what befalls them.

A task is a greenlet: it runs until it calls a service, asks for a pause or starts another task, and
continues when the clock says so. How long a call takes and what goes wrong with it is drawn from
the task's own random numbers, so a history is its seed's and nothing else's.
"""

from __future__ import annotations

import heapq
from asyncio import AbstractEventLoop
from asyncio.events import _get_running_loop, _set_running_loop
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from greenlet import getcurrent, greenlet

EPOCH = 1_796_040_000.0
"""When histories begin: 2026-11-30T12:00:00Z, in seconds."""


class Killed(BaseException):
    """The process ended here. Nobody handles it, and no call is made after it."""


class Point(NamedTuple):
    """A call as the code makes it: who calls what, of whom, from which lines."""

    function: str
    call: str
    target: str
    code: str

    def __str__(self) -> str:
        return f"{self.function}: {self.call} {self.target} ({self.code})"


@dataclass(frozen=True, slots=True)
class Fault:
    """What befell one call: the task's name, the number of its call, and which kind."""

    task: str
    call: int
    kind: str
    point: Point | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.task}, call {self.call}: {self.kind} at {self.point}"


KINDS: Mapping[str, float] = {
    "killed before": 0.006,
    "killed after": 0.006,
    "refused": 0.006,
    "throttled": 0.006,
    "lost": 0.006,
    "repeated": 0.006,
    "slow": 0.004,
}
"""How probable each fault of a call is, where everything is as usual."""


_PUT_EVENTS = "events.PutEvents"


class Faults:
    """Decides what befalls each call: what the random numbers say, or only what is in `only`."""

    def __init__(self, scale: float = 1.0, only: Iterable[Fault] | None = None) -> None:
        self.on = True
        self.happened: list[Fault] = []
        self.outage = (0.0, 0.0)
        """From when until when the bus accepts nothing, in the scheduler's seconds."""

        self._scale = scale
        self._likely = sum(KINDS.values()) * scale
        self._only = None if only is None else {(it.task, it.call): it.kind for it in only}

    def of(self, task: Task, point: Point) -> str | None:
        """Return the kind of fault that befalls a task's next call."""
        drawn = task.random.random()
        if not self.on:
            return None
        if self._only is not None:
            kind = self._only.get((task.name, task.calls))
        elif self._is_out(task, point):
            kind = "refused"
        else:
            kind = self._drawn(drawn)
        if kind:
            self.happened.append(Fault(task.name, task.calls, kind, point))
        return kind

    def _is_out(self, task: Task, point: Point) -> bool:
        start, end = self.outage
        return start < end and point.call == _PUT_EVENTS and start <= task.scheduler.time < end

    def _drawn(self, number: float) -> str | None:
        if number > self._likely:
            return None
        for kind, probability in KINDS.items():
            number -= probability * self._scale
            if number < 0:
                return kind
        return None


class Task:
    """A piece of work that stops at calls and pauses. `instance` is that of its function."""

    def __init__(
        self, scheduler: Scheduler, name: str, work: Callable[[], object], instance: Instance | None
    ) -> None:
        self.name = name
        self.random = Random(f"{scheduler.seed}/{name}")
        self.calls = 0
        self.instance = instance
        self.dead = False
        self.done = False
        self.value: object = None
        self.error: BaseException | None = None
        self.then: list[Callable[[Task], None]] = []
        self.children: list[Task] = []
        self.parent: Task | None = None
        self.scheduler = scheduler
        self.loop: AbstractEventLoop | None = None
        self._work = work
        self.green = greenlet(self._run, parent=scheduler.hub)

    def _run(self, *_: object) -> None:
        try:
            self.value = self._work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the task looks at it
            self.error = error
        self._end()

    def _end(self) -> None:
        if not self.done:
            self.done = True
            for follow in self.then:
                self.scheduler.after(0.0, follow, self)

    def kill(self) -> None:
        """End the task where it is, with those that it has started."""
        if self.done or self.dead:
            return
        self.dead = True
        for child in self.children:
            child.kill()
        self.error = Killed()
        if self.green is getcurrent():
            raise self.error
        if self.green:
            self.scheduler.enter(self, self.green.throw, Killed)
        self._end()


@dataclass(eq=False)
class Instance:
    """A function's process: what its composition root has built, and its environment."""

    function: str
    environment: Mapping[str, str]
    built: dict[object, object] = field(default_factory=dict)


class Scheduler:
    """Runs tasks and events in the order of their times."""

    def __init__(self, seed: str, faults: Faults) -> None:
        self.seed = seed
        self.faults = faults
        self.time = 0.0
        self.hub = getcurrent()
        self.task: Task | None = None
        self.points: Counter[Point] = Counter()
        self.kills: Counter[Point] = Counter()
        self._agenda: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._numbers = 0

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return EPOCH + self.time

    def after[*Given](
        self, seconds: float, action: Callable[[*Given], object], *given: *Given
    ) -> None:
        """Do something later, in nobody's name."""
        self._numbers += 1
        moment = self.time + seconds if seconds > 0 else self.time
        heapq.heappush(self._agenda, (moment, self._numbers, action, given))

    def run(self, limit: float = float("inf")) -> None:
        """Go on until nothing is left to do, or until a time."""
        agenda, pop = self._agenda, heapq.heappop
        while agenda and agenda[0][0] <= limit:
            self.time, _, action, given = pop(agenda)
            action(*given)
        if limit != float("inf"):
            self.time = max(self.time, limit)

    def start(
        self, name: str, work: Callable[[], object], instance: Instance | None = None
    ) -> Task:
        """Start a task, at once or nearly."""
        task = Task(self, name, work, instance)
        self.after(task.random.random() * 0.002, self.resume, task)
        return task

    def enter(self, task: Task, switch: Callable[[Any], object], given: object) -> None:
        """Run a task until it stops. Which loop of asyncio runs is its own affair."""
        before, self.task = self.task, task
        loop = _get_running_loop()
        _set_running_loop(task.loop)
        switch(given)
        task.loop = _get_running_loop()
        _set_running_loop(loop)
        self.task = before

    def resume(self, task: Task, value: object = None, error: BaseException | None = None) -> None:
        """Continue a task with a call's result, if it still lives."""
        if task.dead or task.done:
            return
        if error is None:
            self.enter(task, task.green.switch, value)
        else:
            self.enter(task, task.green.throw, error)

    # ── called by tasks ──────────────────────────────────────────────────────────────────────────

    def current(self) -> Task:
        """Return the task that runs; raise Killed in one that is dead."""
        assert self.task is not None, "a call outside of every task"
        if self.task.dead:
            raise Killed
        return self.task

    def sleep(self, seconds: float) -> None:
        """Pause the task."""
        task = self.current()
        self.after(seconds, self.resume, task)
        self.hub.switch()

    def wait(self, *others: Task) -> None:
        """Pause the task until others have ended."""
        task = self.current()
        left = [other for other in others if not other.done]
        if not left:
            return
        missing = [len(left)]

        def one_less(_: Task) -> None:
            missing[0] -= 1
            if not missing[0]:
                self.resume(task)

        for other in left:
            other.then.append(one_less)
        self.hub.switch()

    def call(self, point: Point, begin: Begin, failures: Failures) -> Any:  # noqa: ANN401 - any result
        """Make a call: `begin` is what happens first, and returns what happens last.

        In between the task is stopped, and anything may happen.
        """
        task = self.current()
        task.calls += 1
        self.points[point] += 1
        fault = self.faults.of(task, point)
        if fault in {"killed before", "killed after"}:
            self.kills[point] += 1
        _Call(self, task, begin, failures, fault).make()
        return self.hub.switch()

    def branch(self, name: str, work: Callable[[], object]) -> Task:
        """Start a task that ends with the present one, as a thread does."""
        parent = self.current()
        child = self.start(f"{parent.name}/{name}", work, parent.instance)
        parent.children.append(child)
        child.parent = parent
        return child


class Failures:
    """The errors of one service's client."""

    def refused(self, kind: str) -> Exception:
        """Return the error of a call that has had no effect."""
        raise NotImplementedError

    def lost(self) -> Exception:
        """Return the error of a call whose answer was lost."""
        raise NotImplementedError

    def translated(self, error: Exception) -> Exception:
        """Return an error of the service as the client raises it."""
        raise NotImplementedError

    def repeats(self, error: Exception) -> bool:
        """Return whether a client repeats a call that ended so by itself."""
        raise NotImplementedError


type Begin = Callable[[Random], Callable[[], Any]]
"""What a call does first; it returns what the call does last."""


@dataclass(slots=True)
class _Call:
    """One call, from its sending to its answer."""

    scheduler: Scheduler
    task: Task
    begin: Begin
    failures: Failures
    fault: str | None
    _found: Callable[[], Any] | Exception | None = None

    def make(self) -> None:
        """Send it."""
        chance, later = self.task.random, self.scheduler.after
        go, come = _latency(chance), _latency(chance)
        match self.fault:
            case "killed before":
                later(go, _root(self.task).kill)
                return
            case "refused" | "throttled" as kind:
                error = self.failures.refused(kind)
                later(go, self.scheduler.resume, self.task, None, error)
                return
            case "slow":
                come += chance.choice((5.0, 15.0, 40.0))
        later(go, self._first)
        if self.fault == "repeated":
            later(go + come, self._repeat)
            come += 0.1 + 2 * come
        later(go + come, self._last)

    def _first(self) -> None:
        try:
            self._found = self.begin(self.task.random)
        except Exception as error:  # noqa: BLE001 - the caller gets it
            self._found = error

    def _finish(self) -> tuple[object, Exception | None]:
        found, self._found = self._found, None
        if isinstance(found, Exception):
            return None, found
        assert found is not None
        try:
            return found(), None
        except Exception as error:  # noqa: BLE001 - as above
            return None, error

    def _repeat(self) -> None:
        """Do it, and have the client do it again, as if it had not been told."""
        _, error = self._finish()
        if error is not None and not self.failures.repeats(error):
            self._found = error
            return
        self.scheduler.after(0.05, self._first)

    def _last(self) -> None:
        value, error = self._finish()
        if self.fault == "killed after":
            _root(self.task).kill()
        elif self.fault == "lost":
            self.scheduler.resume(self.task, None, self.failures.lost())
        elif error is not None:
            self.scheduler.resume(self.task, None, self.failures.translated(error))
        else:
            self.scheduler.resume(self.task, value)


def _root(task: Task) -> Task:
    while task.parent is not None:
        task = task.parent
    return task


def _latency(chance: Random) -> float:
    number = chance.random()
    if number < 0.80:
        return 0.001 + chance.random() * 0.02
    if number < 0.96:
        return 0.02 + chance.random() * 0.3
    return 0.3 + chance.random() * 3
