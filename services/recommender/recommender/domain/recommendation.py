"""What is asked for, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recommender.domain.taste import ListEntry
from recommender.domain.titles import MediaType, TitleFacts, TitleKey

DEFAULT_LIMIT = 6
MAX_ITEMS = 50


class Source(StrEnum):
    """The layer that spoke, from the best to the last resort."""

    MODEL = "model"
    """Everybody's favourites, and the user's own."""
    CONTENT = "content"
    """No model: the user's taste against the titles' own facts, and popularity."""
    REQUEST = "request"
    """The stored taste could not be read: the request's own lists stood in for it."""
    CATALOGUE = "catalogue"
    """The projection of titles could not be read: catalogue's interface told them."""
    STATIC_FALLBACK = "built-in"
    """Nothing could be read: a small list that is part of the code."""


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """One question for recommendations.

    `media_types` None leaves the choice to the preference contentType. `favourites`, `watchlist`
    and `preferences` complete what is stored, and stand in for it when it cannot be read.
    `exclude` is never answered. Another `seed` gives another, equally stable, selection.
    """

    media_types: frozenset[MediaType] | None = None
    limit: int = DEFAULT_LIMIT
    exclude: frozenset[TitleKey] = frozenset()
    favourites: tuple[ListEntry, ...] = ()
    watchlist: tuple[ListEntry, ...] = ()
    preferences: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ScoreBreakdown:
    """What a score is made of: genre at most 30, quality at most 30, personalization at most 40.

    `diversity` (at most 10) stands apart: what the item got for differing from those above it.
    """

    genre: float
    quality: float
    personalization: float
    diversity: float = 0.0

    @property
    def score(self) -> float:
        """The score, 0 to 100."""
        return self.genre + self.quality + self.personalization


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item. `because_of` is the favourite that the reason names, if it names one.

    `relaxed` names the stated limits which the item does not meet: it stands here only because
    fewer than were asked for do. `new` marks an exploration place.
    """

    facts: TitleFacts
    parts: ScoreBreakdown
    reason: str
    because_of: TitleKey | None = None
    relaxed: tuple[str, ...] = ()
    new: bool = False

    @property
    def key(self) -> TitleKey:
        """What the title is known by."""
        return self.facts.key

    @property
    def score(self) -> float:
        """The score, 0 to 100."""
        return self.parts.score


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The answer, best first: score + diversity never grows from one item to the next.

    That holds among the items that meet all stated limits; exploration places come after them,
    and items for which a limit was relaxed come last.
    """

    items: tuple[Recommendation, ...]
    source: Source
    model_version: str | None = None
