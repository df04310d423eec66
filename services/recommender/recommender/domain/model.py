"""What is learnt from everybody's favourites, as serving reads it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from recommender.domain.titles import TitleKey

if TYPE_CHECKING:
    from recommender.domain.title_vector import TitleVector


class Facet(StrEnum):
    """Properties by which a model names titles without looking at each."""

    MEDIA = "media"
    """Of a media type."""
    GENRE = "genre"
    """With one of TMDB's genres, by id."""
    LANGUAGE = "language"
    """Of an original language, an ISO 639-1 code."""
    YEAR = "year"
    """Released in a year."""
    RATING = "rating"
    """Rated with `int(2 * vote_average)`; titles without votes have none."""
    KEYWORD = "keyword"
    PERSON = "person"


class Model(Protocol):
    """A trained model. Titles have numbers from 0; a lower number is a title of better standing.

    Standing is quality and popularity, the order in which nobody's taste is known.
    """

    @property
    def version(self) -> str | None:
        """The model's version as in its pointer; None for a shelf, which has learnt nothing."""
        ...

    def __len__(self) -> int:
        """Return the number of titles."""
        ...

    def number(self, key: TitleKey) -> int | None:
        """Return a title's number, or None when the model does not know it."""
        ...

    def key(self, number: int) -> TitleKey:
        """Return what a title is known by."""
        ...

    def vector(self, number: int) -> TitleVector:
        """Return what is scored of a title."""
        ...

    def neighbours(self, number: int) -> tuple[Sequence[int], Sequence[float]]:
        """Return the titles for which this one speaks when it is a favourite, and how strongly.

        Numbers ascend. The weights are in a unit of the model's own, positive.
        """
        ...

    def titles_with(self, facet: Facet, value: int | str) -> int:
        """Return the titles with a property as a bitmap: bit n is set for title n."""
        ...

    def idf(self, facet: Facet, value: int | str) -> float:
        """Return how telling a keyword, person or strand of genres is: ln(titles / having it)."""
        ...
