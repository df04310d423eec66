"""Candidate generation: which of all titles are worth scoring for one request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import nlargest
from operator import or_

from recommender.domain.bitmap import BitmapView, all_titles, bitmap_of
from recommender.domain.genres import genres_of
from recommender.domain.hard_filters import HardFilter
from recommender.domain.model import Facet, Model
from recommender.domain.profile import Profile
from recommender.domain.titles import MediaType, TitleKey
from recommender.domain.tuning import Tuning
from recommender.domain.wish import SoftPreference

MAX_INSPECTED = 2000
"""Titles that one source may offer in vain before it is left: bounds what odd limits cost."""

_MAX_PEOPLE = 6
_MAX_KEYWORDS = 10
_MAX_GENRES = 5
_TITLES_PER_WORD = 4
_TITLES_PER_GENRE = 20


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Who may be a candidate: a media type asked for, nothing barred, every limit in force met."""

    model: Model
    bitmap: int
    limits: tuple[HardFilter, ...]

    @classmethod
    def of(
        cls,
        model: Model,
        media_types: Iterable[MediaType],
        blocked: int,
        limits: Sequence[HardFilter],
    ) -> CandidateFilter:
        """Return the admission that limits leave."""
        bitmap = reduce(
            or_, (model.titles_with(Facet.MEDIA, media.value) for media in sorted(media_types)), 0
        )
        for limit in limits:
            bitmap &= limit.bitmap(model)
        return cls(model, bitmap & all_titles(len(model)) & ~blocked, tuple(limits))

    def accepts(self, number: int) -> bool:
        """Return whether a title of the bitmap meets the limits in every particular."""
        traits = self.model.vector(number).traits
        return all(limit.accepts(traits) for limit in self.limits)


class CandidatePool:
    """Candidates in the order in which they were found, each once, at most so many."""

    def __init__(self, admission: CandidateFilter, size: int) -> None:
        self._admission = admission
        self._members = BitmapView(admission.bitmap)
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
            if left <= 0 or looked_at >= MAX_INSPECTED:
                return
            if number in self._numbers or number not in self._members:
                continue
            if not self._admission.limits or self._admission.accepts(number):
                self._numbers[number] = None
                left -= 1

    def take_of(self, bitmap: int, at_most: int) -> None:
        """Take the best of a set of titles."""
        self.take(BitmapView(bitmap & self._admission.bitmap), at_most)


@dataclass(frozen=True, slots=True)
class CollaborativeScores:
    """How strongly the favourites speak for each title that they speak for, and those by rank."""

    strength: Mapping[int, float]
    ranked: Sequence[int]

    def loudest(self, among: BitmapView) -> float:
        """Return the strength of the title for which they speak most, among some."""
        return next((self.strength[number] for number in self.ranked if number in among), 0.0)


def collaborative_scores(profile: Profile, model: Model) -> CollaborativeScores:
    """Return for which titles the favourites speak."""
    spoken: defaultdict[int, float] = defaultdict(float)
    for seed in profile.seeds:
        if seed.number is not None:
            weight = seed.weight
            for number, strength in zip(*model.neighbours(seed.number), strict=True):
                spoken[number] += weight * strength
    return CollaborativeScores(spoken, sorted(spoken, key=spoken.__getitem__, reverse=True))


def excluded_titles(model: Model, keys: Iterable[TitleKey]) -> int:
    """Return the bitmap of titles that must not be answered."""
    numbers = (model.number(key) for key in keys)
    return bitmap_of((number for number in numbers if number is not None), len(model))


def generate_candidates(
    admission: CandidateFilter,
    profile: Profile,
    spoken: CollaborativeScores,
    *,
    wishes: Sequence[SoftPreference],
    media_types: Iterable[MediaType],
    tuning: Tuning,
) -> CandidatePool:
    """Return the pool: what was wished for, what is about the same, what favourites speak for.

    Whatever room is left goes to the best of the profile's genres, then to the best of all.
    """
    pool, model = CandidatePool(admission, tuning.pool), admission.model
    sought = [wish for wish in wishes if wish.sources]
    for wish in sought:
        bitmap = reduce(or_, (model.titles_with(*source) for source in wish.sources))
        pool.take_of(bitmap, max(1, tuning.pool_wishes // len(sought)))
    room = len(pool) + tuning.pool_content
    for facet, words, most in (
        (Facet.PERSON, profile.people, _MAX_PEOPLE),
        (Facet.KEYWORD, profile.keywords, _MAX_KEYWORDS),
    ):
        for word in nlargest(most, words, key=lambda w, words=words: (words[w], w)):  # type: ignore[misc]
            pool.take_of(model.titles_with(facet, word), min(_TITLES_PER_WORD, room - len(pool)))
    pool.take(spoken.ranked, tuning.pool)
    wanted = profile.strands
    for strand in nlargest(_MAX_GENRES, wanted, key=lambda s: (wanted[s], -s)):
        for media in sorted(media_types):
            for genre in genres_of(strand, media):
                pool.take_of(model.titles_with(Facet.GENRE, genre), _TITLES_PER_GENRE)
    pool.take_of(admission.bitmap, tuning.pool)
    return pool
