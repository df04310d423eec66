"""Scoring: how well a candidate fits a profile, in the seed's three parts.

genre (at most 30): the likeness of its genres to those of the profile, on a curve on which some
likeness earns most. quality (at most 30): its rating, drawn to the mean when votes are few, on
such a curve too. personalization (at most 40): what the favourites say for it, its keywords and
people, the wishes that it meets, and, for somebody little known, its standing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import tanh

from recommender.domain.profile import Profile
from recommender.domain.quality import believed_rating
from recommender.domain.recommendation import ScoreBreakdown
from recommender.domain.title_vector import TitleVector, dot
from recommender.domain.tuning import Tuning
from recommender.domain.wish import SoftPreference

MAX_GENRE_POINTS = 30.0
MAX_QUALITY_POINTS = 30.0
MAX_PERSONALIZATION_POINTS = 40.0


@dataclass(frozen=True, slots=True)
class ScoredTitle:
    """A candidate and its score's parts, diversity not yet among them."""

    number: int
    vector: TitleVector
    parts: ScoreBreakdown
    score: float


class Scorer:
    """Scores candidates for one profile.

    `loudest` is the strength of what the favourites speak for most, of all titles that may be
    asked for: the measure of the others, whatever a request excludes.
    """

    def __init__(
        self,
        profile: Profile,
        wishes: Sequence[SoftPreference],
        spoken: Mapping[int, float],
        loudest: float,
        tuning: Tuning,
    ) -> None:
        self._profile = profile
        self._wishes = wishes
        self._spoken = spoken
        self._share = tuning.neighbours / loudest if loudest > 0 else 0.0
        fades = tuning.popularity_half_life
        known = profile.known(tuning.watchlist) + len(wishes)
        self._standing = tuning.standing * fades / (fades + known)
        self._tuning = tuning

    def score(self, number: int, vector: TitleVector, *, known: bool = True) -> ScoredTitle:
        """Return a candidate's score; for one that the model does not know, say so."""
        tuning, profile = self._tuning, self._profile
        alike = max(0.0, min(1.0, dot(profile.strands, vector.strands)))
        believed = believed_rating(vector.traits) / 10
        points = (
            (self._spoken.get(number, 0.0) * self._share if known else 0.0)
            + tuning.keywords * dot(profile.keywords, vector.keywords)
            + tuning.people * dot(profile.people, vector.people)
            + self._standing * vector.traits.standing
        )
        if self._wishes:
            points += sum(wish.points * wish.met(vector.traits) for wish in self._wishes)
        parts = ScoreBreakdown(
            genre=MAX_GENRE_POINTS * profile.lean * (1 - (1 - alike) ** tuning.genre_curve),
            quality=MAX_QUALITY_POINTS * (1 - (1 - believed) ** tuning.quality_curve),
            personalization=MAX_PERSONALIZATION_POINTS
            * max(0.0, tanh(points / MAX_PERSONALIZATION_POINTS)),
        )
        return ScoredTitle(number, vector, parts, parts.score)
