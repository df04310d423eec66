"""StatusFunction: GET /status, for health checks. It calls no other service."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.responses import respond
from auth.api.routes import ROUTES, STATUS
from auth.api.schemas import VERSION, StatusResponse
from matinee.http.api import HttpApi, HttpHandler


def build() -> HttpApi:
    """Build the function's route."""
    settings = bootstrap.edge()
    api = HttpApi(settings.allowed_origins, ROUTES)
    report = StatusResponse(
        status="ok",
        service=settings.powertools_service_name,
        stage=settings.stage,
        version=VERSION,
    )

    @api.routes.get(STATUS.path)
    def status() -> Response[str]:
        return respond(report)

    return api


handler = HttpHandler(build)
