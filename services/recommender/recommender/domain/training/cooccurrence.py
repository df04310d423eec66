"""Co-occurrence counts: how often two titles are favourites of the same user, kept incrementally.

The counts name no user. A user's list as last counted is subtracted and the present one added, so a
run costs what changed, and an added favourite, a removed one and a deleted user are the same
operation. `CooccurrenceCounts` are immutable; `changed` returns new ones.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matinee.media import MediaType, TitleKey
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES

MAX_PENDING_FAVOURITES = 16_000_000
"""Favourites that wait to be counted, eight bytes each: every portion is merged into the counts."""

MAX_COUNTED_AT_ONCE = 1 << 18
"""Pairs that are written out together, some fifty bytes each; all of one title always are."""

MAX_MERGED_AT_ONCE = 1 << 22
"""Pairs of the larger counts that are merged together with those of the other."""

_CELLS_PER_PAIR = 8
"""Sorting a pair takes as long as looking through so many cells of a table."""

_MAGIC = b"MTNCNT01"
_DIGEST = 32

type Pairs = npt.NDArray[np.uint64]
type Numbers = npt.NDArray[np.int64]
type PairCounts = tuple[Pairs, Numbers]
"""Ascending pairs, each once, and the number of users of each."""


class CorruptCounts(Exception):
    """The bytes are no intact counts: another format, truncated, or of another checksum."""


@dataclass(frozen=True, slots=True)
class FavouritesChange:
    """One user's favourites as last counted, and at present; the oldest first."""

    before: Sequence[TitleKey] = ()
    after: Sequence[TitleKey] = ()


@dataclass(frozen=True, slots=True)
class CooccurrenceCounts:
    """The number of users, and of users of each title and of each pair of titles.

    `pairs` are `low << 32 | high` of two titles' places in `titles`, ascending; `together` is
    their number of users.
    """

    users: int = 0
    titles: tuple[TitleKey, ...] = ()
    favourites: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    pairs: Pairs = field(default_factory=lambda: np.zeros(0, np.uint64))
    together: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))

    def changed(self, changes: Iterable[FavouritesChange]) -> CooccurrenceCounts:
        """Return the counts after users' lists have changed."""
        places = {key: place for place, key in enumerate(self.titles)}
        counts, pending = self, 0
        plus: list[Numbers] = []
        minus: list[Numbers] = []
        for change in changes:
            for keys, lists in ((change.before, minus), (change.after, plus)):
                lists.append(_places(keys, places))
                pending += len(lists[-1])
            if pending >= MAX_PENDING_FAVOURITES:
                counts, pending = counts._moved(places, plus, minus), 0
                plus, minus = [], []
        return counts._moved(places, plus, minus)

    def _moved(
        self, titles: Iterable[TitleKey], plus: Sequence[Numbers], minus: Sequence[Numbers]
    ) -> CooccurrenceCounts:
        """Return the counts with some lists added and others taken away."""
        keys = tuple(titles)
        favourites = np.zeros(len(keys), np.int64)
        favourites[: len(self.favourites)] = self.favourites
        users, found = self.users, (self.pairs, self.together)
        for lists, sign in ((plus, 1), (minus, -1)):
            users += sign * sum(1 for own in lists if len(own))
            favourites += sign * np.bincount(_flat(lists), minlength=len(keys))
            pairs, together = count_pairs(lists)
            found = merged(found, (pairs, sign * together))
        return CooccurrenceCounts(users, keys, favourites, *found)

    def to_bytes(self) -> bytes:
        """Serialize the counts with a checksum."""
        head = json.dumps(
            {
                "users": self.users,
                "titles": [[key.media_type.value, key.id] for key in self.titles],
                "pairs": len(self.pairs),
            }
        ).encode()
        body = zlib.compress(
            len(head).to_bytes(8, "little")
            + head
            + self.favourites.astype("<i8").tobytes()
            + _differences(self.pairs).tobytes()
            + self.together.astype("<u4").tobytes(),
            1,
        )
        return _MAGIC + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, content: bytes) -> CooccurrenceCounts:
        """Parse counts; raise CorruptCounts."""
        start = len(_MAGIC) + _DIGEST
        digest, body = content[len(_MAGIC) : start], content[start:]
        if not content.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
            message = "these are no intact counts"
            raise CorruptCounts(message)
        raw = zlib.decompress(body)
        length = int.from_bytes(raw[:8], "little")
        head = json.loads(raw[8 : 8 + length])
        titles = tuple(TitleKey(MediaType(media), id_) for media, id_ in head["titles"])
        at, size = 8 + length, head["pairs"]
        favourites = np.frombuffer(raw, "<i8", len(titles), at)
        at += favourites.nbytes
        pairs = np.cumsum(np.frombuffer(raw, "<u8", size, at), dtype=np.uint64)
        together = np.frombuffer(raw, "<u4", size, at + pairs.nbytes).astype(np.int64)
        return cls(head["users"], titles, favourites.astype(np.int64), pairs, together)


