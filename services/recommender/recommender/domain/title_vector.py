"""A title as it is compared with others: what it is about, weighted by how telling each word is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from recommender.domain.genres import GENRES, strands
from recommender.domain.model import Facet
from recommender.domain.titles import Traits

type Idf = Callable[[Facet, int | str], float]
"""Tells how telling a word is: ln(titles / titles that have it)."""

_GENRE_BITS = {genre: 1 << n for n, genre in enumerate(GENRES)}
_UNKNOWN_GENRE = 1 << len(GENRES)


@dataclass(frozen=True, slots=True)
class TitleVector:
    """A title's traits, and its vectors of length one over strands, keywords and people.

    `genre_bits` has a bit for each of the title's own genres, for Jaccard by counting bits.
    """

    traits: Traits
    strands: Mapping[int, float]
    keywords: Mapping[str, float]
    people: Mapping[str, float]
    genre_bits: int


def vectorize(traits: Traits, idf: Idf) -> TitleVector:
    """Return a title's portrait."""
    return TitleVector(
        traits,
        _unit(
            (strand, idf(Facet.GENRE, strand))
            for strand in strands(traits.genres, traits.key.media_type)
        ),
        _unit((word, idf(Facet.KEYWORD, word)) for word in traits.keywords),
        _unit((name, idf(Facet.PERSON, name)) for name in traits.directors | traits.cast),
        _bits(traits.genres),
    )


def dot[T](profile: Mapping[T, float], vector: Mapping[T, float]) -> float:
    """Return the product of two vectors; the cosine, when both have length one."""
    return sum(profile[word] * weight for word, weight in vector.items() if word in profile)


def _unit[T](weighted: Iterable[tuple[T, float]]) -> dict[T, float]:
    vector = {word: weight for word, weight in weighted if weight > 0}
    length = sqrt(sum(weight * weight for weight in vector.values()))
    return {word: weight / length for word, weight in vector.items()}


def _bits(genres: Iterable[int]) -> int:
    bits = 0
    for genre in genres:
        bits |= _GENRE_BITS.get(genre, _UNKNOWN_GENRE)
    return bits
