"""Taste analysis: what a user's favourites and watchlist have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from recommender.domain.model import Model
from recommender.domain.soft_preferences import stated_genre_weights
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.title_vector import TitleVector, vectorize
from recommender.domain.titles import Traits
from recommender.domain.tuning import Tuning

MAX_PROFILE_ENTRIES = 500
"""The latest favourites that are looked at: bounds a request of somebody with thousands."""

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WeightedEntry:
    """An entry of favourites or watchlist and how much it counts."""

    liked: ListEntry
    weight: float
    number: int | None
    vector: TitleVector
    is_favourite: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A taste as vectors: strands of genres, keywords, people; and the seeds it was made of."""

    seeds: tuple[WeightedEntry, ...]
    strands: Mapping[int, float]
    keywords: Mapping[str, float]
    people: Mapping[str, float]
    lean: float = 1.0
    """How much the genres are meant, 0 to 1: less when a mood or the like alone implies them."""

    def known(self, watchlist: float) -> float:
        """Return how much is known of the user, in favourites; what an entry to watch counts."""
        return sum(1.0 if seed.is_favourite else watchlist for seed in self.seeds)


def build_profile(taste: Taste, model: Model, tuning: Tuning) -> Profile:
    """Return the profile of a taste; the same whatever the order of its entries."""
    seeds = (
        *_seeds(taste.favourites, model, tuning, 1.0),
        *_seeds(taste.watchlist, model, tuning, tuning.watchlist),
    )
    liked = _sum((seed.vector.strands, seed.weight) for seed in seeds)
    wished = stated_genre_weights(taste.preferences)
    genres = _sum(((_unit(liked), 1.0), (_unit(wished), tuning.wished_genres)))
    return Profile(
        seeds,
        _unit(genres),
        _unit(_sum((seed.vector.keywords, seed.weight) for seed in seeds)),
        _unit(_sum((seed.vector.people, seed.weight) for seed in seeds)),
        1.0 if liked else min(1.0, max((abs(w) for w in wished.values()), default=1.0)),
    )


def _seeds(
    entries: Sequence[ListEntry], model: Model, tuning: Tuning, share: float
) -> Iterable[WeightedEntry]:
    latest_first = sorted(
        entries, key=lambda entry: (entry.added_at or _LATEST, entry.key), reverse=True
    )
    for age, entry in enumerate(latest_first[:MAX_PROFILE_ENTRIES]):
        weight = tuning.old + (1 - tuning.old) * 0.5 ** (age / tuning.half_life)
        number = model.number(entry.key)
        vector = model.vector(number) if number is not None else _from_entry(entry, model)
        yield WeightedEntry(entry, share * weight, number, vector, is_favourite=share == 1.0)


def _from_entry(entry: ListEntry, model: Model) -> TitleVector:
    return vectorize(Traits(entry.key, genres=frozenset(entry.genre_ids)), model.idf)


def _sum[T](vectors: Iterable[tuple[Mapping[T, float], float]]) -> dict[T, float]:
    total: dict[T, float] = {}
    for vector, weight in vectors:
        for word, value in vector.items():
            total[word] = total.get(word, 0.0) + weight * value
    return total


def _unit[T](vector: Mapping[T, float]) -> dict[T, float]:
    length = sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}
