"""What is learnt from everybody's favourites, as serving reads it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from recommender.domain.titles import TitleKey, Traits


class Facet(StrEnum):
    """Properties by which the model can name titles without looking at each."""

    MEDIA = "media"
    GENRE = "genre"
    LANGUAGE = "language"
    YEAR = "year"
    KEYWORD = "keyword"
    PERSON = "person"


class Model(Protocol):
    """A trained model. Titles have numbers from 0; a lower number is a title of better standing.

    Standing is quality and popularity, the order in which nobody's taste is known.
    """

    @property
    def version(self) -> str:
        """The model's version, as in its pointer."""
        ...

    def __len__(self) -> int:
        """Answer the number of titles."""
        ...

    def number(self, key: TitleKey) -> int | None:
        """Answer a title's number, or None when the model does not know it."""
        ...

    def traits(self, number: int) -> Traits:
        """Answer what is scored of a title."""
        ...

    def neighbours(self, number: int) -> tuple[Sequence[int], Sequence[float]]:
        """Answer the titles for which this one speaks when it is a favourite, and how strongly."""
        ...

    def having(self, facet: Facet, value: int | str) -> int:
        """Answer the titles with a property as a bitmap: bit n is set for title n."""
        ...
