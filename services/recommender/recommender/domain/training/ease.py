"""EASE: item-to-item weights in closed form, from the co-occurrence counts alone.

Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019). With G the counts
and P = (G + lambda I)^-1, the weight of favourite s for title t is -P[s,t] / P[t,t]. The cost is
that of the inverse, cubic in the titles and independent of the users: it is done in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.domain.training.cooccurrence import CooccurrenceCounts, Numbers, Pairs

LAMBDA = 200.0
LAMBDA_USERS = 300
LAMBDA_EXPONENT = 0.15
"""200 for the hundreds of users it was tuned with, 500 for the 136,000 of Steck's ML-20M."""

MAX_SOLVED_TITLES = 10_000
"""The titles with most favourites, which are solved: 800 MB in double precision."""

MAX_SOURCES = 60
"""The strongest sources kept for each title."""

DAMPING = 0.1
"""Strengths for a title are divided by its favourites to this power."""

SHRINKAGE = 20.0
"""Added to the denominator of the cosine, for titles that are not solved."""

MAX_PAIRS_AT_ONCE = 1 << 22
"""Pairs that are looked at together, some 150 bytes each while they become cosines."""

_BLOCK = 512

type Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Sources, targets (places in Counts.titles) and strengths, in no order."""

    sources: Numbers
    targets: Numbers
    strengths: npt.NDArray[np.float64]


def solve(
    counts: CooccurrenceCounts, max_solved: int = MAX_SOLVED_TITLES, sources: int = MAX_SOURCES
) -> Weights:
    """Return the strongest weights of all titles: by EASE, and of rarer titles by cosine.

    They do not depend on the order in which titles were counted.
    """
    solved, rare = rank(counts, max_solved)
    weights = [ease_weights(_dense(counts, solved), counts, solved, sources)]
    if len(rare):
        weights.append(_cosine(counts, rare, sources))
    return damped(weights, counts)


def rank(counts: CooccurrenceCounts, max_solved: int) -> tuple[Numbers, Numbers]:
    """Return the titles that are solved, those with most favourites first, and the rarer ones."""
    ranked = np.lexsort((key_ranks(counts), -counts.favourites))
    ranked = ranked[counts.favourites[ranked] > 0]
    return ranked[:max_solved], ranked[max_solved:]


def key_ranks(counts: CooccurrenceCounts) -> Numbers:
    """Return each title's place in the order of keys, which no order of counting changes."""
    ordered = sorted(range(len(counts.titles)), key=counts.titles.__getitem__)
    ranks = np.zeros(len(ordered), np.int64)
    ranks[ordered] = np.arange(len(ordered))
    return ranks


def damped(weights: Sequence[Weights], counts: CooccurrenceCounts) -> Weights:
    """Return all weights as one, those for titles with many favourites less."""
    whole = joined(weights)
    damping = np.maximum(counts.favourites[whole.targets], 1) ** DAMPING
    return Weights(whole.sources, whole.targets, whole.strengths / damping)


def joined(weights: Sequence[Weights]) -> Weights:
    """Return all weights as one."""
    return Weights(
        np.concatenate([one.sources for one in weights]),
        np.concatenate([one.targets for one in weights]),
        np.concatenate([one.strengths for one in weights]),
    )


def regularization(users: int) -> float:
    """Return lambda for a number of users."""
    return float(LAMBDA * max(1.0, users / LAMBDA_USERS) ** LAMBDA_EXPONENT)


def invert(matrix: Matrix) -> None:
    """Invert a symmetric positive definite matrix in place, block by block (Gauss-Jordan)."""
    size = len(matrix)
    for begin in range(0, size, _BLOCK):
        here = slice(begin, min(begin + _BLOCK, size))
        pivot = np.linalg.inv(matrix[here, here])
        column = matrix[:, here].copy()
        column[here] = 0.0
        row = pivot @ matrix[here]
        row[:, here] = 0.0
        for first in range(0, size, 2 * _BLOCK):
            band = slice(first, first + 2 * _BLOCK)
            matrix[band] -= column[band] @ row
        matrix[here] = row
        matrix[:, here] = -(column @ pivot)
        matrix[here, here] = pivot


