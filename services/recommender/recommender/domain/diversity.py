"""Diversity: reranking by maximal marginal relevance, so that a list's titles differ.

Each place goes to the candidate with the most points, its score and its diversity together. Every
title above with some of its genres costs a candidate points of diversity, so its points can only
fall as the list grows: score + diversity never grows from one item to the next.
Source: Carbonell and Goldstein, The use of MMR (SIGIR 1998), with the sum over those above in
place of the maximum, which is the same for nearly all once a list is long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from matinee.media import TitleKey
from recommender.domain.scoring import ScoredTitle

MAX_DIVERSITY_POINTS = 10.0
_TAKEN = -1.0
"""Fewer points than any candidate has."""


def rerank(
    candidates: Sequence[ScoredTitle], places: int, similarity_penalty: float, seed: int = 0
) -> list[ScoredTitle]:
    """Return the best list of so many places. Another seed shuffles titles of similar score."""
    # Titles of the same genres lose the same points: 200 candidates are some 70 such groups.
    groups: dict[tuple[int, float], list[ScoredTitle]] = {}
    for title in sorted(candidates, key=lambda title: (-title.score, title.key), reverse=True):
        own = MAX_DIVERSITY_POINTS * (1 - _random(seed, title.key))
        groups.setdefault((title.vector.genre_bits, own), []).append(title)
    genres, diversity = (list(one) for one in zip(*groups, strict=True)) if groups else ([], [])
    titles = list(groups.values())
    points = [group[-1].score + own for group, own in zip(titles, diversity, strict=True)]
    chosen: list[ScoredTitle] = []
    for _ in range(min(places, len(candidates))):
        best = points.index(max(points))
        title, taken = titles[best].pop(), genres[best]
        parts = replace(title.parts, diversity=max(0.0, diversity[best]))
        chosen.append(replace(title, parts=parts))
        for n, others in enumerate(genres):
            shared = (taken & others).bit_count()
            if shared or n == best:
                diversity[n] -= similarity_penalty * shared / ((taken | others).bit_count() or 1)
                left = titles[n]
                points[n] = left[-1].score + max(0.0, diversity[n]) if left else _TAKEN
    return chosen


def _random(seed: int, key: TitleKey) -> float:
    """Return a number from 0 to 1 that depends on seed and title alone; 0 for seed 0."""
    if not seed:
        return 0.0
    digest = blake2b(f"{seed}:{key.media_type.value}:{key.id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
