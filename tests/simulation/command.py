"""The command: simulate many histories, report what they went through, shrink one that is wrong."""

from __future__ import annotations

import argparse
import gc
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter, process_time

from tests.simulation.history import Outcome, carry_out
from tests.simulation.plan import Plan, draw, shrunk
from tests.simulation.process import Current
from tests.simulation.record import PAGE, RECORDED_EVERY, Record, Tally

COLLECTED_EVERY = 20
"""Histories, between two collections of garbage."""


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
    parser.add_argument(
        "--write", action="store_true", help=f"write {PAGE}, and go on from what it has"
    )
    parser.add_argument("--start", type=int, default=0, help="the first history's number")
    given = parser.parse_args(arguments)
    if given.part:
        part, step = given.part
        tally = Tally(given.seed)
        wrong = run(tally, range(given.start + part, given.count, step), given.seconds)
        sys.stdout.buffer.write(pickle.dumps((tally, wrong and wrong.plan)))
        return 0
    record = Record.read(given.seed) if given.write else None
    if record is None:
        tally, wrong = _simulate(arguments, given, given.start, given.count)
    else:
        tally, wrong = _continue(arguments, given, record)
    print("\n".join(tally.lines()))
    if given.points:
        print("\n".join(f"  never killed at {point}" for point in tally.missed))
    if wrong:
        print(f"wrong: the history {_number(wrong)} of {given.count}, seed {wrong.plan.seed}")
        report(wrong, shrink=not given.no_shrink)
    return int(wrong is not None)


def _simulate(
    arguments: Sequence[str], given: argparse.Namespace, start: int, stop: int
) -> tuple[Tally, Outcome | None]:
    """Simulate the histories of these numbers, in so many processes."""
    tally = Tally(given.seed)
    step = 1 if "/" in given.seed else given.processes
    others = [_start(arguments, number, step, start, stop) for number in range(1, step)]
    wrong = run(tally, range(start, stop, step), given.seconds)
    for other in others:
        found, plan = pickle.loads(other.communicate()[0])  # noqa: S301 - our own
        tally.join(found)
        wrong = wrong or (plan and carry_out(plan))
    return tally, wrong


def _continue(
    arguments: Sequence[str], given: argparse.Namespace, record: Record
) -> tuple[Tally, Outcome | None]:
    """Simulate from where the record ends, and record what has been done now and then."""
    whole, wrong = Tally(given.seed), None
    start = record.end
    while (
        start < given.count and not wrong and not (given.seconds and whole.elapsed > given.seconds)
    ):
        stop = min(start + RECORDED_EVERY, given.count)
        tally, wrong = _simulate(arguments, given, start, stop)
        record.add(tally, start, wrong.plan.seed if wrong else None)
        record.write()
        whole.follow(tally)
        start = stop
    return whole, wrong


def _part(text: str) -> tuple[int, int]:
    part, _, processes = text.partition("/")
    return int(part), int(processes)


def _number(outcome: Outcome) -> int:
    return int(outcome.plan.seed.rpartition("/")[2]) + 1


def _start(
    arguments: Sequence[str], part: int, processes: int, start: int, stop: int
) -> subprocess.Popen[bytes]:
    """Start a process for one part of the histories."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    command += ["--part", f"{part}/{processes}", "--start", f"{start}", "--count", f"{stop}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


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
            _collect(is_first=tally.histories == COLLECTED_EVERY)
        tally.elapsed, tally.processor = perf_counter() - began, process_time() - spent
        if outcome.wrong:
            return outcome
    return None


def _collect(*, is_first: bool) -> None:
    """Collect what histories leave behind; what the first ones have loaded is looked at no more."""
    Current.world = None
    gc.collect()
    if is_first:
        gc.freeze()


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
