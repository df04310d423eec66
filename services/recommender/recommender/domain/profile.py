"""Profiles: what a user's favourites, watchlist and stated genres have in common, as vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import exp

from recommender.domain.genres import canonical_genres, parse_genres
from recommender.domain.model import Model
from recommender.domain.preferences import MAX_RATING, Preferences
from recommender.domain.taste import LATEST, ListEntry, Opinion, Taste, TasteList
from recommender.domain.title_vector import TitleVector, unit_vector, vectorize
from recommender.domain.titles import Traits
from recommender.domain.tuning import Tuning
from recommender.domain.vocabulary import (
    AESTHETICS,
    CHARACTERS,
    MOODS,
    STORIES,
    SUBGENRES,
    Meaning,
)

MAX_PROFILE_ENTRIES = 200
"""The latest entries of a list that are used: bounds the cost of a request with thousands."""

SHORT_HISTORY = 10
"""Among fewer entries, the latest is no more worth than it is among so many."""

NEUTRAL_RATING = 5.5
"""Between a genre's ratings 1 and 10: neither liked nor disliked."""


@dataclass(frozen=True, slots=True)
class WeightedEntry:
    """An entry of a list, and its weight in the profile: `share` of one of the favourites' age."""

    entry: ListEntry
    weight: float
    number: int | None
    vector: TitleVector
    share: float
    source: TasteList


@dataclass(frozen=True, slots=True)
class Profile:
    """A taste as vectors over canonical genres, keywords, people; and the entries behind them."""

    entries: tuple[WeightedEntry, ...]
    genres: Mapping[int, float]
    keywords: Mapping[str, float]
    people: Mapping[str, float]
    genre_confidence: float = 1.0
    """How certain the genres are, 0 to 1: less when a mood or the like alone implies them."""

    @property
    def known_favourites(self) -> float:
        """How many favourites are known; other entries that speak for a title by their share."""
        return sum(max(0.0, entry.share) for entry in self.entries)


def build_profile(taste: Taste, model: Model, tuning: Tuning) -> Profile:
    """Return the profile of a taste; the same whatever the order of its entries."""
    favourites = {entry.key for entry in taste.favourites} if taste.seen else ()
    judged = [entry for entry in taste.seen if entry.key not in favourites]
    shares = {Opinion.LIKED: tuning.liked, Opinion.DISLIKED: tuning.disliked}
    entries = (
        *_weighted(taste.favourites, model, tuning, 1.0, TasteList.FAVOURITES),
        *_weighted(taste.watchlist, model, tuning, tuning.watchlist, TasteList.WATCHLIST),
        *_weighted(taste.lessons, model, tuning, tuning.watchlist, TasteList.SWIPES),
        *(
            entry
            for opinion, share in shares.items()
            for entry in _weighted(
                [one for one in judged if one.opinion is opinion],
                model,
                tuning,
                share,
                TasteList.SEEN,
            )
        ),
        *_weighted(taste.dismissed, model, tuning, tuning.dismissed, TasteList.DISMISSED),
    )
    liked = _sum((entry.vector.genres, entry.weight) for entry in entries)
    stated = stated_genre_weights(taste.preferences, tuning)
    genres = _sum(((unit_vector(liked), 1.0), (unit_vector(stated), tuning.stated_genres)))
    return Profile(
        entries,
        unit_vector(genres),
        unit_vector(_sum((entry.vector.keywords, entry.weight) for entry in entries)),
        unit_vector(_sum((entry.vector.people, entry.weight) for entry in entries)),
        1.0 if liked else min(1.0, max(map(abs, stated.values()), default=1.0)),
    )


def stated_genre_weights(stated: Preferences, tuning: Tuning) -> dict[int, float]:
    """Return how much each canonical genre is preferred, -1 to 1, directly or by implication."""
    weights: dict[int, float] = {}
    for answers, meanings, weight in (
        (stated.characters, CHARACTERS, tuning.genres_of_characters),
        (stated.stories, STORIES, tuning.genres_of_stories),
        (stated.aesthetics, AESTHETICS, tuning.genres_of_aesthetics),
        (stated.moods, MOODS, tuning.genres_of_moods),
        (stated.subgenres, SUBGENRES, tuning.genres_of_subgenres),
    ):
        for answer in answers:
            for genre in meanings.get(answer, Meaning()).genres:
                weights[genre] = max(weights.get(genre, 0.0), weight)
    return rated_genre_weights(stated, weights)


def rated_genre_weights(
    stated: Preferences, implied: Mapping[int, float] | None = None
) -> dict[int, float]:
    """Return the weights, -1 to 1, of genres that are rated or named; never below `implied`."""
    weights = dict(implied or {})
    for genre, rating in stated.genre_ratings:
        for canonical in canonical_genres(parse_genres((genre,))):
            weights[canonical] = (rating - NEUTRAL_RATING) / (MAX_RATING - NEUTRAL_RATING)
    for canonical in canonical_genres(parse_genres(stated.favorite_genres)):
        weights[canonical] = max(weights.get(canonical, 0.0), 1.0)
    return weights


def _weighted(
    entries: Sequence[ListEntry], model: Model, tuning: Tuning, share: float, source: TasteList
) -> Iterable[WeightedEntry]:
    kept = nlargest(
        MAX_PROFILE_ENTRIES, entries, key=lambda entry: (entry.added_at or LATEST, entry.key)
    )
    for age, entry in enumerate(kept):
        weight = exp(-tuning.recency * age / max(len(kept), SHORT_HISTORY))
        number = model.number(entry.key)
        vector = model.vector(number) if number is not None else _from_entry(entry, model)
        yield WeightedEntry(entry, share * weight, number, vector, share, source)


def _from_entry(entry: ListEntry, model: Model) -> TitleVector:
    return vectorize(Traits(entry.key, genres=frozenset(entry.genre_ids)), model.idf)


def _sum[T](vectors: Iterable[tuple[Mapping[T, float], float]]) -> dict[T, float]:
    total: dict[T, float] = {}
    known = total.get
    for vector, weight in vectors:
        for word, value in vector.items():
            total[word] = known(word, 0.0) + weight * value
    return total
