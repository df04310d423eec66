"""Recommending: the stages in their order, and the layers when something is missing."""

from datetime import datetime

from recommender.domain.answers import Recommendations, Request
from recommender.domain.model import Model
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleKey, Titles


def recommend(
    request: Request,
    taste: Taste | None,
    *,
    model: Model | None,
    projection: Titles | None,
    catalogue: Titles | None,
    now: datetime,
) -> Recommendations:
    """Answer at most `limit` titles for a user, the best first.

    `taste` is what is stored (empty for a new user), None when it cannot be read. A model or a
    store of titles that is missing or does not answer leaves the word to the next layer; this
    never raises for want of one. The same arguments give the same answer.
    """
    raise NotImplementedError


def similar(
    key: TitleKey,
    *,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    projection: Titles | None,
    catalogue: Titles | None,
) -> Recommendations | None:
    """Answer titles like one, of the same media type; None when no layer knows that title."""
    raise NotImplementedError
