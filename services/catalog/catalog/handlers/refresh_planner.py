"""RefreshPlannerFunction: begins refreshes, by schedule or for operators, and reports on them."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog import bootstrap
from catalog.api.refresh_routes import BEGIN_REFRESH, OPERATORS, SHOW_REFRESH
from catalog.api.refresh_schemas import RefreshBegun, RefreshReport, RefreshRequest, RunId
from catalog.domain import Scope
from matinee.clock import utc_now
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.ids import new_id
from matinee.principal import Identify, signed_in
from matinee.validation import validate


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.planner_settings().allowed_origins)
    planner = bootstrap.planner()

    @api.routes.post(BEGIN_REFRESH.path)
    def begin() -> Response[str]:
        identify(api.routes.current_event.raw_event).require(OPERATORS)
        wish = api.read_body(RefreshRequest)
        run = planner.begin_unless_running(new_id(), wish.scope, api.trace, wish.pages)
        body = RefreshBegun(run_id=run.id, lists=len(run.lists))
        return json_response(body.model_dump(mode="json", by_alias=True))

    @api.routes.get(SHOW_REFRESH.path.replace("{runId}", r"[\s\S]+"))
    def show() -> Response[str]:
        event = api.routes.current_event.raw_event
        identify(event).require(OPERATORS)
        run = planner.look_up(validate(RunId, event["pathParameters"]).run_id)
        body = RefreshReport.of(run, utc_now())
        return json_response(body.model_dump(mode="json", by_alias=True))

    return api


def begin_scheduled(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Begin the refresh of a schedule; a retried invocation has the same id and run."""
    run = bootstrap.planner().begin(
        context.aws_request_id, Scope(event["refresh"]), Trace.from_headers(None)
    )
    return {"runId": run.id, "lists": len(run.lists)}


handler = HttpHandler(build, at_start=False, scheduled={"refresh": begin_scheduled})
