"""What a benchmark says: printed as it comes, and written as printed."""

import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

_GIBIBYTE = 2**30
_RESULTS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says; None for what was not named.

    `tastes` is a folder with the files of an evaluation: catalogue.jsonl, favourites.csv (or .gz).
    `only` names parts of a benchmark that can be measured one by one. `results` is where files go.
    """

    stack_file: Path | None = None
    tastes: Path | None = None
    only: Sequence[str] = ()
    results: Path = Path(__file__).parent / "results"
    load: "Load | None" = None


@dataclass(frozen=True, slots=True)
class Load:
    """How many rooms, people in each and votes of each of them; how many events besides."""

    rooms: int = 10
    people: int = 10
    votes: int = 20
    burst: int = 1_000
    backlog: int = 10_000


def note(text: str) -> None:
    """Print progress beside the report; it is no part of any result."""
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    """Describe this machine in general words: cores, memory, Python."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBIBYTE
        size = f", {memory:.0f} GiB of memory"
    except (OSError, ValueError):
        size = ""
    return (
        f"{os.cpu_count()} cores{size}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure that matters, with its unit. Less of it is better, unless `more` is."""

    name: str
    value: float
    unit: str
    more: bool = False


@dataclass(slots=True)
class Report:
    """One benchmark's result, as Markdown. `figures` holds the same for programs."""

    command: str
    title: str
    busy: int = 0
    figures: dict[str, object] = field(default_factory=dict)
    missed: int = 0
    _text: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        """Print the heading."""
        today = datetime.now(UTC).date().isoformat()
        self.say(f"# {self.title}")
        self.say(f"`{self.command}` · {today} · {machine()}")
        self.figures |= {"command": self.command, "date": today, "machine": machine()}
        self.figures |= {"busy": self.busy, "load_before": _load()}

    def heading(self, text: str) -> None:
        """Begin a section."""
        self.say(f"## {text}")

    def say(self, text: str) -> None:
        """Print a paragraph."""
        print(text, end="\n\n", flush=True)
        self._text.append(text)

    def table(
        self, header: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1
    ) -> None:
        """Print a table. Its first `words` columns are words, the others figures."""
        cells = [[str(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]

        def line(row: Sequence[str]) -> str:
            padded = (
                cell.ljust(width) if column < words else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            return f"| {' | '.join(padded)} |"

        rule = [
            "-" * width if column < words else "-" * (width - 1) + ":"
            for column, width in enumerate(widths)
        ]
        self.say("\n".join([line(header), line(rule), *map(line, cells)]))

    def verdict(self, target: str, *, met: bool, measured: str) -> None:
        """Add whether a target is met."""
        self.missed += not met
        self.say(f"- **{'PASS' if met else 'MISS'}** {target}: {measured}")
        verdicts = self.figures.setdefault("targets", [])
        assert isinstance(verdicts, list)
        verdicts.append({"target": target, "met": met, "measured": measured})

    def record(self, name: str, figures: Mapping[str, object] | Sequence[object]) -> None:
        """Add figures for programs that read the result."""
        self.figures[name] = figures

    def headline(self, name: str, value: float, unit: str, *, more: bool = False) -> None:
        """Add a figure that matters: one to compare from result to result."""
        headlines = self.figures.setdefault("headlines", [])
        assert isinstance(headlines, list)
        headlines.append(asdict(Headline(name, value, unit, more)))

    def write(self, folder: Path, name: str) -> None:
        """Write what was printed, compared with the result before, and the figures beside it."""
        seconds = round(time.perf_counter() - self._began)
        self.figures |= {"load_after": _load(), "took": seconds}
        self.say(
            f"It took {seconds} s. Load of the machine: {self.figures['load_before']} before, "
            f"{self.figures['load_after']} after"
            + (f", {self.busy} busy loops beside." if self.busy else ".")
        )
        self._compare(earlier(folder, name))
        self.save(folder, name)

    def draft(self) -> Self:
        """Return a copy, to add to and to save what is measured before all of it is."""
        draft = copy(self)
        draft.figures, draft._text = {**self.figures}, [*self._text]
        return draft

    def save(self, folder: Path, name: str) -> None:
        """Write what was printed so far."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text("\n\n".join(self._text) + "\n", encoding="utf-8")
        figures = json.dumps(self.figures, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(figures + "\n", encoding="utf-8")

    def _compare(self, before: Mapping[str, Any]) -> None:
        """Print each headline beside that of the result before, and keep the earlier ones."""
        if not before.get("headlines"):
            return
        earlier = {"date": before["date"], "headlines": before["headlines"]}
        self.figures["earlier"] = [*before.get("earlier", []), earlier][-_RESULTS_KEPT:]
        old = {each["name"]: each["value"] for each in before["headlines"]}
        now = self.figures.get("headlines", [])
        assert isinstance(now, list)
        self.heading(f"Compared with {before['date']}")
        self.table(
            ("figure", "unit", "before", "now", "ratio"),
            [
                (it["name"], it["unit"], figure(was), figure(it["value"]), ratio(it["value"], was))
                for it in now
                for was in (old.get(it["name"]),)
            ],
            words=2,
        )


def figure(value: float | None) -> str:
    """Return a figure with three digits that count, or a dash for none."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004


def ratio(now: float, before: float | None) -> str:
    """Return how many times the figure before a figure is, or a dash."""
    return f"{now / before:.2f}" if before else "-"


def earlier(folder: Path, name: str) -> dict[str, Any]:
    """Return the figures of a benchmark's result as they are stored; empty when it has none."""
    try:
        text = (folder / f"{name}.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
    except FileNotFoundError:
        return {}
    return found


def _load() -> float:
    """Return the machine's load of the last minute, where it has one."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0
