"""Write the lists that would be served to the users of a file of favourites.

python -m tools.evaluate --catalogue C --favourites F [--extra-train F2 ...] --out recs.jsonl
python -m tools.evaluate --catalogue C --favourites F --measure

`--measure` prints, for each protocol (tools/evaluate/protocols.py), NDCG@20 with its 95 % interval,
genre diversity and coverage, by how many favourites are known and by the histories' length.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.evaluate.files import (
    Catalogue,
    Histories,
    read_catalogue,
    read_favourites,
    write_lists,
)
from tools.evaluate.measures import Measurement, measure, measure_by_length
from tools.evaluate.protocols import PROTOCOLS
from tools.evaluate.served import Served, serve
from tools.evaluate.tune import KNOWN


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate", description=__doc__)
    options.add_argument("--catalogue", type=Path, required=True)
    options.add_argument("--favourites", type=Path, required=True)
    options.add_argument("--extra-train", type=Path, action="append", default=[])
    what = options.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, help="write the lists here")
    what.add_argument("--measure", action="store_true", help="print measures of all protocols")
    options.add_argument("-k", type=int, default=20, help="items of a list; default: 20")
    options.add_argument("--latest", type=int, help="know only so many of a user's favourites")
    options.add_argument("--no-model", action="store_true", help="serve as without a model")
    options.add_argument(
        "--new",
        type=int,
        default=0,
        help="take the latest so many titles without favourites for new: lists keep places for "
        "them, as they do in service; default: 0",
    )
    given = options.parse_args()
    catalogue = read_catalogue(given.catalogue)
    histories = read_favourites(given.favourites)
    learnt_of = [histories, *map(read_favourites, given.extra_train)]
    catalogue = catalogue.with_new(given.new, learnt_of)
    if given.measure:
        _print_measures(catalogue, histories, given.extra_train)
        return 0
    began = time.perf_counter()
    served = Served(catalogue, None) if given.no_model else serve(catalogue, learnt_of)
    trained = time.perf_counter()
    lists = list(served.lists(histories, given.k, given.latest))
    ended = time.perf_counter()
    write_lists(given.out, lists)
    print(
        f"{len(lists)} lists; trained in {trained - began:.1f} s, "
        f"served in {1000 * (ended - trained) / max(1, len(lists)):.1f} ms each",
        file=sys.stderr,
    )
    return 0


def _print_measures(
    catalogue: Catalogue, histories: Histories, extra_train: Sequence[Path]
) -> None:
    others = [*map(read_favourites, extra_train)]
    for name, protocol in PROTOCOLS.items():
        split = protocol(histories)
        served = serve(catalogue, [split, *others])
        heads = f"{'NDCG@20':>10} {'95 %':>15} {'diversity':>9} {'coverage':>9} {'users':>6}"
        print(f"{name:24}{heads}")
        for known in KNOWN:
            label = "all known" if known is None else f"latest {known} known"
            _print_measurement(label, measure(served, split, known))
        for length, found in measure_by_length(served, split):
            _print_measurement(f"history {length}", found)


def _print_measurement(label: str, found: Measurement | None) -> None:
    if found is None:
        print(f"  {label:22}no user")
        return
    low, high = found.interval
    print(
        f"  {label:22}{found.gain:>10.4f} {low:>8.4f}-{high:.4f} {found.variety:>9.3f} "
        f"{found.coverage:>9.4f} {len(found.gains):>6}"
    )


if __name__ == "__main__":
    sys.exit(main())
