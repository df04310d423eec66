"""Diversity: a list whose items differ from one another, by maximal marginal relevance.

Each place goes to the candidate with the most points, its score and its diversity together. Every
title above that has some of its genres costs a candidate points of diversity, so its points can
only fall as the list grows: score + diversity never grows from one item to the next.
Source: Carbonell and Goldstein, The use of MMR (SIGIR 1998), with the sum over those above in
place of the greatest, which is the same for nearly all once a list is long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from recommender.domain.scoring import ScoredTitle
from recommender.domain.titles import TitleKey

MAX_DIVERSITY_POINTS = 10.0
TAKEN = -1.0
"""Fewer points than any candidate has."""


def rerank(
    candidates: Sequence[ScoredTitle], places: int, similarity_penalty: float, seed: int = 0
) -> list[ScoredTitle]:
    """Return the best list of so many places. Another seed shuffles those of nearly equal score."""
    left = sorted(candidates, key=lambda one: (-one.score, one.vector.traits.key))
    bonus = [MAX_DIVERSITY_POINTS * (1 - _draw(seed, one.vector.traits.key)) for one in left]
    bits = [one.vector.genre_bits for one in left]
    points = [one.score + extra for one, extra in zip(left, bonus, strict=True)]
    chosen: list[ScoredTitle] = []
    for _ in range(min(places, len(left))):
        place = points.index(max(points))
        one, mine = left[place], bits[place]
        extra = max(0.0, bonus[place])
        chosen.append(replace(one, parts=replace(one.parts, diversity=extra)))
        points[place] = TAKEN
        for n, theirs in enumerate(bits):
            shared = (mine & theirs).bit_count()
            if shared and points[n] > TAKEN:
                bonus[n] -= similarity_penalty * shared / (mine | theirs).bit_count()
                points[n] = left[n].score + max(0.0, bonus[n])
    return chosen


def _draw(seed: int, key: TitleKey) -> float:
    if not seed:
        return 0.0
    digest = blake2b(f"{seed}:{key.media_type.value}:{key.id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
