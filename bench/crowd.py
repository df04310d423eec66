"""An invented crowd: the favourites of a million users, faster than they are drawn one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched

import numpy as np

from matinee.media import TitleKey
from tools.evaluate.synthetic import MEDIAN_FAVOURITES, SPREAD, THEMES_OF_A_USER, Cinema

MAX_FAVOURITES = 500
_LEAN = 3
_TOGETHER = 10_000


def crowd(cinema: Cinema, users: int, seed: int = 1) -> Iterator[list[TitleKey]]:
    """Yield users' favourites, oldest first, with the lengths and leanings of `histories`."""
    draw = np.random.default_rng(seed)
    keys = [cinema.key(place) for place in range(len(cinema))]
    for some in batched(range(users), _TOGETHER, strict=False):
        lengths = MEDIAN_FAVOURITES * draw.lognormal(0, SPREAD, len(some))
        user = np.repeat(np.arange(len(some)), np.minimum(MAX_FAVOURITES, lengths).astype(int) + 1)
        liked = draw.random((len(some), cinema.themes)).argsort(axis=1)[:, :THEMES_OF_A_USER]
        theme = liked[user, draw.integers(THEMES_OF_A_USER, size=len(user))]
        drawn = (len(cinema) * draw.random(len(user)) ** _LEAN).astype(np.int64)
        place = drawn // cinema.themes * cinema.themes + theme
        each = np.unique((user * len(cinema) + place)[place < len(cinema)])
        user, place = divmod(each, len(cinema))
        order = np.lexsort((draw.random(len(each)), user))
        ends = np.searchsorted(user, np.arange(1, len(some)))
        for own in np.split(place[order], ends):
            yield [keys[one] for one in own.tolist()]
