"""What a benchmark says: printed as it comes, and written as printed."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_GIBIBYTE = 2**30


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says. `stack_file` is None unless one was named."""

    stack_file: Path | None = None


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


@dataclass(slots=True)
class Report:
    """One benchmark's result, as Markdown. `figures` holds the same for programs."""

    command: str
    title: str
    figures: dict[str, object] = field(default_factory=dict)
    missed: int = 0
    _text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Print the heading."""
        today = datetime.now(UTC).date().isoformat()
        self.say(f"# {self.title}")
        self.say(f"`{self.command}` · {today} · {machine()}")
        self.figures |= {"command": self.command, "date": today, "machine": machine()}

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

    def write(self, folder: Path, name: str) -> None:
        """Write what was printed, and the figures beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text("\n\n".join(self._text) + "\n", encoding="utf-8")
        figures = json.dumps(self.figures, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(figures + "\n", encoding="utf-8")
