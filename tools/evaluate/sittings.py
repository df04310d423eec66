"""What swipes are worth: sittings of rooms are simulated, and their votes given to the ranking.

python -m tools.evaluate.sittings --catalogue C --favourites F [--yes W,W ...] [--no W,W ...]

Of each user's training part the last fifth is what is to be found, and the fifth before it is what
they like and have not said. Between what is known and that comes a sitting: a deck of titles that
they would be served and of popular ones. They vote yes on what they like and on the three tenths of
the deck that fit best what they like (by the same model, which knows the unsaid fifth), and now and
then wrongly. All lists leave out the deck. A yes weighs as an entry of a watchlist of that weight,
a no as a dismissed title of that weight, a favourite being 1; with 0 and 0 the sitting has taught
nothing. Test events are never read.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matinee.media import TitleKey
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.tuning import TUNED
from tools.evaluate.files import Catalogue, Histories, read_catalogue, read_favourites
from tools.evaluate.measures import FEWEST, LENGTH, Measurement, measure_lists
from tools.evaluate.protocols import inner_splits
from tools.evaluate.served import Served, serve

KNOWN: Sequence[int | None] = (1, 3, 10, None)
YES: Sequence[float] = (0.0, 0.15, 0.3, 0.6)
NO: Sequence[float] = (0.0, -0.05, -0.1, -0.25)
DEALT_BY_TASTE, DEALT_BY_POPULARITY = 25, 25
AMONG_POPULAR = 300
WILLING = 0.3
"""The share of a deck on which users vote yes, besides what they like."""

MISTAKES = 0.1
"""Votes that are not what the user thinks."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What is known of a user, how they have voted, and what they like later."""

    known: Sequence[ListEntry]
    votes: Mapping[TitleKey, bool]
    later: Sequence[TitleKey]
    hidden: frozenset[TitleKey]
    """Favourites that are taken for not known: no test of the others."""

    def taste(self) -> Taste:
        """Return the taste with the votes in it, as of the sitting."""
        yes, no = (
            tuple(ListEntry(key) for key, vote in self.votes.items() if vote is wanted)
            for wanted in (True, False)
        )
        return Taste(favourites=tuple(self.known), swiped=yes, dismissed=no)


def simulate(served: Served, histories: Histories, known: int | None) -> dict[int, Sitting]:
    """Return a sitting of each user with enough favourites; the same for the same files."""
    last, before = inner_splits(histories)
    popular = _popular(served.catalogue, before)
    sittings = {}
    for user, favourites in before.train.items():
        unsaid = before.test.get(user, ())
        if len(favourites) < FEWEST or not unsaid or user not in last.test:
            continue
        kept = favourites[-known:] if known else favourites
        own = frozenset(entry.key for entry in favourites)
        draw = random.Random(user)  # noqa: S311 - a simulation
        fitting = served.answer(kept, DEALT_BY_TASTE, own).items
        well_known = (key for key in draw.sample(popular, len(popular)) if key not in own)
        deck = [item.key for item in fitting]
        deck += [key for key in well_known if key not in deck][:DEALT_BY_POPULARITY]
        later = [entry.key for entry in last.test[user]]
        likes = {entry.key for entry in unsaid}.union(later)
        others = served.catalogue.titles.keys() - set(deck)
        ranked = served.answer([*favourites, *unsaid], len(deck), others).items
        willing = {item.key for item in ranked[: int(WILLING * len(deck))]} | likes
        votes = {key: (key in willing) != (draw.random() < MISTAKES) for key in deck}
        if left := [key for key in later if key not in votes]:
            hidden = frozenset(entry.key for entry in favourites[: len(favourites) - len(kept)])
            sittings[user] = Sitting(kept, votes, left, hidden)
    return sittings


def measure_sittings(served: Served, sittings: Mapping[int, Sitting]) -> Measurement:
    """Measure the lists that follow the sittings."""
    lists = {
        user: [item.key.id for item in served.recommend(one.taste(), LENGTH, one.hidden).items]
        for user, one in sittings.items()
    }
    return measure_lists(
        lists, {user: one.later for user, one in sittings.items()}, served.catalogue
    )


def _popular(catalogue: Catalogue, split: Histories) -> list[TitleKey]:
    """Return the titles that most users like."""
    counts: dict[TitleKey, int] = {}
    for favourites in split.train.values():
        for entry in favourites:
            counts[entry.key] = counts.get(entry.key, 0) + 1
    ranked = sorted(counts.keys() & catalogue.titles.keys(), key=lambda key: (-counts[key], key))
    return ranked[:AMONG_POPULAR]


def rows(
    served: Served, histories: Histories, yes: Sequence[float], no: Sequence[float]
) -> Iterator[tuple[float, float, Sequence[Measurement]]]:
    """Yield what each pair of weights gives, by how many favourites are known."""
    sittings = [simulate(served, histories, known) for known in KNOWN]
    for of_yes in yes:
        for of_no in no:
            tuned = replace(served, tuning=replace(TUNED, watchlist=of_yes, dismissed=of_no))
            yield of_yes, of_no, [measure_sittings(tuned, some) for some in sittings]


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate.sittings", description=__doc__)
    options.add_argument("--catalogue", type=Path, required=True)
    options.add_argument("--favourites", type=Path, required=True)
    options.add_argument("--yes", type=_weights, default=YES)
    options.add_argument("--no", type=_weights, default=NO)
    given = options.parse_args()
    catalogue, histories = read_catalogue(given.catalogue), read_favourites(given.favourites)
    _, before = inner_splits(histories)
    names = ["all" if known is None else str(known) for known in KNOWN]
    print(f"{'yes':>6}{'no':>7}" + "".join(f"{name:>9}" for name in names) + "  95 % of all")
    for yes, no, found in rows(serve(catalogue, [before]), histories, given.yes, given.no):
        low, high = found[-1].interval
        cells = "".join(f"{one.gain:>9.4f}" for one in found)
        print(f"{yes:>6.2f}{no:>7.2f}{cells}  {low:.4f}-{high:.4f}", flush=True)
    return 0


def _weights(text: str) -> Sequence[float]:
    return [float(one) for one in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
