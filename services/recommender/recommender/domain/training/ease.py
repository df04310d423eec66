"""EASE: item-to-item weights in closed form, from the co-occurrence counts alone.

Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019). With G the counts
and P = (G + lambda I)^-1, the weight of favourite s for title t is -P[s,t] / P[t,t]. The cost is
that of the inverse, cubic in the titles and independent of the users: it is done in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.domain.training.cooccurrence import CooccurrenceCounts

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

_BLOCK = 512

type Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Sources, targets (places in Counts.titles) and strengths, in no order."""

    sources: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]


def solve(
    counts: CooccurrenceCounts, max_solved: int = MAX_SOLVED_TITLES, sources: int = MAX_SOURCES
) -> Weights:
    """Return the strongest weights of all titles: by EASE, and of rarer titles by cosine."""
    ranked = np.argsort(-counts.favourites, kind="stable")
    ranked = ranked[counts.favourites[ranked] > 0]
    solved, rare = ranked[:max_solved], ranked[max_solved:]
    weights = [_ease(counts, solved, sources)]
    if len(rare):
        weights.append(_cosine(counts, rare, sources))
    targets = np.concatenate([one.targets for one in weights])
    return Weights(
        np.concatenate([one.sources for one in weights]),
        targets,
        np.concatenate([one.strengths for one in weights])
        / np.maximum(counts.favourites[targets], 1) ** DAMPING,
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


def _ease(counts: CooccurrenceCounts, solved: npt.NDArray[np.int64], max_sources: int) -> Weights:
    matrix = _dense(counts, solved)
    matrix[np.diag_indices(len(solved))] += regularization(counts.users)
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


def _dense(counts: CooccurrenceCounts, solved: npt.NDArray[np.int64]) -> Matrix:
    places = np.full(len(counts.titles), -1, np.int64)
    places[solved] = np.arange(len(solved))
    matrix = np.zeros((len(solved), len(solved)))
    for begin in range(0, len(counts.pairs), 1 << 22):
        part = slice(begin, begin + (1 << 22))
        low = places[(counts.pairs[part] >> np.uint64(32)).astype(np.int64)]
        high = places[(counts.pairs[part] & np.uint64(0xFFFFFFFF)).astype(np.int64)]
        both = (low >= 0) & (high >= 0)
        matrix[low[both], high[both]] = counts.together[part][both]
        matrix[high[both], low[both]] = counts.together[part][both]
    matrix[np.diag_indices(len(solved))] = counts.favourites[solved]
    return matrix


def _cosine(counts: CooccurrenceCounts, rare: npt.NDArray[np.int64], max_sources: int) -> Weights:
    """Return the shrunk cosine of pairs in which a rarer title takes part."""
    is_rare = np.zeros(len(counts.titles), bool)
    is_rare[rare] = True
    low = (counts.pairs >> np.uint64(32)).astype(np.int64)
    high = (counts.pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    chosen = is_rare[low] | is_rare[high]
    low, high = low[chosen], high[chosen]
    users = counts.favourites.astype(np.float64)
    strength = counts.together[chosen] / (np.sqrt(users[low] * users[high]) + SHRINKAGE)
    sources, targets = np.concatenate((low, high)), np.concatenate((high, low))
    strengths = np.concatenate((strength, strength))
    order = np.lexsort((-strengths, targets))
    sources, targets, strengths = sources[order], targets[order], strengths[order]
    first = np.searchsorted(targets, targets, side="left")
    kept = np.arange(len(targets)) - first < max_sources
    return Weights(sources[kept], targets[kept], strengths[kept])
