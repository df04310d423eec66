"""What many histories went through: counted, kept from one call to the next, and as a page."""

from __future__ import annotations

import json
import platform
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.simulation.mutants import ROOT
from tests.simulation.scheduler import Point

if TYPE_CHECKING:
    from tests.simulation.history import Outcome

RECORDED_EVERY = 250
"""Histories, after which a long run records what it has done."""

PAGE = "bench/results/simulation.md"
FILE = ROOT / "bench/results/simulation.json"


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

    def follow(self, other: Tally) -> None:
        """Add what has been gone through afterwards."""
        elapsed = self.elapsed + other.elapsed
        self.join(other)
        self.elapsed = elapsed

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


def _rows(tally: Tally) -> list[list[Any]]:
    return [[*point, times, tally.kills[point]] for point, times in sorted(tally.points.items())]


@dataclass(slots=True)
class Record:
    """The tallies of all calls of the command with one seed, in the order of their histories.

    Each is of one commit: what is drawn, and what the product calls, changes with the code.
    """

    seed: str
    path: Path = FILE
    parts: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, seed: str, path: Path = FILE) -> Self:
        """Return the record of a seed, an empty one if the file has another's."""
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return cls(seed, path, found["parts"] if found.get("seed") == seed else [])

    @property
    def end(self) -> int:
        """The number of the history that is next."""
        return self.parts[-1]["end"] if self.parts else 0

    def add(self, tally: Tally, start: int, wrong: str | None = None) -> None:
        """Add a tally of the histories from a number on; `wrong`: the seed of one."""
        commit = _commit()
        last = self.parts[-1] if self.parts else None
        if last and last["commit"] == commit:
            before = _tally(self.seed, last)
            before.follow(tally)
            tally, start = before, last["start"]
            wrong_ones = last["wrong"]
            self.parts.pop()
        else:
            wrong_ones = []
        self.parts.append(
            {
                "commit": commit,
                "date": datetime.now(UTC).date().isoformat(),
                "start": start,
                "end": start + tally.histories,
                "wrong": [*wrong_ones, *([wrong] if wrong else [])],
                "processor": round(tally.processor, 1),
                "elapsed": round(tally.elapsed, 1),
                "counts": dict(sorted(tally.counts.items())),
                "faults": dict(sorted(tally.faults.items())),
                "points": _rows(tally),
            }
        )

    def whole(self) -> Tally:
        """Return everything that was gone through; calls that are no more are left out."""
        whole = Tally(self.seed)
        for part in self.parts:
            whole.follow(_tally(self.seed, part))
        today = {Point(*row[:4]) for row in self.parts[-1]["points"]} if self.parts else set()
        whole.points = Counter({at: times for at, times in whole.points.items() if at in today})
        whole.kills = Counter({at: times for at, times in whole.kills.items() if at in today})
        return whole

    def write(self) -> None:
        """Write the record, and its page beside it."""
        text = json.dumps({"seed": self.seed, "parts": self.parts}, separators=(",", ":"))
        text = text.replace('{"commit"', '\n{"commit"').replace('["', '\n["')
        self.path.write_text(text + "\n", encoding="utf-8")
        self.path.with_suffix(".md").write_text(self.page(), encoding="utf-8")

    def page(self) -> str:
        """Return the figures, and what was not reached."""
        tally = self.whole()
        functions = Counter(point.function for point in tally.points)
        rows = "\n".join(
            f"| {function} | {calls} | {sum(p.function == function for p in tally.kills)} |"
            f" {sum(n for p, n in tally.points.items() if p.function == function):,} |"
            for function, calls in sorted(functions.items())
        )
        figures = "\n".join(tally.lines())
        missed = "\n".join(f"- {point}" for point in tally.missed) or "None."
        wrong = [seed for part in self.parts for seed in part["wrong"]]
        parts = "\n".join(
            f"| {it['start']:,} to {it['end'] - 1:,} | {it['date']} | {it['commit']} |"
            f" {(it['end'] - it['start']) / it['processor']:.1f} |"
            f" {sum(row[4] for row in it['points']) / (it['end'] - it['start']):,.0f} |"
            for it in self.parts
        )
        return f"""# Simulated histories

`nice -n 19 python -m tests.simulation --count 100000 --seed {self.seed} --write` · \
Linux {platform.machine()}, Python {platform.python_version()}

{f"Wrong: {', '.join(wrong)}." if wrong else "None was wrong."} One history is one life of a few \
people: they sign up, open rooms, vote,
keep lists, form crews, let guests in, leave and delete their accounts, while calls fail, repeat,
lose their answers and functions are killed. A call of the command goes on where the one before
stopped ([simulation.json](simulation.json)). Seconds are of one processor.

| histories | until | commit | a second | calls each |
| --- | --- | --- | ---: | ---: |
{parts}

```
{figures}
```

## Where functions were killed

A call is a line of the product that calls AWS, in one function. Killed at \
{len(tally.points) - len(tally.missed)} of {len(tally.points)}.

| function | calls in the code | killed at | calls made |
| --- | ---: | ---: | ---: |
{rows}

### Never killed at

{missed}
"""


def _tally(seed: str, part: Mapping[str, Any]) -> Tally:
    return Tally(
        seed,
        part["end"] - part["start"],
        part["processor"],
        part["elapsed"],
        Counter(part["counts"]),
        Counter(part["faults"]),
        Counter({Point(*row[:4]): row[4] for row in part["points"]}),
        Counter({Point(*row[:4]): row[5] for row in part["points"] if row[5]}),
    )


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
