"""Titles without a trained model: the same questions, answered from the titles' facts alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log

from recommender.domain.bitmap import bitmap_of
from recommender.domain.model import Facet, Model
from recommender.domain.quality import standing
from recommender.domain.title_vector import Idf, TitleVector, vectorize
from recommender.domain.titles import TitleFacts, TitleKey, Traits

UNKNOWN_IDF = 5.0
"""For words that no title of a shelf has."""


class TitleIndex:
    """A model of a few hundred titles that has learnt nothing: content and popularity alone.

    How telling words are is taken from `learnt`, a trained model, if one is given.
    """

    def __init__(self, facts: Iterable[TitleFacts], learnt: Model | None = None) -> None:
        traits = {title.key: title.traits() for title in facts}
        graded = ((standing(one, 0, 0), one) for one in traits.values())
        order = sorted(graded, key=lambda grade: (-grade[0], grade[1].key))
        self._traits = [_standing(one, grade) for grade, one in order]
        self._numbers = {one.key: number for number, one in enumerate(self._traits)}
        self._having: dict[tuple[Facet, int | str], list[int]] = {}
        for number, one in enumerate(self._traits):
            for facet_value in facets(one):
                self._having.setdefault(facet_value, []).append(number)
        self._idf: Idf = learnt.idf if learnt else self._own_idf
        self._vectors: dict[int, TitleVector] = {}

    @property
    def version(self) -> None:
        """A shelf has none."""
        return

    def __len__(self) -> int:
        return len(self._traits)

    def number(self, key: TitleKey) -> int | None:
        """Return a title's number."""
        return self._numbers.get(key)

    def key(self, number: int) -> TitleKey:
        """Return what a title is known by."""
        return self._traits[number].key

    def vector(self, number: int) -> TitleVector:
        """Return what is scored of a title."""
        if number not in self._vectors:
            self._vectors[number] = vectorize(self._traits[number], self._idf)
        return self._vectors[number]

    def neighbours(self, number: int) -> tuple[Sequence[int], Sequence[float]]:  # noqa: ARG002 - a shelf has none
        """Return none."""
        return (), ()

    def titles_with(self, facet: Facet, value: int | str) -> int:
        """Return the titles with a property as a bitmap."""
        return bitmap_of(self._having.get((facet, value), ()), len(self))

    def idf(self, facet: Facet, value: int | str) -> float:
        """Return how telling a word is."""
        return self._idf(facet, value)

    def _own_idf(self, facet: Facet, value: int | str) -> float:
        if facet is Facet.GENRE:
            return 1.0
        holders = len(self._having.get((facet, value), ()))
        return log((len(self) + 1) / holders) if holders else UNKNOWN_IDF


def facets(traits: Traits) -> Iterable[tuple[Facet, int | str]]:
    """Go through the properties by which a title can be named."""
    yield Facet.MEDIA, traits.key.media_type.value
    for genre in traits.genres:
        yield Facet.GENRE, genre
    if traits.language:
        yield Facet.LANGUAGE, traits.language
    if traits.year:
        yield Facet.YEAR, traits.year
    if traits.vote_count:
        yield Facet.RATING, int(2 * traits.vote_average)
    for word in traits.keywords:
        yield Facet.KEYWORD, word
    for name in traits.directors | traits.cast:
        yield Facet.PERSON, name


def _standing(traits: Traits, grade: float) -> Traits:
    return replace(traits, standing=grade)
