"""One page of all results: the figures that matter, quiet and busy, over time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.report import earlier, figure, ratio

BUSY = "busy"
"""The folder, beside the quiet results, of those with busy loops beside them."""

_INTRODUCTION = """\
# Benchmarks

`make bench` measures everything anew, `python -m bench NAME` one of it, and both write this page.
`make bench BUSY=2` does so with two loops beside it that keep the cores busy: the column "busy" has
those results. Each name leads to how it was measured, to all of its figures and its machine.
Absolute times are that machine's; ratios, units and counts are not.
"""


def page(results: Path, titles: Mapping[str, str]) -> str:
    """Return the page, as Markdown, of the results in a folder."""
    rows = [
        f"| {' | '.join(row)} |"
        for name in titles
        for row in _rows(name, earlier(results, name), earlier(results / BUSY, name))
    ]
    head = ("benchmark", "figure", "unit", "better", "now", "of the one before", "busy", "earlier")
    rule = ("---", "---", "---", "---", "---:", "---:", "---:", "---")
    table = "\n".join([f"| {' | '.join(head)} |", f"| {' | '.join(rule)} |", *rows])
    took = {name: earlier(results, name).get("took") for name in titles}
    minutes = ", ".join(f"{name} {seconds / 60:.0f}" for name, seconds in took.items() if seconds)
    lasts = f"Minutes that the last run of each took: {minutes}." if minutes else ""
    return f"{_INTRODUCTION}\n{table}\n\n{lasts}\n\n{_verdicts(results, titles)}\n"


def _rows(
    name: str, quiet: Mapping[str, Any], busy: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    values = _values(busy)
    earlier = quiet.get("earlier", [])
    for each in quiet.get("headlines", []):
        before = [_values(one).get(each["name"]) for one in earlier]
        yield (
            f"[{name}](results/{name}.md)",
            each["name"],
            each["unit"],
            "more" if each["more"] else "less",
            figure(each["value"]),
            ratio(each["value"], before[-1] if before else None),
            figure(values.get(each["name"])),
            ", ".join(map(figure, before)),
        )


def _verdicts(results: Path, titles: Mapping[str, str]) -> str:
    missed = [
        f"- {name}: {target['target']}: {target['measured']}"
        for name in titles
        for target in earlier(results, name).get("targets", [])
        if not target["met"]
    ]
    return "## Targets that are missed\n\n" + ("\n".join(missed) or "None.")


def _values(figures: Mapping[str, Any]) -> dict[str, float]:
    return {each["name"]: each["value"] for each in figures.get("headlines", [])}
