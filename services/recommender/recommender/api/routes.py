"""The routes of this service: their parameters, responses and errors."""

from http import HTTPMethod

from matinee.errors import InvalidInput, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route
from recommender.api.requests import (
    RecommendationsBody,
    RecommendationsQuery,
    SimilarQuery,
    TitlePath,
)
from recommender.api.schemas import RecommendedTitles, SimilarTitles
from recommender.domain.errors import AccountDeleted, SimilarUnavailable, TitleNotFound

_PATH = "/recommendations"
_SUMMARY = "Titles that the caller may like"
_DESCRIPTION = (
    "From the caller's favourites, watchlist and stated preferences, which the request may "
    "complete or override, and from everybody's favourites. Never a title of any of the lists. "
    "The same request has the same response until something changes; `nextCursor`, a longer "
    "`exclude` or another `seed` returns other titles. There is always a response: `source` says "
    "how much could be known."
)

GET_RECOMMENDATIONS = Route(
    method=HTTPMethod.GET,
    path=_PATH,
    name="getRecommendations",
    summary=_SUMMARY,
    description=_DESCRIPTION,
    query=RecommendationsQuery,
    responses=(RecommendedTitles,),
    errors=(InvalidInput, Unauthorized, AccountDeleted),
    signed_in=True,
)

POST_RECOMMENDATIONS = Route(
    method=HTTPMethod.POST,
    path=_PATH,
    name="askRecommendations",
    summary=_SUMMARY,
    description=f"{_DESCRIPTION} Like the GET, for what is too long for a query string.",
    requests=(RecommendationsBody,),
    responses=(RecommendedTitles,),
    errors=(MalformedBody, InvalidInput, Unauthorized, AccountDeleted),
    signed_in=True,
)

SIMILAR_TITLES = Route(
    method=HTTPMethod.GET,
    path=f"{_PATH}/similar/{{mediaType}}/{{mediaId}}",
    name="getSimilarTitles",
    summary="Titles similar to a title",
    description="Of the same media type: liked by the same people, or of similar content.",
    parameters=TitlePath,
    query=SimilarQuery,
    responses=(SimilarTitles,),
    errors=(InvalidInput, Unauthorized, AccountDeleted, TitleNotFound, SimilarUnavailable),
    signed_in=True,
)

ROUTES = (GET_RECOMMENDATIONS, POST_RECOMMENDATIONS, SIMILAR_TITLES)
