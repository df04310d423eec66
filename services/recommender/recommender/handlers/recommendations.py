"""RecommendationsFunction: what the caller may like, and titles like a title."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.graphql import read
from matinee.http import HttpApi, answer
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in
from recommender import bootstrap, schemas
from recommender.routes import GET_RECOMMENDATIONS, POST_RECOMMENDATIONS, SIMILAR_TITLES


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    service = bootstrap.recommendations()

    def recommended(asking: schemas.Asking) -> Response[str]:
        caller = identify(api.routes.current_event.raw_event)
        answered = service.recommend(caller.user_id, asking.question(), asking.cursor)
        return answer(schemas.RecommendedTitles.answering(answered).model_dump(mode="json"))

    @api.routes.get(GET_RECOMMENDATIONS.path)
    def get_recommendations() -> Response[str]:
        return recommended(api.read_query(schemas.RecommendationsQuery))

    @api.routes.post(POST_RECOMMENDATIONS.path)
    def post_recommendations() -> Response[str]:
        return recommended(api.read_body(schemas.RecommendationsBody))

    @api.routes.get(SIMILAR_TITLES.path.replace("{mediaType}/{mediaId}", r"[^/]+/[^/]+"))
    def similar_titles() -> Response[str]:
        event = api.routes.current_event.raw_event
        identify(event)
        title = read(schemas.TitlePath, event["pathParameters"])
        asking = api.read_query(schemas.SimilarQuery)
        found = service.similar(title.key, asking.limit, asking.exclude)
        return answer(schemas.SimilarTitles.of(found).model_dump(mode="json"))

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
