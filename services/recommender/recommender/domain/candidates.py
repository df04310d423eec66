"""Candidate generation: which of all titles are worth scoring for one request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import nlargest
from operator import or_

from recommender.domain.bitmap import Members, bitmap_of, everything
from recommender.domain.genres import genres_of
from recommender.domain.hard_filters import Limit
from recommender.domain.model import Facet, Model
from recommender.domain.profile import Profile
from recommender.domain.titles import MediaType, TitleKey
from recommender.domain.tuning import Tuning
from recommender.domain.wish import Wish

MOST_LOOKED_AT = 2000
"""Titles that one source may offer in vain before it is left: bounds what odd limits cost."""

_MOST_PEOPLE = 6
_MOST_KEYWORDS = 10
_MOST_STRANDS = 5
_OF_EACH_WORD = 4
_OF_EACH_GENRE = 20


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may be a candidate: a media type asked for, nothing barred, every limit in force met."""

    model: Model
    bitmap: int
    limits: tuple[Limit, ...]

    @classmethod
    def of(
        cls, model: Model, media_types: Iterable[MediaType], barred: int, limits: Sequence[Limit]
    ) -> Admission:
        """Return the admission that limits leave."""
        bitmap = reduce(
            or_, (model.having(Facet.MEDIA, media.value) for media in sorted(media_types)), 0
        )
        for limit in limits:
            bitmap &= limit.bitmap(model)
        return cls(model, bitmap & everything(len(model)) & ~barred, tuple(limits))

    def admits(self, number: int) -> bool:
        """Return whether a title of the bitmap meets the limits in every particular."""
        traits = self.model.portrait(number).traits
        return all(limit.admits(traits) for limit in self.limits)


class Pool:
    """Candidates in the order in which they were found, each once, at most so many."""

    def __init__(self, admission: Admission, size: int) -> None:
        self._admission = admission
        self._members = Members(admission.bitmap)
        self._size = size
        self._numbers: dict[int, None] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def take(self, offered: Iterable[int], at_most: int) -> None:
        """Take the first of those offered that are admitted."""
        left = min(at_most, self._size - len(self._numbers))
        for looked_at, number in enumerate(offered):
            if left <= 0 or looked_at >= MOST_LOOKED_AT:
                return
            if number in self._numbers or number not in self._members:
                continue
            if not self._admission.limits or self._admission.admits(number):
                self._numbers[number] = None
                left -= 1

    def take_of(self, bitmap: int, at_most: int) -> None:
        """Take the best of a set of titles."""
        self.take(Members(bitmap & self._admission.bitmap), at_most)


@dataclass(frozen=True, slots=True)
class Voices:
    """How strongly the favourites speak for each title that they speak for, and those by rank."""

    strength: Mapping[int, float]
    ranked: Sequence[int]

    def loudest(self, among: Members) -> float:
        """Return the strength of the title for which they speak most, among some."""
        return next((self.strength[number] for number in self.ranked if number in among), 0.0)


def voices(profile: Profile, model: Model) -> Voices:
    """Return for which titles the favourites speak."""
    spoken: defaultdict[int, float] = defaultdict(float)
    for seed in profile.seeds:
        if seed.number is not None:
            weight = seed.weight
            for number, strength in zip(*model.neighbours(seed.number), strict=True):
                spoken[number] += weight * strength
    return Voices(spoken, sorted(spoken, key=spoken.__getitem__, reverse=True))


def barred_by(model: Model, keys: Iterable[TitleKey]) -> int:
    """Return the bitmap of titles that must not be answered."""
    numbers = (model.number(key) for key in keys)
    return bitmap_of((number for number in numbers if number is not None), len(model))


def gather(
    admission: Admission,
    profile: Profile,
    spoken: Voices,
    *,
    wishes: Sequence[Wish],
    media_types: Iterable[MediaType],
    tuning: Tuning,
) -> Pool:
    """Return the pool: what was wished for, what is about the same, what favourites speak for.

    Whatever room is left goes to the best of the profile's genres, then to the best of all.
    """
    pool, model = Pool(admission, tuning.pool), admission.model
    sought = [wish for wish in wishes if wish.sources]
    for wish in sought:
        bitmap = reduce(or_, (model.having(*source) for source in wish.sources))
        pool.take_of(bitmap, max(1, tuning.pool_wishes // len(sought)))
    room = len(pool) + tuning.pool_content
    for facet, words, most in (
        (Facet.PERSON, profile.people, _MOST_PEOPLE),
        (Facet.KEYWORD, profile.keywords, _MOST_KEYWORDS),
    ):
        for word in nlargest(most, words, key=lambda w, words=words: (words[w], w)):  # type: ignore[misc]
            pool.take_of(model.having(facet, word), min(_OF_EACH_WORD, room - len(pool)))
    pool.take(spoken.ranked, tuning.pool)
    wanted = profile.strands
    for strand in nlargest(_MOST_STRANDS, wanted, key=lambda s: (wanted[s], -s)):
        for media in sorted(media_types):
            for genre in genres_of(strand, media):
                pool.take_of(model.having(Facet.GENRE, genre), _OF_EACH_GENRE)
    pool.take_of(admission.bitmap, tuning.pool)
    return pool
