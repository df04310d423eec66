"""Try figures of scoring on inner splits of the training part: the test events are never read.

python -m tools.evaluate.tune --catalogue C --favourites F [--ablate | --try keywords=16,24 ...]

Each user's last fifth of the training part is held out (and, in a second split, the fifth before
it, with the last one not known at all). A model is trained on the rest and every value is served
to all users with five favourites and more, and to the same users with only their latest 1, 2, 3, 5
and 10 known. Prints NDCG@20 for each, and diversity and coverage with all known: for each value,
one parameter at a time; `--ablate` leaves out one part of the ranking at a time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from statistics import fmean

from recommender.domain.tuning import TUNED, Tuning
from tools.evaluate.files import Histories, read_catalogue, read_favourites
from tools.evaluate.measures import measure
from tools.evaluate.protocols import inner_splits
from tools.evaluate.served import Served, serve

KNOWN: Sequence[int | None] = (1, 2, 3, 5, 10, None)

GRID: Mapping[str, Sequence[float]] = {
    "recency": (1, 2, 3),
    "keywords": (15, 30, 45),
    "people": (10, 20, 40),
    "prior": (0.5, 0.9, 1.5),
    "prior_fades": (2, 4, 8),
    "genre_curve": (4, 6, 8, 10),
    "quality_curve": (1.5, 2.5, 4),
    "similarity_penalty": (0.25, 0.5, 1.0),
    "pool": (100, 200, 400),
}

PARTS: Mapping[str, Tuning] = {
    "neighbours": replace(TUNED, neighbours=0.0),
    "recency": replace(TUNED, recency=0.0),
    "keywords": replace(TUNED, keywords=0.0),
    "people": replace(TUNED, people=0.0),
    "popularity": replace(TUNED, prior=0.0),
    "genre": replace(TUNED, genre_curve=0.0),
    "quality": replace(TUNED, quality_curve=0.0),
    "diversity": replace(TUNED, similarity_penalty=0.0),
}
"""Tunings that leave out a part of the ranking: a curve of steepness 0 gives no points at all."""


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate.tune", description=__doc__)
    options.add_argument("--catalogue", type=Path, required=True)
    options.add_argument("--favourites", type=Path, required=True)
    which = options.add_mutually_exclusive_group()
    which.add_argument("--ablate", action="store_true", help="leave out one part at a time")
    which.add_argument("--try", action="append", dest="tried", help="parameter=value,value,...")
    given = options.parse_args()
    grid = dict(map(_parsed, given.tried)) if given.tried else GRID
    if unknown := grid.keys() - {field.name for field in fields(Tuning)}:
        options.error(f"no parameter is named {', '.join(sorted(unknown))}")
    tunings = _ablations() if given.ablate else _variations(grid)
    catalogue = read_catalogue(given.catalogue)
    splits = list(inner_splits(read_favourites(given.favourites)))
    served = [serve(catalogue, [split]) for split in splits]
    labels = ["all" if known is None else str(known) for known in KNOWN]
    print(_row("favourites known", [*labels, "diversity", "coverage"]))
    for name, tuning in {"as tuned": TUNED, **tunings}.items():
        print(_row(name, _figures(served, splits, tuning)), flush=True)
    return 0


def _ablations() -> Mapping[str, Tuning]:
    return {f"without {name}": without for name, without in PARTS.items()}


def _variations(grid: Mapping[str, Sequence[float]]) -> Mapping[str, Tuning]:
    return {
        f"{name} {value}": replace(TUNED, **{name: type(getattr(TUNED, name))(value)})
        for name, values in grid.items()
        for value in values
        if value != getattr(TUNED, name)
    }


def _figures(
    served: Sequence[Served], splits: Sequence[Histories], tuning: Tuning
) -> Sequence[str]:
    """Return NDCG@20 for each number of known favourites, and the diversity and coverage of all."""
    tuned = [replace(one, tuning=tuning) for one in served]
    by_known = [
        [
            found
            for one, split in zip(tuned, splits, strict=True)
            if (found := measure(one, split, known)) is not None
        ]
        for known in KNOWN
    ]
    gains = [f"{fmean(one.gain for one in found):.4f}" for found in by_known]
    of_all = by_known[-1]
    return (
        *gains,
        f"{fmean(one.variety for one in of_all):.3f}",
        f"{fmean(one.coverage for one in of_all):.4f}",
    )


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:24}" + "".join(f"{cell:>10}" for cell in cells)


def _parsed(text: str) -> tuple[str, Sequence[float]]:
    name, _, values = text.partition("=")
    return name, [float(value) for value in values.split(",")]


if __name__ == "__main__":
    sys.exit(main())
