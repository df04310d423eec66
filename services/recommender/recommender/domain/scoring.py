"""Scoring: how well a candidate fits a profile, in the seed's three parts.

genre (at most 30): the similarity of its genres to the profile's, on a curve on which some
similarity earns most. quality (at most 30): its weighted rating, on such a curve too.
personalization (at most 40): how strongly the favourites recommend it, its keywords and people, and
the soft preferences that it meets.
Of a user of whom little is known the popularity prior says more than these parts: it has a share of
the 100 points, less with every favourite that is known, and the parts have the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, tanh

from matinee.media import TitleKey
from recommender.domain.profile import Profile
from recommender.domain.recommendation import ScoreBreakdown
from recommender.domain.soft_preferences import SoftPreference
from recommender.domain.title_vector import TitleVector, dot
from recommender.domain.tuning import Tuning

MAX_POINTS = 100.0
MAX_GENRE_POINTS = 30.0
MAX_QUALITY_POINTS = 30.0
MAX_PERSONALIZATION_POINTS = 40.0


@dataclass(slots=True)
class ScoredTitle:
    """A candidate and its score; diversity is not yet part of it.

    Not frozen, for a request makes two hundred: that would take three times as long.
    """

    number: int
    vector: TitleVector
    parts: ScoreBreakdown
    score: float

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return self.vector.traits.key


class Scorer:
    """Scores candidates for one profile.

    `scores` are the collaborative scores by the titles' numbers; empty when there are none.
    `max_score` is the highest of the collaborative scores, of all titles that may be asked for: the
    others are relative to it, whatever a request excludes.
    """

    def __init__(
        self,
        profile: Profile,
        preferences: Sequence[SoftPreference],
        scores: Sequence[float],
        max_score: float,
        tuning: Tuning,
    ) -> None:
        self._profile = profile
        self._preferences = preferences
        self._scores = scores
        self._factor = tuning.neighbours / max_score if max_score > 0 else 0.0
        known = profile.known_favourites
        known += tuning.preference_knowledge * len(preferences)
        prior = tuning.prior * exp(-known / tuning.prior_fades)
        popularity = prior / (1 + prior)
        rest = 1 - popularity
        self._genre_points = rest * MAX_GENRE_POINTS * profile.genre_confidence
        self._quality_points = rest * MAX_QUALITY_POINTS
        self._personal_points = rest * MAX_PERSONALIZATION_POINTS
        self._popularity_points = popularity * MAX_POINTS
        self._tuning = tuning

    def score(self, number: int, vector: TitleVector, lift: float = 0.0) -> ScoredTitle:
        """Return a candidate's score, with points for what is not about the title itself."""
        tuning, profile, traits = self._tuning, self._profile, vector.traits
        similarity = max(0.0, min(1.0, dot(profile.genres, vector.genres)))
        points = (
            lift
            + (self._scores[number] * self._factor if self._factor else 0.0)
            + tuning.keywords * dot(profile.keywords, vector.keywords)
            + tuning.people * dot(profile.people, vector.people)
        )
        if self._preferences:
            points += sum(one.points * one.fit(traits) for one in self._preferences)
        personal = tanh(points / MAX_PERSONALIZATION_POINTS)
        parts = ScoreBreakdown(
            self._genre_points * _curve(similarity, tuning.genre_curve),
            self._quality_points * _curve(vector.quality / 10, tuning.quality_curve),
            self._personal_points * max(0.0, personal),
            self._popularity_points * traits.popularity_prior * (1 + min(0.0, personal)),
        )
        return ScoredTitle(number, vector, parts, parts.score)


def _curve(share: float, steepness: float) -> float:
    """Return 0 to 1 for 0 to 1, rising steeply at first."""
    curve: float = 1 - (1 - share) ** steepness
    return curve
