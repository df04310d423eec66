"""Co-occurrence counts: how often two titles are favourites of the same user, kept incrementally.

The counts name no user. A user's list as last counted is subtracted and the present one added, so a
run costs what changed, and an added favourite, a removed one and a deleted user are the same
operation. `CooccurrenceCounts` are immutable; `changed` returns new ones.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matinee.media import MediaType, TitleKey
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES

MAX_PENDING_PAIRS = 8_000_000
"""Pairs that wait to be counted, some forty bytes each: one user may have half a million."""

_MAGIC = b"MTNCNT01"
_DIGEST = 32

type Pairs = npt.NDArray[np.uint64]
type Numbers = npt.NDArray[np.int64]


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
        users, pairs, together = self.users, self.pairs, self.together
        alone: dict[int, int] = {}
        plus: list[Pairs] = []
        minus: list[Pairs] = []
        pending = 0
        for change in changes:
            for keys, sign, found in ((change.before, -1, minus), (change.after, 1, plus)):
                own = _places(keys, places)
                users += sign * bool(len(own))
                for place in own.tolist():
                    alone[place] = alone.get(place, 0) + sign
                found.append(pairs_of(own))
                pending += len(found[-1])
            if pending >= MAX_PENDING_PAIRS:
                pairs, together = _added(pairs, together, plus, minus)
                plus, minus, pending = [], [], 0
        pairs, together = _added(pairs, together, plus, minus)
        favourites = np.zeros(len(places), np.int64)
        favourites[: len(self.favourites)] = self.favourites
        for place, number in alone.items():
            favourites[place] += number
        return CooccurrenceCounts(users, tuple(places), favourites, pairs, together)

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
    latest = dict.fromkeys(keys[-MAX_COUNTED_FAVOURITES:])
    own = [places.setdefault(key, len(places)) for key in latest]
    return np.sort(np.array(own, np.int64))


def pairs_of(own: Numbers) -> Pairs:
    """Return the pairs of ascending places."""
    low, high = np.triu_indices(len(own), 1)
    ordered = own.astype(np.uint64)
    return (ordered[low] << np.uint64(32)) | ordered[high]


def _added(
    pairs: Pairs, together: Numbers, plus: Sequence[Pairs], minus: Sequence[Pairs]
) -> tuple[Pairs, Numbers]:
    if not plus:
        return pairs, together
    added, removed = np.concatenate(plus), np.concatenate(minus)
    found = np.concatenate((added, removed))
    signs = np.concatenate((np.ones(len(added), np.int64), np.full(len(removed), -1, np.int64)))
    fresh, where = np.unique(found, return_inverse=True)
    sums = np.bincount(where, weights=signs, minlength=len(fresh)).astype(np.int64)
    fresh, sums = fresh[sums != 0], sums[sums != 0]
    if not len(fresh):
        return pairs, together
    place = np.searchsorted(pairs, fresh)
    inside = place < len(pairs)
    known = np.zeros(len(fresh), bool)
    known[inside] = pairs[place[inside]] == fresh[inside]
    together = together.copy()
    together[place[known]] += sums[known]
    at = place[~known]
    pairs = np.insert(pairs, at, fresh[~known])
    together = np.insert(together, at, sums[~known])
    kept = together > 0
    return pairs[kept], together[kept]


def _differences(pairs: Pairs) -> Pairs:
    """Return the differences of ascending numbers, which compress well."""
    return np.diff(pairs, prepend=np.uint64(0)).astype("<u8")
