"""Title vectors: a title's content, each word weighted by its inverse document frequency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from math import sqrt, sumprod
from operator import mul

from matinee.media import GENRES
from recommender.domain.genres import canonical_genres
from recommender.domain.quality import quality
from recommender.domain.titles import Traits


class Facet(StrEnum):
    """Properties by which a model finds titles without inspecting each."""

    MEDIA = "media"
    """Media type."""
    GENRE = "genre"
    """TMDB's genre id."""
    LANGUAGE = "language"
    """Original language, an ISO 639-1 code."""
    YEAR = "year"
    """Year of release."""
    RATING = "rating"
    """`int(2 * vote_average)`; titles without votes have none."""
    KEYWORD = "keyword"
    PERSON = "person"


type Idf = Callable[[Facet, int | str], float]
"""Returns the inverse document frequency of a property: ln(titles / titles that have it)."""

_GENRE_BITS = {genre: 1 << n for n, genre in enumerate(GENRES)}
_UNKNOWN_GENRE = 1 << len(GENRES)


@dataclass(frozen=True, slots=True)
class TitleVector:
    """A title's traits, and its unit vectors over canonical genres, keywords and people.

    `genre_bits` has a bit for each of the title's TMDB genres: Jaccard is counted in bits.
    `quality` is the weighted rating, 0 to 10.
    """

    traits: Traits
    genres: Mapping[int, float]
    keywords: Mapping[str, float]
    people: Mapping[str, float]
    genre_bits: int
    quality: float


def vectorize(traits: Traits, idf: Idf) -> TitleVector:
    """Return a title's vector."""

    def weighted[T: (int, str)](facet: Facet, words: Iterable[T]) -> dict[T, float]:
        return unit_vector({word: weight for word in words if (weight := idf(facet, word)) > 0})

    return TitleVector(
        traits,
        weighted(Facet.GENRE, canonical_genres(traits.genres, traits.key.media_type)),
        weighted(Facet.KEYWORD, traits.keywords),
        weighted(Facet.PERSON, traits.directors | traits.cast),
        _bits(traits.genres),
        quality(traits),
    )


def dot[T](profile: Mapping[T, float], vector: Mapping[T, float]) -> float:
    """Return the dot product of two vectors; the cosine, when both have length one."""
    return sumprod(map(profile.get, vector, repeat(0.0)), vector.values())


def unit_vector[T](vector: Mapping[T, float]) -> dict[T, float]:
    """Return a vector scaled to length one; empty for the zero vector."""
    length = sqrt(sum(map(mul, vector.values(), vector.values())))
    return {word: weight / length for word, weight in vector.items()} if length else {}


def _bits(genres: Iterable[int]) -> int:
    bits = 0
    for genre in genres:
        bits |= _GENRE_BITS.get(genre, _UNKNOWN_GENRE)
    return bits
