"""Candidate generation: which of all titles are scored for one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import nlargest
from itertools import compress
from math import inf
from operator import or_

from matinee.media import MediaType, TitleKey
from recommender.domain.bitmap import BitmapView, all_titles, bitmap_of
from recommender.domain.genres import tmdb_genres
from recommender.domain.hard_filters import HardFilter
from recommender.domain.model import Model
from recommender.domain.profile import Profile
from recommender.domain.soft_preferences import SoftPreference
from recommender.domain.title_vector import Facet
from recommender.domain.tuning import Tuning

MAX_INSPECTED = 2000
"""Titles of one source that may be refused before it is left: bounds the cost of odd filters."""

_FIRST, _SOME = 1_000, 16
"""About so many titles of a ranking are sorted at first, by a limit that one in so many tells."""

_MAX_PEOPLE = 6
_MAX_KEYWORDS = 10
_MAX_GENRES = 5
_TITLES_PER_WORD = 4
_TITLES_PER_GENRE = 20


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Accepts titles of the right media type that are not excluded and pass the hard filters."""

    model: Model
    bitmap: int
    hard_filters: tuple[HardFilter, ...]

    @classmethod
    def create(
        cls,
        model: Model,
        media_types: Iterable[MediaType],
        excluded: int,
        hard_filters: Sequence[HardFilter],
    ) -> CandidateFilter:
        """Create the filter; `excluded` is a bitmap."""
        media = (model.titles_with(Facet.MEDIA, one.value) for one in sorted(media_types))
        bitmap = reduce(or_, media, 0)
        for hard_filter in hard_filters:
            bitmap &= hard_filter.bitmap(model)
        return cls(model, bitmap & all_titles(len(model)) & ~excluded, tuple(hard_filters))

    def accepts(self, number: int) -> bool:
        """Return whether a title of the bitmap passes the hard filters exactly."""
        traits = self.model.vector(number).traits
        return all(hard_filter.accepts(traits) for hard_filter in self.hard_filters)


class CandidatePool:
    """Candidates in the order in which they were found, each once, up to a size."""

    def __init__(self, accepted: CandidateFilter, size: int) -> None:
        self._filter = accepted
        self._members = BitmapView(accepted.bitmap)
        self._size = size
        self._numbers: dict[int, None] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, titles: Iterable[int], limit: int) -> None:
        """Add the first titles that are accepted, at most `limit`."""
        left = min(limit, self._size - len(self._numbers))
        for inspected, number in enumerate(titles):
            if left <= 0 or inspected >= MAX_INSPECTED:
                return
            if number in self._numbers or number not in self._members:
                continue
            if not self._filter.hard_filters or self._filter.accepts(number):
                self._numbers[number] = None
                left -= 1

    def add_best(self, bitmap: int, limit: int) -> None:
        """Add the best titles of a bitmap, at most `limit`."""
        self.add(BitmapView(bitmap & self._filter.bitmap), limit)


class Ranking:
    """Titles by their scores, the highest first; equals as they were given.

    The best of many are found by a limit that some of them tell, and alone sorted at first: few
    requests look any further.
    """

    def __init__(self, scores: Sequence[float], titles: Sequence[int]) -> None:
        self._scores, self._titles = scores, titles
        some = sorted([scores[number] for number in titles[::_SOME]], reverse=True)
        place = _FIRST // _SOME
        self._limit = limit = some[place] if place < len(some) else -inf
        self._first = self._sorted([n for n in titles if scores[n] >= limit])

    def __iter__(self) -> Iterator[int]:
        yield from self._first
        if len(self._first) < len(self._titles):
            yield from self._others

    @cached_property
    def _others(self) -> list[int]:
        return self._sorted([n for n in self._titles if self._scores[n] < self._limit])

    def _sorted(self, titles: Iterable[int]) -> list[int]:
        return sorted(titles, key=self._scores.__getitem__, reverse=True)


@dataclass(frozen=True, slots=True)
class CollaborativeScores:
    """How strongly the favourites recommend each title, and those that they do in that order.

    `rows` are the neighbours of each entry of the profile.
    """

    scores: Sequence[float]
    ranked: Iterable[int]
    rows: Sequence[Mapping[int, float]]

    def max_score(self, among: BitmapView) -> float:
        """Return the highest score among some titles."""
        return next((self.scores[number] for number in self.ranked if number in among), 0.0)


def collaborative_scores(profile: Profile, model: Model) -> CollaborativeScores:
    """Return how strongly the favourites recommend each title."""
    numbers = [entry.number for entry in profile.entries]
    rows = [model.neighbours(number) if number is not None else {} for number in numbers]
    # Most of a request's time: a list is written faster than a mapping.
    scores = [0.0] * len(model)
    for entry, row in zip(profile.entries, rows, strict=True):
        weight = entry.weight
        for number, strength in row.items():
            scores[number] += weight * strength
    if sum(map(len, rows)) < len(model):
        found = sorted(set[int]().union(*rows))
    else:
        found = list(compress(range(len(scores)), scores))
    return CollaborativeScores(scores, Ranking(scores, found), rows)


def bitmap_of_keys(model: Model, keys: Iterable[TitleKey]) -> int:
    """Return the bitmap of titles; those that the model does not know are left out."""
    numbers = (model.number(key) for key in keys)
    return bitmap_of((number for number in numbers if number is not None), len(model))


def generate_candidates(
    accepted: CandidateFilter,
    profile: Profile,
    collaborative: CollaborativeScores,
    *,
    preferences: Sequence[SoftPreference],
    media_types: Iterable[MediaType],
    tuning: Tuning,
    content_places: int = 0,
) -> CandidatePool:
    """Return titles that are preferred, of like content, or recommended by the favourites.

    At most `content_places` are there for their people and keywords alone. The rest of the pool are
    the best titles of the profile's genres, then the best of all.
    """
    pool, model = CandidatePool(accepted, tuning.pool), accepted.model
    with_sources = [preference for preference in preferences if preference.sources]
    for preference in with_sources:
        bitmap = reduce(or_, (model.titles_with(*source) for source in preference.sources))
        pool.add_best(bitmap, max(1, tuning.pool_preferences // len(with_sources)))
    if content_places:
        _add_like_content(pool, profile, model, len(pool) + content_places)
    pool.add(collaborative.ranked, tuning.pool)
    for genre in nlargest(_MAX_GENRES, profile.genres, key=lambda g: (profile.genres[g], -g)):
        for media_type in sorted(media_types):
            for tmdb_genre in tmdb_genres(genre, media_type):
                pool.add_best(model.titles_with(Facet.GENRE, tmdb_genre), _TITLES_PER_GENRE)
    pool.add_best(accepted.bitmap, tuning.pool)
    return pool


def _add_like_content(pool: CandidatePool, profile: Profile, model: Model, size: int) -> None:
    """Add titles with the people and keywords of the profile, up to a size of the pool."""
    words: tuple[tuple[Facet, Mapping[str, float], int], ...] = (
        (Facet.PERSON, profile.people, _MAX_PEOPLE),
        (Facet.KEYWORD, profile.keywords, _MAX_KEYWORDS),
    )
    for facet, weights, limit in words:
        for _, word in nlargest(limit, ((weight, word) for word, weight in weights.items())):
            pool.add_best(model.titles_with(facet, word), min(_TITLES_PER_WORD, size - len(pool)))
