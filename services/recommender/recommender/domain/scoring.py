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
from recommender.domain.recommendation import Parts
from recommender.domain.title_vector import Portrait, dot
from recommender.domain.tuning import Tuning
from recommender.domain.wish import Wish

MOST_FOR_GENRE = 30.0
MOST_FOR_QUALITY = 30.0
MOST_FOR_PERSON = 40.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and its score's parts, diversity not yet among them."""

    number: int
    portrait: Portrait
    parts: Parts
    score: float


class Scorer:
    """Scores candidates for one profile.

    `loudest` is the strength of what the favourites speak for most, of all titles that may be
    asked for: the measure of the others, whatever a request excludes.
    """

    def __init__(
        self,
        profile: Profile,
        wishes: Sequence[Wish],
        spoken: Mapping[int, float],
        loudest: float,
        tuning: Tuning,
    ) -> None:
        self._profile = profile
        self._wishes = wishes
        self._spoken = spoken
        self._share = tuning.neighbours / loudest if loudest > 0 else 0.0
        fades = tuning.standing_fades
        known = profile.known(tuning.watchlist) + len(wishes)
        self._standing = tuning.standing * fades / (fades + known)
        self._tuning = tuning

    def score(self, number: int, portrait: Portrait, *, known: bool = True) -> Scored:
        """Return a candidate's score; for one that the model does not know, say so."""
        tuning, profile = self._tuning, self._profile
        alike = max(0.0, min(1.0, dot(profile.strands, portrait.strands)))
        believed = believed_rating(portrait.traits) / 10
        points = (
            (self._spoken.get(number, 0.0) * self._share if known else 0.0)
            + tuning.keywords * dot(profile.keywords, portrait.keywords)
            + tuning.people * dot(profile.people, portrait.people)
            + self._standing * portrait.traits.standing
        )
        if self._wishes:
            points += sum(wish.points * wish.met(portrait.traits) for wish in self._wishes)
        parts = Parts(
            genre=MOST_FOR_GENRE * profile.lean * (1 - (1 - alike) ** tuning.genre_curve),
            quality=MOST_FOR_QUALITY * (1 - (1 - believed) ** tuning.quality_curve),
            personalization=MOST_FOR_PERSON * max(0.0, tanh(points / MOST_FOR_PERSON)),
        )
        return Scored(number, portrait, parts, parts.score)
