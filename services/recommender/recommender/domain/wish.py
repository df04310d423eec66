"""A wish: something that a title meets more or less."""

from collections.abc import Callable
from dataclasses import dataclass

from recommender.domain.model import Facet
from recommender.domain.titles import Traits


@dataclass(frozen=True, slots=True)
class SoftPreference:
    """A wish. `met` answers -1 to 1; `points` is what meeting it wholly gives.

    `says` is a reason that is true of a title that meets it; `sources` name such titles.
    """

    points: float
    met: Callable[[Traits], float]
    says: Callable[[Traits], str | None] = lambda _: None
    sources: tuple[tuple[Facet, int | str], ...] = ()