def _places(keys: Sequence[TitleKey], places: dict[TitleKey, int]) -> Numbers:
    own = {places.setdefault(key, len(places)) for key in keys[-MAX_COUNTED_FAVOURITES:]}
    return np.array(sorted(own), np.int64)


def count_pairs(lists: Sequence[Numbers]) -> PairCounts:
    """Count the pairs of users' lists, in each of which places ascend.

    Not user by user but title by title, each with what follows it in all lists: pairs of titles
    that many have are counted in a table, and only the others are sorted.
    """
    flat = _flat(lists)
    sizes = np.array([len(own) for own in lists], np.int64)
    following = np.repeat(np.cumsum(sizes), sizes) - np.arange(1, len(flat) + 1)
    order = np.argsort(flat, kind="stable")
    order = order[following[order] > 0]
    found = [(np.zeros(0, np.uint64), np.zeros(0, np.int64))]
    for part in _portions(flat[order], following[order]):
        begin, number = order[part], following[order[part]]
        ends = np.cumsum(number)
        high = flat[np.repeat(begin + 1 - ends + number, number) + np.arange(ends[-1])]
        found.append(_count(flat[begin], number, high))
    return np.concatenate([pairs for pairs, _ in found]), np.concatenate([n for _, n in found])


def _portions(titles: Numbers, pairs: Numbers) -> Iterator[slice]:
    """Divide ascending titles where one ends, by the pairs of each place."""
    starts = np.append(np.flatnonzero(np.diff(titles, prepend=-1)), len(titles))
    before = np.append(0, np.cumsum(pairs))[starts]
    first = 0
    while first < len(starts) - 1:
        limit = np.searchsorted(before, before[first] + MAX_COUNTED_AT_ONCE, side="right")
        last = max(first + 1, int(limit) - 1)
        yield slice(starts[first], starts[last])
        first = last


def _count(titles: Numbers, numbers: Numbers, high: Numbers) -> PairCounts:
    """Count pairs: of ascending titles, each with so many others as `numbers` says."""
    first, rows = int(titles[0]), int(titles[-1] - titles[0]) + 1
    width = int(high.max()) + 1
    if rows * width > _CELLS_PER_PAIR * len(high):
        low = np.repeat(titles.astype(np.uint64) << np.uint64(32), numbers)
        return np.unique(low | high.astype(np.uint64), return_counts=True)
    together = np.bincount(np.repeat((titles - first) * width, numbers) + high)
    cells = np.flatnonzero(together)
    low, other = (one.astype(np.uint64) for one in divmod(cells + first * width, width))
    return low << np.uint64(32) | other, together[cells]


def merged(one: PairCounts, other: PairCounts) -> PairCounts:
    """Return the sum of two counts, without pairs that nobody has any more."""
    if not len(one[0]) or not len(other[0]):
        return one if len(one[0]) else other
    begins = one[0][MAX_MERGED_AT_ONCE::MAX_MERGED_AT_ONCE]
    parts = [_sum(*part) for part in zip(_cut(one, begins), _cut(other, begins), strict=True)]
    return np.concatenate([pairs for pairs, _ in parts]), np.concatenate([n for _, n in parts])


def _cut(counts: PairCounts, begins: Pairs) -> Iterator[PairCounts]:
    pairs, together = counts
    for begin, end in pairwise([0, *np.searchsorted(pairs, begins).tolist(), len(pairs)]):
        yield pairs[begin:end], together[begin:end]


def _sum(one: PairCounts, other: PairCounts) -> PairCounts:
    pairs, together = np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))
    order = np.argsort(pairs, kind="stable")  # Which merges what is in order already.
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=~pairs[:1]))
    sums = np.add.reduceat(together[order], starts)
    return pairs[starts[sums != 0]], sums[sums != 0]


def _flat(lists: Sequence[Numbers]) -> Numbers:
    return np.concatenate((np.zeros(0, np.int64), *lists))


def _differences(pairs: Pairs) -> Pairs:
    """Return the differences of ascending numbers, which compress well."""
    return np.diff(pairs, prepend=np.uint64(0)).astype("<u8")
