"""What training costs by the number of favourites: in one process, and on Spark on two cores.

python -m bench training                              all sizes, both trainers
python -m bench training --only 100000 --only spark   of these users, with this trainer

What is measured is saved at once, beside what was measured before of other sizes.
"""

from __future__ import annotations

import hashlib
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import product
from multiprocessing import get_context
from pathlib import Path

from bench.report import Report, Settings, earlier, note
from tools.evaluate.served import NOW
from tools.evaluate.synthetic import Cinema

SIZES = (2_900, 29_000, 100_000, 290_000, 1_000_000)
"""Users. 2,900 have a hundred thousand favourites, 290,000 ten million."""

TITLES, THEMES, SOLVED = 10_000, 60, 2_000
"""The solved titles are fewer than in service: their share of the time does not grow with users."""

CORES, BUCKETS, SPARK_MEMORY = 2, 32, "6g"
type Figures = dict[str, float | str]


def run(settings: Settings, report: Report) -> None:
    """Measure each size with both trainers, each in a process of its own."""
    report.say(
        f"Invented users (median 30 favourites, at most 500) of {TITLES:,} titles, "
        f"{SOLVED:,} of them solved. One process: what an invocation does with what it has read. "
        f"Spark: local[{CORES}], from an export on disk, the driver within {SPARK_MEMORY}. Seconds "
        "are processor time (of all threads, and of Spark the driver's, Java's and its workers'), "
        "whatever else the machine does; wall is what a clock says. Memory: the most that each "
        "process had, of Spark's all of them together. The load is that of the machine when a "
        "measurement began."
    )
    measured = _stored(settings)
    for users, trainer in chosen(settings.only):
        note(f"  {users:,} users, {trainer}")
        measured[users, trainer] = _alone(measure, users, trainer)
        draft = report.draft()
        _show(draft, measured)
        draft.save(settings.results, "training")
    _show(report, measured)
    for trainer in TRAINERS:
        of = [one for (_, name), one in sorted(measured.items()) if name == trainer]
        for one in of[-1:]:
            report.headline(f"{trainer}, a user of {one['users']:,}", _each(one), "ms")
    both = [
        [measured[users, trainer]["model"] for trainer in TRAINERS]
        for users in sorted({size for size, _ in measured})
        if all((users, trainer) in measured for trainer in TRAINERS)
    ]
    if both:
        report.verdict(
            "both trainers make the same model",
            met=all(len(set(models)) == 1 for models in both),
            measured=f"{len(both)} sizes",
        )


def chosen(only: Sequence[str]) -> list[tuple[int, str]]:
    """Return the sizes and trainers that are asked for: all of a kind of which none is named."""
    sizes = [int(one) for one in only if one.isdecimal()]
    trainers = [one for one in only if one in TRAINERS]
    if unknown := set(only).difference(map(str, sizes), trainers):
        message = f"neither a number of users nor a trainer: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    return list(product(sizes or SIZES, trainers or TRAINERS))


def measure(users: int, trainer: str) -> Figures:
    """Return what one trainer needs; it wants a process of its own."""
    load, began = os.getloadavg()[0], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = TRAINERS[trainer](users, Path(folder))
    return figures | {
        "users": users,
        "trainer": trainer,
        "wall": time.perf_counter() - began,
        "load": load,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _stored(settings: Settings) -> dict[tuple[int, str], Figures]:
    stored: Sequence[Figures] = earlier(settings.results, "training").get("sizes", ())
    return {(int(one["users"]), str(one["trainer"])): one for one in stored}


def _show(report: Report, measured: Mapping[tuple[int, str], Figures]) -> None:
    rows = [one for _, one in sorted(measured.items())]
    report.table(
        (
            "trainer",
            "users",
            "favourites",
            "count s",
            "train s",
            "ms a user",
            "MB",
            "wall s",
            "load",
        ),
        [
            (
                one["trainer"],
                *(f"{one[name]:,.0f}" for name in ("users", "favourites")),
                *(f"{one[name]:.1f}" if name in one else "" for name in ("count", "train")),
                f"{_each(one):.2f}",
                *(f"{one[name]:,.0f}" for name in ("memory", "wall", "load")),
            )
            for one in rows
        ],
    )
    report.record("sizes", rows)


def _each(one: Figures) -> float:
    """Return the milliseconds of processor time for each user."""
    return 1000 * (float(one.get("count", 0)) + float(one["train"])) / float(one["users"])


def in_one_process(users: int, _: Path) -> Figures:
    """Count and train as an invocation does."""
    from bench.crowd import crowd  # noqa: PLC0415 - numpy, here alone
    from recommender.adapters.model_writer import train  # noqa: PLC0415 - likewise
    from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange  # noqa: PLC0415 - likewise

    cinema, favourites = _cinema(), 0
    clock = _Stopwatch()

    def changes() -> Iterator[FavouritesChange]:
        nonlocal favourites
        for keys in crowd(cinema, users):
            favourites += len(keys)
            with clock:
                yield FavouritesChange(after=keys)

    counts = CooccurrenceCounts().changed(changes())
    counted = clock.seconds + time.process_time() - clock.left
    titles = list(cinema.titles())
    began = time.process_time()
    content = train(counts, titles, version="bench", trained_at=NOW, max_solved=SOLVED)
    trained = time.process_time() - began
    return {
        "model": hashlib.sha256(content).hexdigest(),
        "favourites": favourites,
        "pairs": len(counts.pairs),
        "count": counted,
        "train": trained,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def on_spark(users: int, folder: Path) -> Figures:
    """Train as the job does."""
    from bench.crowd import crowd  # noqa: PLC0415 - numpy, here alone
    from recommender.adapters.spark.trainer import SparkTrainer  # noqa: PLC0415 - it needs Java
    from tools.evaluate.export import write_export  # noqa: PLC0415 - likewise
    from tools.evaluate.spark import local_session  # noqa: PLC0415 - likewise

    cinema = _cinema()
    tastes, titles = write_export(folder, crowd(cinema, users), cinema.titles())
    with local_session(CORES, SPARK_MEMORY) as session:
        began = sum(map(_work, _family()))
        trainer = SparkTrainer(session, str(tastes), str(titles), BUCKETS, SOLVED)
        found = trainer.train("bench", NOW)
        family = _family()
        worked = sum(map(_work, family)) - began
        memory = sum(map(_peak, family))
    return {
        "model": hashlib.sha256(found.content).hexdigest(),
        "favourites": found.favourites,
        "train": worked,
        "memory": memory,
    }


TRAINERS: Mapping[str, Callable[[int, Path], Figures]] = {
    "one-process": in_one_process,
    "spark": on_spark,
}


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
