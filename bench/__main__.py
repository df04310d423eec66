"""Run the benchmarks named on the command line, or all."""

import argparse
import importlib
import os
import sys
from dataclasses import fields
from pathlib import Path

from bench import summary
from bench.report import Load, Report, Settings, note
from bench.surroundings import busy, prepare

BENCHMARKS = {
    "swipes": "Swipes until a group agrees: the deck against other orders",
    "votes": "What one vote costs in DynamoDB",
    "concurrency": "Votes at the same moment",
    "recommender": "What a recommendation costs",
    "recommending": "What recommending and learning cost",
    "training": "What training costs by the number of favourites, on one machine and on Spark",
    "library": "What a user's library costs, by its length",
    "latency": "From the last vote to every client",
    "push": "From the last vote to a phone whose app is closed",
    "browse": "What browsing the catalogue costs, however much is cached",
    "load": "Many people at once: votes a second, bursts and backlogs, and nothing lost",
    "refresh": "How fast the catalogue fills, and how near the rate comes to its limit",
    "imports": "A file of ten thousand rows, and what bounds it",
    "cold": "Cold starts: what the first caller waits for",
    "mutants": "Mutants that the tests kill",
    "cost": "What it costs: a million votes, a thousand people",
}
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", help=f"any of: {', '.join(BENCHMARKS)}; default: all")
    options.add_argument(
        "--stack-file",
        type=Path,
        default=None,
        help="the stack.json of a running product for `latency` and `refresh` (default: "
        ".local/stack.json if the product runs, else one is started for the measurement)",
    )
    options.add_argument(
        "--tastes",
        type=Path,
        default=os.environ.get("TASTES"),
        metavar="FOLDER",
        help="files of an evaluation, for `swipes` of real people (default: $TASTES)",
    )
    options.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PART",
        help="measure so many users, or one trainer (`training`); may be repeated",
    )
    options.add_argument("--results", type=Path, default=RESULTS, help="where the files go")
    options.add_argument(
        "--busy",
        type=int,
        default=0,
        metavar="N",
        help="N loops that keep the machine busy meanwhile; those results go to results/busy",
    )
    for size in fields(Load):
        options.add_argument(f"--{size.name}", type=int, default=size.default, help="for `load`")
    given = options.parse_args()
    unknown = set(given.names) - set(BENCHMARKS)
    if unknown:
        options.error(f"there is no benchmark named {', '.join(sorted(unknown))}")
    prepare()
    load = Load(**{size.name: getattr(given, size.name) for size in fields(Load)})
    missed = 0
    folder = given.results / summary.BUSY if given.busy else given.results
    for name in given.names or BENCHMARKS:
        note(f"{name} ...")
        report = Report(f"python -m bench {name}", BENCHMARKS[name], given.busy)
        settings = Settings(given.stack_file, given.tastes, given.only, folder, load)
        with busy(given.busy):
            importlib.import_module(f"bench.{name}").run(settings, report)
            report.write(folder, name)
        missed += report.missed
        note(f"{name}: {report.figures['took']} s")
        page = given.results.parent / "README.md"  # each time: a later one may fail
        page.write_text(summary.page(given.results, BENCHMARKS), encoding="utf-8")
    if missed:
        note(f"{missed} targets missed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
