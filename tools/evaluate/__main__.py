"""Write the lists that would be served to the users of a file of favourites.

python -m tools.evaluate --catalogue C --favourites F [--extra-train F2 ...] --out recs.jsonl
"""

import argparse
import sys
import time
from pathlib import Path

from tools.evaluate.files import read_catalogue, read_favourites, write_lists
from tools.evaluate.served import Served, serve


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate", description=__doc__)
    options.add_argument("--catalogue", type=Path, required=True)
    options.add_argument("--favourites", type=Path, required=True)
    options.add_argument("--extra-train", type=Path, action="append", default=[])
    options.add_argument("--out", type=Path, required=True)
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


if __name__ == "__main__":
    sys.exit(main())
