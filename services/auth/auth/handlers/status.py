"""StatusFunction: GET /status, for health checks. It makes no client and calls nobody."""

from aws_lambda_powertools.event_handler import Response

from auth import VERSION, bootstrap
from auth.api.routes import STATUS
from auth.api.schemas import Status
from matinee.http.api import HttpApi, HttpHandler, json_response


def build() -> HttpApi:
    """Build the function's routes."""
    settings = bootstrap.edge()
    api = HttpApi(settings.allowed_origins)
    report = Status(
        status="ok",
        service=settings.powertools_service_name,
        stage=settings.stage,
        version=VERSION,
    ).model_dump()

    @api.routes.get(STATUS.path)
    def status() -> Response[str]:
        return json_response(report)

    return api


handler = HttpHandler(build)
