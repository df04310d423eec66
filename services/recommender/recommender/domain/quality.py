"""The popularity prior: a title's score for a user of whom nothing is known."""

from __future__ import annotations

from math import log1p

from matinee.media import weighted_rating
from recommender.domain.titles import TitleFacts, Traits

_MANY_VOTES = log1p(20_000)
_HIGH_POPULARITY = log1p(200)
_SHARE_OF_FAVOURITES = 0.85


def quality(title: Traits | TitleFacts) -> float:
    """Return a title's weighted rating, 0 to 10."""
    return weighted_rating(title.vote_average, title.vote_count)


def popularity_prior(title: Traits | TitleFacts, favourites: int, max_favourites: int) -> float:
    """Return a title's prior, 0 to 1: by its popularity, votes and rating, and its favourites.

    `max_favourites` are those of the title that has most; 0 when nobody's are known.
    """
    popularity = 0.5 * min(1.0, log1p(max(title.popularity, 0.0)) / _HIGH_POPULARITY)
    votes = 0.5 * min(1.0, log1p(title.vote_count) / _MANY_VOTES)
    reputation = (popularity + votes) * quality(title) / 10
    if not max_favourites:
        return reputation
    liked = log1p(favourites) / log1p(max_favourites)
    return _SHARE_OF_FAVOURITES * liked + (1 - _SHARE_OF_FAVOURITES) * reputation
