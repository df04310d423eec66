"""The trained model, as recommendations read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from matinee.media import TitleKey
from recommender.domain.title_vector import Facet, TitleVector


class Model(Protocol):
    """A trained model. Titles are numbered from 0, the highest popularity prior first."""

    @property
    def version(self) -> str | None:
        """The version as in the model's manifest; None for an index that is not trained."""
        ...

    def __len__(self) -> int:
        """Return the number of titles."""
        ...

    def number(self, key: TitleKey) -> int | None:
        """Return a title's number, None when the model does not know it."""
        ...

    def key(self, number: int) -> TitleKey:
        """Return a title's key."""
        ...

    def vector(self, number: int) -> TitleVector:
        """Return a title's vector."""
        ...

    def neighbours(self, number: int) -> Mapping[int, float]:
        """Return the titles that a favourite recommends, and how strongly.

        Numbers ascend. The weights are positive, in a unit of the model's own.
        """
        ...

    def titles_with(self, facet: Facet, value: int | str) -> int:
        """Return the titles with a property as a bitmap: bit n is set for title n."""
        ...

    def idf(self, facet: Facet, value: int | str) -> float:
        """Return a keyword's, person's or canonical genre's inverse document frequency.

        That is ln(titles / titles that have it).
        """
        ...
