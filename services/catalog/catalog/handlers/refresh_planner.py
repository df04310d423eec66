"""RefreshPlannerFunction: starts refreshes, by schedule or for operators, and reports progress."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog import bootstrap
from catalog.api.refresh_routes import BEGIN_REFRESH, OPERATORS, REFRESH_ROUTES, SHOW_REFRESH
from catalog.api.refresh_schemas import (
    RefreshReport,
    RefreshRequest,
    RefreshStarted,
    RunId,
    ScheduledRefresh,
)
from matinee.clock import utc_now
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.http.routes import pattern_of
from matinee.ids import new_id
from matinee.principal import Identify, signed_in
from matinee.validation import validate


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.planner_settings().allowed_origins, REFRESH_ROUTES)
    planner = bootstrap.refresh_planner()

    @api.routes.post(BEGIN_REFRESH.path)
    def begin_refresh() -> Response[str]:
        identify(api.routes.current_event.raw_event).require(OPERATORS)
        wanted = api.read_body(RefreshRequest)
        run = planner.start_unless_running(new_id(), wanted.scope, api.trace, wanted.pages)
        body = RefreshStarted(run_id=run.id, lists=len(run.lists))
        return json_response(body.model_dump(mode="json", by_alias=True))

    @api.routes.get(pattern_of(SHOW_REFRESH))
    def show_refresh() -> Response[str]:
        event = api.routes.current_event.raw_event
        identify(event).require(OPERATORS)
        run = planner.get(validate(RunId, event["pathParameters"]).run_id)
        body = RefreshReport.from_run(run, utc_now())
        return json_response(body.model_dump(mode="json", by_alias=True))

    return api


def start_scheduled(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Start the refresh of a schedule; a retried invocation has the same id and run."""
    scope = validate(ScheduledRefresh, event).refresh
    planner = bootstrap.refresh_planner()
    run = planner.start(context.aws_request_id, scope, Trace.from_headers(None))
    return {"runId": run.id, "lists": len(run.lists)}


handler = HttpHandler(build, scheduled={"refresh": start_scheduled})
