"""How good a title is held to be."""

from __future__ import annotations

from math import log1p

from recommender.domain.titles import TitleFacts, Traits

USUAL_RATING = 6.3
"""The mean of TMDB's ratings: what a title without votes is taken for."""

USUAL_VOTES = 200
"""As many votes weigh as much as the mean of all."""

_MUCH_VOTED = log1p(20_000)
_MUCH_SEEN = log1p(200)
_SHARE_OF_FAVOURITES = 0.85


def believed_rating(traits: Traits | TitleFacts) -> float:
    """Return the rating, 0 to 10, drawn to the mean of all the more the fewer votes there are."""
    votes = traits.vote_count
    return (traits.vote_average * votes + USUAL_RATING * USUAL_VOTES) / (votes + USUAL_VOTES)


def standing(traits: Traits | TitleFacts, favourites: int, most_favourites: int) -> float:
    """Return what a title counts for with somebody of whom nothing is known, 0 to 1."""
    seen = 0.5 * min(1.0, log1p(max(traits.popularity, 0.0)) / _MUCH_SEEN)
    voted = 0.5 * min(1.0, log1p(traits.vote_count) / _MUCH_VOTED)
    repute = (seen + voted) * believed_rating(traits) / 10
    if not most_favourites:
        return repute
    liked = log1p(favourites) / log1p(most_favourites)
    return _SHARE_OF_FAVOURITES * liked + (1 - _SHARE_OF_FAVOURITES) * repute
