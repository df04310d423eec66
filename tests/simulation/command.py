"""The commands: run many histories, replay and shrink one."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from tests.simulation.history import Outcome, carry_out
from tests.simulation.plan import Plan, draw, shrunk
from tests.simulation.scheduler import Point


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return 1 if a history was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", default="1", help="of the first history, N or TEXT/N")
    parser.add_argument("--points", action="store_true", help="list the calls never killed at")
    parser.add_argument("--mutant", help="change the product so; see mutants.py")
    parser.add_argument("--no-shrink", action="store_true", help="report a history as it is")
    given = parser.parse_args(arguments)
    return run(given.seed, given.count, points=given.points, shrink=not given.no_shrink)


def run(seed: str, count: int, *, points: bool = False, shrink: bool = True) -> int:
    """Simulate histories with the seeds SEED/0, SEED/1 ...; stop at the first that is wrong."""
    began = perf_counter()
    counts: Counter[str] = Counter()
    seen: Counter[Point] = Counter()
    kills: Counter[Point] = Counter()
    for number in range(count):
        plan = draw(seed if "/" in seed else f"{seed}/{number}")
        outcome = carry_out(plan)
        counts += outcome.counts
        seen += outcome.points
        kills += outcome.kills
        if outcome.wrong:
            print(f"wrong: the history {number + 1} of {count}, seed {plan.seed}")
            report(outcome, shrink=shrink)
            return 1
    seconds = perf_counter() - began
    print(f"{count} histories in {seconds:.1f} s: {count / seconds:.1f} a second")
    for name, times in sorted(counts.items()):
        print(f"  {times:>9,} {name}")
    missed = [point for point in seen if point not in kills]
    print(f"{len(seen)} calls in the code, killed at {len(seen) - len(missed)} of them")
    if points:
        for point in sorted(missed, key=str):
            print(f"  never killed at {point} ({seen[point]} calls)")
    return 0


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
    for move in small.moves:
        print(f"  {move}")
    for fault in last.faults:
        print(f"  {fault}")
    for deed in last.deeds:
        print(f"  {deed.start:.3f}..{deed.end:.3f} {deed.move}: {deed.outcome}")
    for sentence in last.wrong:
        print(f"  invariant {sentence}")
