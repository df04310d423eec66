"""StatusFunction: GET /status, for health checks. It makes no client and calls nobody."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import VERSION, bootstrap
from auth.routes import STATUS
from auth.schemas import Status
from matinee.http import HttpApi, answer
from matinee.observability import entry_point


@cache
def _api() -> HttpApi:
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
        return answer(report)

    return api


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
