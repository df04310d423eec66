"""Title index: titles without a trained model, searched and compared by their facts alone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import log

from matinee.media import TitleKey
from recommender.domain.bitmap import bitmap_of
from recommender.domain.model import Model
from recommender.domain.quality import popularity_prior
from recommender.domain.title_vector import Facet, Idf, TitleVector, vectorize
from recommender.domain.titles import TitleFacts, Traits

UNKNOWN_IDF = 5.0
"""Of words that no title of the index has."""


class TitleIndex:
    """A `Model` of a few hundred titles that is not trained: content and popularity alone.

    The inverse document frequencies are those of `trained`, if a trained model is given.
    """

    def __init__(self, facts: Iterable[TitleFacts], trained: Model | None = None) -> None:
        known = {title.key: title.traits() for title in facts}
        ranked = sorted(
            (replace(one, popularity_prior=popularity_prior(one, 0, 0)) for one in known.values()),
            key=lambda one: (-one.popularity_prior, one.key),
        )
        self._traits = ranked
        self._numbers = {one.key: number for number, one in enumerate(ranked)}
        self._titles_with: dict[tuple[Facet, int | str], list[int]] = {}
        for number, one in enumerate(ranked):
            for facet_value in facets(one):
                self._titles_with.setdefault(facet_value, []).append(number)
        self._idf: Idf = trained.idf if trained else self._own_idf
        self._vectors: dict[int, TitleVector] = {}

    @property
    def version(self) -> None:
        """None: an index has no version."""
        return

    def __len__(self) -> int:
        return len(self._traits)

    def number(self, key: TitleKey) -> int | None:
        """Return a title's number."""
        return self._numbers.get(key)

    def key(self, number: int) -> TitleKey:
        """Return a title's key."""
        return self._traits[number].key

    def vector(self, number: int) -> TitleVector:
        """Return a title's vector."""
        if number not in self._vectors:
            self._vectors[number] = vectorize(self._traits[number], self._idf)
        return self._vectors[number]

    def neighbours(self, number: int) -> Mapping[int, float]:  # noqa: ARG002 - an index has none
        """Return none: nothing is learnt."""
        return {}

    def titles_with(self, facet: Facet, value: int | str) -> int:
        """Return the titles with a property as a bitmap."""
        return bitmap_of(self._titles_with.get((facet, value), ()), len(self))

    def idf(self, facet: Facet, value: int | str) -> float:
        """Return an inverse document frequency."""
        return self._idf(facet, value)

    def _own_idf(self, facet: Facet, value: int | str) -> float:
        if facet is Facet.GENRE:
            return 1.0
        frequency = len(self._titles_with.get((facet, value), ()))
        return log((len(self) + 1) / frequency) if frequency else UNKNOWN_IDF


def facets(traits: Traits) -> Iterable[tuple[Facet, int | str]]:
    """Iterate over the properties by which a title can be found."""
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
