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
    left = sorted(candidates, key=lambda title: (-title.score, title.key))
    diversity = [MAX_DIVERSITY_POINTS * (1 - _random(seed, title.key)) for title in left]
    genres = [title.vector.genre_bits for title in left]
    points = [title.score + extra for title, extra in zip(left, diversity, strict=True)]
    chosen: list[ScoredTitle] = []
    for _ in range(min(places, len(left))):
        best = points.index(max(points))
        title, own = left[best], genres[best]
        parts = replace(title.parts, diversity=max(0.0, diversity[best]))
        chosen.append(replace(title, parts=parts))
        points[best] = _TAKEN
        for n, others in enumerate(genres):
            shared = (own & others).bit_count()
            if shared and points[n] > _TAKEN:
                diversity[n] -= similarity_penalty * shared / (own | others).bit_count()
                points[n] = left[n].score + max(0.0, diversity[n])
    return chosen


def _random(seed: int, key: TitleKey) -> float:
    """Return a number from 0 to 1 that depends on seed and title alone; 0 for seed 0."""
    if not seed:
        return 0.0
    digest = blake2b(f"{seed}:{key.media_type.value}:{key.id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
