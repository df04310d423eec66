"""What training costs by the number of favourites: in one process, and on Spark on two cores.

python -m bench training                 10,000 and 100,000 users
python -m bench.training 1000000 ...     so many users, printed as JSON
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.report import Report, Settings, note
from tools.evaluate.served import NOW
from tools.evaluate.synthetic import Cinema

USERS = (10_000, 100_000)
TITLES, THEMES, SOLVED = 10_000, 60, 2_000
"""The solved titles are fewer than in service: their share of the time does not grow with users."""

CORES, BUCKETS, SPARK_MEMORY = 2, 32, "4g"
type Figures = dict[str, float]


def run(settings: Settings, report: Report) -> None:  # noqa: ARG001 - needs no stack
    """Measure each size with both trainers, each in a process of its own."""
    measured = [measure(users) for users in USERS]
    report.say(
        f"Invented users (median 30 favourites, at most 500) of {TITLES:,} titles, "
        f"{SOLVED:,} of them solved. One process: what an invocation does with what it has read. "
        f"Spark: local[{CORES}], from an export on disk. Seconds are processor time (of all "
        "threads, and of Spark the driver's, Java's and its workers'), whatever else the machine "
        "does. Memory: the most that each process had, of Spark's all of them together."
    )
    report.table(
        (
            *("users", "favourites", "pairs", "one process: count s", "and train s", "MB"),
            *("Spark s", "MB", "the same model"),
        ),
        [
            (
                *(f"{one[name]:,.0f}" for name in ("users", "favourites", "pairs")),
                *(f"{one[name]:.1f}" for name in ("count", "train")),
                f"{one['memory']:,.0f}",
                f"{one['spark']:.1f}",
                f"{one['spark memory']:,.0f}",
                "yes" if one["same"] else "NO",
            )
            for one in measured
        ],
        words=0,
    )
    report.record("sizes", measured)
    report.verdict(
        "both trainers make the same model",
        met=all(one["same"] for one in measured),
        measured=f"{len(measured)} sizes",
    )


def measure(users: int) -> Figures:
    """Return seconds and megabytes of both trainers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        note(f"  {users:,} users in one process")
        figures = _alone(in_one_process, users, folder)
        note(f"  {users:,} users on Spark")
        figures |= _alone(on_spark, users, folder)
        models = [(folder / model).read_bytes() for model in ("one", "spark")]
        return figures | {"same": float(models[0] == models[1])}


def in_one_process(users: int, folder: Path) -> Figures:
    """Count and train as an invocation does."""
    from recommender.adapters.model_writer import train  # noqa: PLC0415 - numpy, here alone
    from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange  # noqa: PLC0415 - likewise

    cinema, favourites = _cinema(), 0
    clock = _Stopwatch()

    def changes() -> Iterator[FavouritesChange]:
        nonlocal favourites
        for keys in cinema.histories(users):
            favourites += len(keys)
            with clock:
                yield FavouritesChange(after=keys)

    counts = CooccurrenceCounts().changed(changes())
    counted = clock.seconds + time.process_time() - clock.left
    titles = list(cinema.titles())
    began = time.process_time()
    content = train(counts, titles, version="bench", trained_at=NOW, max_solved=SOLVED)
    trained = time.process_time() - began
    (folder / "one").write_bytes(content)
    return {
        "users": users,
        "favourites": favourites,
        "pairs": len(counts.pairs),
        "count": counted,
        "train": trained,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def on_spark(users: int, folder: Path) -> Figures:
    """Train as the job does."""
    from recommender.adapters.spark.trainer import SparkTrainer  # noqa: PLC0415 - it needs Java
    from tools.evaluate.export import write_export  # noqa: PLC0415 - likewise
    from tools.evaluate.spark import local_session  # noqa: PLC0415 - likewise

    cinema = _cinema()
    tastes, titles = write_export(folder, cinema.histories(users), cinema.titles())
    with local_session(CORES, SPARK_MEMORY) as session:
        began = sum(map(_work, _family()))
        trainer = SparkTrainer(session, str(tastes), str(titles), BUCKETS, SOLVED)
        found = trainer.train("bench", NOW)
        family = _family()
        worked = sum(map(_work, family)) - began
        memory = sum(map(_peak, family))
    (folder / "spark").write_bytes(found.content)
    return {"spark": worked, "spark memory": memory}


class _Stopwatch:
    """Measures the processor time that whoever asks for values spends with them."""

    def __init__(self) -> None:
        self.seconds, self.entered, self.left = 0.0, 0.0, 0.0

    def __enter__(self) -> None:
        self.entered = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.left = time.process_time()
        self.seconds += self.left - self.entered


def _cinema() -> Cinema:
    return Cinema(TITLES, themes=THEMES)


def _family() -> list[int]:
    """Return this process and all that descend from it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        if rest := _read(int(path.name), "stat").rpartition(")")[2].split():
            parents[int(path.name)] = int(rest[1])
    family = [os.getpid()]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family


def _work(process: int) -> float:
    """Return the processor time of a process and of its children that have ended, in seconds."""
    rest = _read(process, "stat").rpartition(")")[2].split()
    return sum(map(int, rest[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak(process: int) -> float:
    """Return the most memory that a process has had, in megabytes."""
    lines = _read(process, "status").splitlines()
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else 0.0


def _read(process: int, name: str) -> str:
    """Return a file of /proc about a process; nothing once it has ended."""
    try:
        return Path(f"/proc/{process}/{name}").read_text(encoding="utf-8")
    except OSError:
        return ""


def _alone[**P, T](function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *given, **named).result()


if __name__ == "__main__":
    for number in sys.argv[1:]:
        print(json.dumps(measure(int(number))), flush=True)
