"""The command: simulate many histories, report what they went through, shrink one that is wrong."""

from __future__ import annotations

import argparse
import gc
import pickle
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter, process_time

from tests.simulation.history import Outcome, carry_out
from tests.simulation.mutants import ROOT
from tests.simulation.plan import Plan, draw, shrunk
from tests.simulation.scheduler import Point

COLLECTED_EVERY = 20
"""Histories, between two collections of garbage."""

RESULTS = ROOT / "bench/results/simulation.md"


@dataclass(slots=True)
class Tally:
    """What some histories went through. Seconds are those of the processor."""

    seed: str
    histories: int = 0
    processor: float = 0.0
    elapsed: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    points: Counter[Point] = field(default_factory=Counter)
    kills: Counter[Point] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Add a history."""
        self.histories += 1
        self.counts += outcome.counts
        self.points += outcome.points
        self.kills += outcome.kills
        self.faults.update(fault.kind for fault in outcome.faults)

    def join(self, other: Tally) -> None:
        """Add what another process has gone through at the same time."""
        self.histories += other.histories
        self.processor += other.processor
        self.elapsed = max(self.elapsed, other.elapsed)
        self.counts += other.counts
        self.faults += other.faults
        self.points += other.points
        self.kills += other.kills

    @property
    def missed(self) -> Sequence[str]:
        """The calls at which nothing was killed, each with how often it was made."""
        return sorted(
            f"{point} - {times:,} calls"
            for point, times in self.points.items()
            if point not in self.kills
        )

    def lines(self) -> Sequence[str]:
        """Return the figures, a line each."""
        speed = self.histories / self.processor if self.processor else 0.0
        return [
            f"{self.histories:,} histories in {self.processor:,.0f} s of processor time"
            f" ({self.elapsed:,.0f} s elapsed): {speed:.1f} a second",
            *(f"  {times:>9,} {name}" for name, times in sorted(self.counts.items())),
            *(f"  {times:>9,} calls {name}" for name, times in sorted(self.faults.items())),
            f"{len(self.points)} calls in the code,"
            f" killed at {len(self.points) - len(self.missed)} of them",
        ]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return 1 if a history was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--count", type=int, default=100, help="how many histories at most")
    parser.add_argument("--seconds", type=float, help="begin none after so many")
    parser.add_argument("--seed", default="1", help="TEXT: of TEXT/0, TEXT/1 ...; or TEXT/N")
    parser.add_argument("--points", action="store_true", help="list the calls never killed at")
    parser.add_argument("--processes", type=int, default=1, help="at once")
    parser.add_argument("--part", type=_part, help="N/PROCESSES: what a process of them does")
    parser.add_argument("--mutant", help="change the product so; see mutants.py")
    parser.add_argument("--no-shrink", action="store_true", help="report a history as it is")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    given = parser.parse_args(arguments)
    tally = Tally(given.seed)
    part, step = given.part or (0, 1 if "/" in given.seed else given.processes)
    others = [] if given.part else [_start(arguments, number, step) for number in range(1, step)]
    wrong = run(tally, range(part, given.count, step), given.seconds)
    if given.part:
        sys.stdout.buffer.write(pickle.dumps((tally, wrong and wrong.plan)))
        return 0
    for other in others:
        found, plan = pickle.loads(other.communicate()[0])  # noqa: S301 - our own
        tally.join(found)
        wrong = wrong or (plan and carry_out(plan))
    print("\n".join(tally.lines()))
    if given.points:
        print("\n".join(f"  never killed at {point}" for point in tally.missed))
    if given.write:
        write(tally, wrong)
    if wrong:
        print(f"wrong: the history {_number(wrong)} of {given.count}, seed {wrong.plan.seed}")
        report(wrong, shrink=not given.no_shrink)
    return int(wrong is not None)


def _part(text: str) -> tuple[int, int]:
    part, _, processes = text.partition("/")
    return int(part), int(processes)


def _number(outcome: Outcome) -> int:
    return int(outcome.plan.seed.rpartition("/")[2]) + 1


def _start(arguments: Sequence[str], part: int, processes: int) -> subprocess.Popen[bytes]:
    """Start a process for one part of the histories."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    return subprocess.Popen([*command, "--part", f"{part}/{processes}"], stdout=subprocess.PIPE)


def run(tally: Tally, numbers: range, seconds: float | None = None) -> Outcome | None:
    """Simulate histories until there are enough, or one is wrong; return that one."""
    began, spent = perf_counter(), process_time()
    gc.disable()  # a tenth of the time; greenlets and their frames are cycles, so not for long
    for number in numbers:
        if seconds is not None and tally.elapsed > seconds:
            break
        seed = tally.seed if "/" in tally.seed else f"{tally.seed}/{number}"
        outcome = carry_out(draw(seed))
        tally.add(outcome)
        if tally.histories % COLLECTED_EVERY == 0:
            gc.collect()
        tally.elapsed, tally.processor = perf_counter() - began, process_time() - spent
        if outcome.wrong:
            return outcome
    return None


def report(outcome: Outcome, *, shrink: bool) -> None:
    """Print a history that is wrong, and the smallest like it."""
    for sentence in outcome.wrong:
        print(f"  invariant {sentence}")
    sys.stdout.flush()
    if not shrink:
        return
    numbers = {sentence.partition(":")[0] for sentence in outcome.wrong}

    def fails(plan: Plan) -> bool:
        return any(it.partition(":")[0] in numbers for it in carry_out(plan).wrong)

    small = shrunk(replace(outcome.plan, faults=tuple(outcome.faults)), fails)
    last = carry_out(small)
    print(f"shrunk to {len(small.moves)} moves and {len(last.faults)} faults")
    for line in (*small.moves, *last.faults):
        print(f"  {line}")
    for deed in last.deeds:
        print(f"  {deed.start:.3f}..{deed.end:.3f} {deed.move}: {deed.outcome}")
    for sentence in last.wrong:
        print(f"  invariant {sentence}")


def write(tally: Tally, wrong: Outcome | None, path: Path = RESULTS) -> None:
    """Write the figures, and what was not reached."""
    killed = len(tally.points) - len(tally.missed)
    functions = Counter(point.function for point in tally.points)
    rows = "\n".join(
        f"| {function} | {calls} | {sum(p.function == function for p in tally.kills)} |"
        f" {sum(n for p, n in tally.points.items() if p.function == function):,} |"
        for function, calls in sorted(functions.items())
    )
    figures = "\n".join(tally.lines())
    missed = "\n".join(f"- {point}" for point in tally.missed) or "None."
    found = f"Wrong: {wrong.plan.seed}: {wrong.wrong}" if wrong else "None was wrong."
    path.write_text(
        f"""# Simulated histories

`python -m tests.simulation --count {tally.histories} --seed {tally.seed} --write` \
· Linux {platform.machine()}, Python {platform.python_version()}

{found} One history is one life of a few people: they sign up, open rooms, vote, keep lists, leave
and delete their accounts, while calls fail, repeat, lose their answers and functions are killed.

```
{figures}
```

## Where functions were killed

A call is a line of the product that calls AWS, in one function. Killed at {killed} of \
{len(tally.points)}.

| function | calls in the code | killed at | calls made |
| --- | ---: | ---: | ---: |
{rows}

### Never killed at

{missed}
""",
        encoding="utf-8",
    )
