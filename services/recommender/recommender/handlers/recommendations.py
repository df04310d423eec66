"""RecommendationsFunction: titles that the caller may like, and titles similar to a title."""

from aws_lambda_powertools.event_handler import Response

from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.principal import Identify, signed_in
from matinee.validation import validate
from recommender import bootstrap
from recommender.api.requests import (
    RecommendationsBody,
    RecommendationsParameters,
    RecommendationsQuery,
    SimilarQuery,
    TitlePath,
)
from recommender.api.routes import GET_RECOMMENDATIONS, POST_RECOMMENDATIONS, ROUTES, SIMILAR_TITLES
from recommender.api.schemas import RecommendedTitles, SimilarTitles


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    recommend_titles, find_similar = bootstrap.recommend_titles(), bootstrap.find_similar()

    def recommend(parameters: RecommendationsParameters) -> Response[str]:
        caller = identify(api.routes.current_event.raw_event)
        page = recommend_titles(caller.user_id, parameters.to_request(), parameters.cursor)
        return json_response(RecommendedTitles.from_page(page).model_dump(mode="json"))

    @api.routes.get(GET_RECOMMENDATIONS.path)
    def get_recommendations() -> Response[str]:
        return recommend(api.read_query(RecommendationsQuery))

    @api.routes.post(POST_RECOMMENDATIONS.path)
    def post_recommendations() -> Response[str]:
        return recommend(api.read_body(RecommendationsBody))

    @api.routes.get(SIMILAR_TITLES.path.replace("{mediaType}/{mediaId}", r"[^/]+/[^/]+"))
    def similar_titles() -> Response[str]:
        event = api.routes.current_event.raw_event
        caller = identify(event)
        title = validate(TitlePath, event["pathParameters"])
        query = api.read_query(SimilarQuery)
        found = find_similar(caller.user_id, title.key, query.limit, query.exclude)
        return json_response(SimilarTitles.from_recommendations(found).model_dump(mode="json"))

    return api


handler = HttpHandler(build)