def ease_weights(
    matrix: Matrix, counts: CooccurrenceCounts, solved: Numbers, max_sources: int
) -> Weights:
    """Return the weights of solved titles; `matrix` has their co-occurrences, and is overwritten.

    Its diagonal is set here: the titles' favourites.
    """
    matrix[np.diag_indices(len(solved))] = counts.favourites[solved] + regularization(counts.users)
    invert(matrix)
    own = np.diag(matrix).copy()
    known = np.sqrt(counts.favourites[solved].astype(np.float64))
    kept = min(max_sources, max(len(solved) - 1, 0))
    sources, targets, strengths = [], [], []
    for target in range(len(solved)):
        column = -matrix[target] / own[target]
        column[target] = 0.0
        np.maximum(column, 0.0, out=column)
        best = np.argpartition(-column * known, kept - 1)[:kept] if kept else np.zeros(0, np.int64)
        best = best[column[best] > 0]
        sources.append(solved[best])
        targets.append(np.full(len(best), solved[target]))
        strengths.append(column[best])
    none = np.zeros(0, np.int64)
    return Weights(
        np.concatenate(sources or [none]),
        np.concatenate(targets or [none]),
        np.concatenate(strengths or [none.astype(np.float64)]),
    )


def _dense(counts: CooccurrenceCounts, solved: Numbers) -> Matrix:
    places = np.full(len(counts.titles), -1, np.int64)
    places[solved] = np.arange(len(solved))
    matrix = np.zeros((len(solved), len(solved)))
    for begin in range(0, len(counts.pairs), MAX_PAIRS_AT_ONCE):
        part = slice(begin, begin + MAX_PAIRS_AT_ONCE)
        low = places[(counts.pairs[part] >> np.uint64(32)).astype(np.int64)]
        high = places[(counts.pairs[part] & np.uint64(0xFFFFFFFF)).astype(np.int64)]
        both = (low >= 0) & (high >= 0)
        matrix[low[both], high[both]] = counts.together[part][both]
        matrix[high[both], low[both]] = counts.together[part][both]
    return matrix


def _cosine(counts: CooccurrenceCounts, rare: Numbers, max_sources: int) -> Weights:
    """Return the shrunk cosine of pairs in which a rarer title takes part."""
    is_rare = np.zeros(len(counts.titles), bool)
    is_rare[rare] = True
    ranks, none = key_ranks(counts), np.zeros(0, np.int64)
    best = Weights(none, none, none.astype(np.float64))
    for begin in range(0, len(counts.pairs), MAX_PAIRS_AT_ONCE):
        part = slice(begin, begin + MAX_PAIRS_AT_ONCE)
        low, high = split(counts.pairs[part])
        chosen = is_rare[low] | is_rare[high]
        together = counts.together[part][chosen]
        found = cosine_weights(low[chosen], high[chosen], together, counts.favourites)
        best = strongest(joined((best, found)), ranks, max_sources)
    return best


def split(pairs: Pairs) -> tuple[Numbers, Numbers]:
    """Return the two titles of each pair."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(
        np.int64
    )


def cosine_weights(low: Numbers, high: Numbers, together: Numbers, favourites: Numbers) -> Weights:
    """Return the shrunk cosine of pairs of titles, in both directions."""
    users = favourites.astype(np.float64)
    strengths = together / (np.sqrt(users[low] * users[high]) + SHRINKAGE)
    return Weights(
        np.concatenate((low, high)),
        np.concatenate((high, low)),
        np.concatenate((strengths, strengths)),
    )


def strongest(weights: Weights, ranks: Numbers, max_sources: int) -> Weights:
    """Return each title's strongest sources; of equal ones the first in the order of keys."""
    order = np.lexsort((ranks[weights.sources], -weights.strengths, weights.targets))
    targets = weights.targets[order]
    kept = np.arange(len(targets)) - np.searchsorted(targets, targets, side="left") < max_sources
    return Weights(weights.sources[order][kept], targets[kept], weights.strengths[order][kept])
