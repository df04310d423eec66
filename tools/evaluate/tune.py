"""Try figures of scoring on an inner split of the training part: the test events are never read.

python -m tools.evaluate.tune --catalogue C --favourites F [--try keywords=16,24,32 ...]

Each user's last fifth of the training part is held out (and, in a second split, the fifth before
it, with the last one not known at all). A model is trained on the rest and every value is served
to all users with five favourites and more, and to the same users with only their latest one and
three known. Prints NDCG@20, genre diversity and coverage for each value, one parameter at a time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from math import log2
from pathlib import Path

from matinee.media import TitleKey
from recommender.domain.tuning import TUNED, Tuning
from tools.evaluate.files import Catalogue, Histories, read_catalogue, read_favourites
from tools.evaluate.served import Served, serve

LENGTH = 20
FEWEST = 5
HELD_OUT = 0.2
SPLITS = 2
KNOWN: Sequence[int | None] = (None, 3, 1)

GRID: Mapping[str, Sequence[float]] = {
    "half_life": (8, 15, 30),
    "oldest": (0.05, 0.1, 0.2, 0.4),
    "keywords": (15, 30, 45),
    "people": (10, 20, 40),
    "popularity": (15, 30, 60, 90),
    "standing_fades": (0.5, 1, 2),
    "genre_curve": (4, 6, 8, 10),
    "quality_curve": (1.5, 2.5, 4),
    "sameness": (0.25, 0.5, 1.0),
    "pool_content": (0, 30, 60),
}


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate.tune", description=__doc__)
    options.add_argument("--catalogue", type=Path, required=True)
    options.add_argument("--favourites", type=Path, required=True)
    options.add_argument("--try", action="append", dest="tried", help="parameter=value,value,...")
    given = options.parse_args()
    grid = dict(map(_parsed, given.tried)) if given.tried else GRID
    if unknown := grid.keys() - {field.name for field in fields(Tuning)}:
        options.error(f"no parameter is named {', '.join(sorted(unknown))}")
    catalogue = read_catalogue(given.catalogue)
    splits = list(inner_splits(read_favourites(given.favourites)))
    served = [serve(catalogue, [split]) for split in splits]
    print(f"{'':24}" + "".join(f"{_label(known):>24}" for known in KNOWN))
    _say("as tuned", served, splits, TUNED)
    for name, values in grid.items():
        kind = type(getattr(TUNED, name))
        for value in values:
            if value != getattr(TUNED, name):
                _say(f"{name} {value}", served, splits, replace(TUNED, **{name: kind(value)}))
    return 0


def inner_splits(histories: Histories) -> Iterator[Histories]:
    """Split the training part; of the second split, the first one's held-out events are gone."""
    train = histories.train
    for _ in range(SPLITS):
        kept, held = {}, {}
        for user, favourites in train.items():
            size = max(1, int(HELD_OUT * len(favourites)))
            kept[user] = favourites[:-size] or favourites
            if len(favourites) > size:
                held[user] = [entry.key for entry in favourites[-size:]]
        yield Histories(kept, held)
        train = kept


def gain(list_: Sequence[int], truth: Sequence[TitleKey]) -> float:
    """Return NDCG of one list."""
    wanted = {key.id for key in truth}
    found = sum(1 / log2(n + 2) for n, item in enumerate(list_[:LENGTH]) if item in wanted)
    return found / sum(1 / log2(n + 2) for n in range(min(LENGTH, len(wanted))))


def variety(list_: Sequence[int], genres: Mapping[int, frozenset[int]]) -> float:
    """Return the mean of 1 - Jaccard over a list's pairs."""
    own = [genres[item] for item in list_]
    pairs = [(a, b) for n, a in enumerate(own) for b in own[n + 1 :]]
    return sum(1 - (len(a & b) / len(a | b) if a | b else 1) for a, b in pairs) / max(1, len(pairs))


def measure(
    served: Served, split: Histories, known: int | None, catalogue: Catalogue
) -> tuple[float, float, float]:
    """Return NDCG@20 and genre diversity, means over the users, and the coverage."""
    genres = {key.id: frozenset(title.genre_ids) for key, title in catalogue.titles.items()}
    users = {
        user: favourites
        for user, favourites in split.train.items()
        if len(favourites) >= FEWEST and user in split.test
    }
    lists = dict(served.lists(Histories(users), LENGTH, known))
    gains = [gain(list_, split.test[user]) for user, list_ in lists.items()]
    varieties = [variety(list_, genres) for list_ in lists.values()]
    shown = {item for list_ in lists.values() for item in list_}
    return (
        sum(gains) / len(gains),
        sum(varieties) / len(varieties),
        len(shown) / len(catalogue.titles),
    )


def _say(name: str, served: Sequence[Served], splits: Sequence[Histories], tuning: Tuning) -> None:
    cells = []
    for known in KNOWN:
        found = [
            measure(replace(one, tuning=tuning), split, known, one.catalogue)
            for one, split in zip(served, splits, strict=True)
        ]
        ndcg, ild, coverage = (sum(column) / len(found) for column in zip(*found, strict=True))
        cells.append(f"{ndcg:.4f} {ild:.3f} {coverage:.4f}")
    print(f"{name:24}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


def _label(known: int | None) -> str:
    return "all known" if known is None else f"{known} known"


def _parsed(text: str) -> tuple[str, Sequence[float]]:
    name, _, values = text.partition("=")
    return name, [float(value) for value in values.split(",")]


if __name__ == "__main__":
    sys.exit(main())
