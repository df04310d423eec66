"""RecommendationsFunction: what the caller may like, and titles like a title."""

from aws_lambda_powertools.event_handler import Response

from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.principal import Identify, signed_in
from matinee.validation import validate
from recommender import bootstrap
from recommender.api import schemas
from recommender.api.routes import GET_RECOMMENDATIONS, POST_RECOMMENDATIONS, SIMILAR_TITLES


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    service = bootstrap.recommendations()

    def recommended(asking: schemas.Asking) -> Response[str]:
        caller = identify(api.routes.current_event.raw_event)
        answered = service.recommend(caller.user_id, asking.question(), asking.cursor)
        return json_response(schemas.RecommendedTitles.answering(answered).model_dump(mode="json"))

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
        title = validate(schemas.TitlePath, event["pathParameters"])
        asking = api.read_query(schemas.SimilarQuery)
        found = service.similar(title.key, asking.limit, asking.exclude)
        return json_response(schemas.SimilarTitles.of(found).model_dump(mode="json"))

    return api


handler = HttpHandler(build)
