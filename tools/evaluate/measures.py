"""Measures of lists against held-out favourites, as the protocol of the evaluation defines them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt
from statistics import fmean, stdev

from matinee.media import TitleKey
from tools.evaluate.files import Catalogue, Histories
from tools.evaluate.served import Served

LENGTH = 20
FEWEST = 5
"""A user with fewer favourites in the training part is not measured."""

_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measures of some users' lists.

    `gains` are the lists' NDCG@20, one per user; `variety` is the mean of 1 - Jaccard over the
    pairs of genres of a list; `coverage` is the share of the catalogue in any list.
    """

    gains: Sequence[float]
    variety: float
    coverage: float

    @property
    def gain(self) -> float:
        """Mean NDCG@20."""
        return fmean(self.gains)

    @property
    def interval(self) -> tuple[float, float]:
        """Normal 95 % interval of the mean NDCG@20; the mean itself for one user."""
        spread = stdev(self.gains) if len(self.gains) > 1 else 0.0
        half = _NORMAL_95 * spread / sqrt(len(self.gains))
        return self.gain - half, self.gain + half


def measure(served: Served, split: Histories, known: int | None = None) -> Measurement | None:
    """Measure the lists of the users of a split, with their latest `known` favourites or all.

    None when no user has enough favourites and something held out.
    """
    users = {
        user: favourites
        for user, favourites in split.train.items()
        if len(favourites) >= FEWEST and split.test.get(user)
    }
    if not users:
        return None
    lists = dict(served.lists(Histories(users), LENGTH, known))
    truth = {user: [entry.key for entry in split.test[user]] for user in lists}
    return measure_lists(lists, truth, served.catalogue)


def measure_lists(
    lists: Mapping[int, Sequence[int]],
    truth: Mapping[int, Sequence[TitleKey]],
    catalogue: Catalogue,
) -> Measurement:
    """Measure users' lists against what they like."""
    genres = _genres(catalogue)
    shown = {item for items in lists.values() for item in items}
    return Measurement(
        [gain(items, truth[user]) for user, items in lists.items()],
        fmean(variety(items, genres) for items in lists.values()),
        len(shown) / len(genres),
    )


def measure_by_length(served: Served, split: Histories) -> Iterator[tuple[str, Measurement]]:
    """Yield what `measure` finds for users with short, middling and long histories."""
    bounds = (FEWEST, 20, 50, 200, None)
    for low, high in zip(bounds, bounds[1:], strict=False):
        users = {
            user: favourites
            for user, favourites in split.train.items()
            if len(favourites) >= (low or 0) and (high is None or len(favourites) < high)
        }
        if (found := measure(served, Histories(users, split.test))) is not None:
            yield f"{low}-{high - 1}" if high else f"{low} and more", found


def gain(items: Sequence[int], truth: Sequence[TitleKey]) -> float:
    """Return NDCG@20 of one list."""
    wanted = {key.id for key in truth}
    found = sum(1 / log2(n + 2) for n, item in enumerate(items[:LENGTH]) if item in wanted)
    return found / sum(1 / log2(n + 2) for n in range(min(LENGTH, len(wanted))))


def variety(items: Sequence[int], genres: Mapping[int, frozenset[int]]) -> float:
    """Return the mean of 1 - Jaccard over a list's pairs."""
    own = [genres[item] for item in items]
    pairs = [(a, b) for n, a in enumerate(own) for b in own[n + 1 :]]
    return sum(1 - (len(a & b) / len(a | b) if a | b else 1) for a, b in pairs) / max(1, len(pairs))


def _genres(catalogue: Catalogue) -> Mapping[int, frozenset[int]]:
    return {key.id: frozenset(title.genre_ids) for key, title in catalogue.titles.items()}
