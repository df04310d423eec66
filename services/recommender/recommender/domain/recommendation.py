"""Recommendations: the items, their scores and the layer that they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matinee.media import TitleKey
from matinee.streaming import Offer
from recommender.domain.titles import TitleFacts


class Source(StrEnum):
    """The layer that made the recommendations, from the best to the last fallback."""

    MODEL = "model"
    """Everybody's favourites, and the user's own."""
    CONTENT = "content"
    """No model: the user's taste, the titles' own facts, and popularity."""
    REQUEST = "request"
    """The stored taste could not be read: the request's own lists took its place."""
    CATALOGUE = "catalogue"
    """The projection of titles could not be read: they came from the catalogue's interface."""
    BUILT_IN = "built-in"
    """Nothing could be read: a small list that is part of the code."""


@dataclass(frozen=True, slots=True)
class ScoreBreakdown:
    """The parts of a score: genre at most 30, quality at most 30, personalization at most 40.

    `popularity` is the share of the 100 points that popularity has while little is known of a user;
    the others are less by that share. `diversity` (at most 10) is not part of the score: the points
    for differing from those above.
    """

    genre: float
    quality: float
    personalization: float
    popularity: float = 0.0
    diversity: float = 0.0

    @property
    def score(self) -> float:
        """The score, 0 to 100."""
        return self.genre + self.quality + self.personalization + self.popularity


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item. `because_of` is the favourite that the reason names, if it names one.

    `relaxed` names the hard filters that the item does not pass: it is here only because fewer
    titles than asked for pass them all. `new` marks a place for exploration. `offers` are those
    that stream it in the user's region, own platforms first; None without a known region.
    """

    facts: TitleFacts
    parts: ScoreBreakdown
    reason: str
    because_of: TitleKey | None = None
    relaxed: tuple[str, ...] = ()
    new: bool = False
    offers: tuple[Offer, ...] | None = None

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return self.facts.key

    @property
    def score(self) -> float:
        """The score, 0 to 100."""
        return self.parts.score


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The items, best first: score + diversity never grows from one item to the next.

    That holds among the items that pass all hard filters; places for exploration follow them, and
    items for which a filter was relaxed come last.
    """

    items: tuple[Recommendation, ...]
    source: Source
    model_version: str | None = None
