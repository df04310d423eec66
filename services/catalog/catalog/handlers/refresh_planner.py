"""RefreshPlannerFunction: begins refreshes, by schedule or for operators, and reports on them."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog import bootstrap
from catalog.domain import Scope
from catalog.refresh_routes import BEGIN_REFRESH, OPERATORS, SHOW_REFRESH
from catalog.refresh_schemas import RefreshBegun, RefreshReport, RefreshRequest, RunId
from matinee.clock import utc_now
from matinee.envelope import Trace
from matinee.graphql import read
from matinee.http import HttpApi, answer
from matinee.ids import new_id
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.planner_settings().allowed_origins)
    planner = bootstrap.planner()

    @api.routes.post(BEGIN_REFRESH.path)
    def begin() -> Response[str]:
        identify(api.routes.current_event.raw_event).require(OPERATORS)
        wish = api.read_body(RefreshRequest)
        run = planner.begin_unless_running(new_id(), wish.scope, api.thread, wish.pages)
        body = RefreshBegun(run_id=run.id, lists=len(run.lists))
        return answer(body.model_dump(mode="json", by_alias=True))

    @api.routes.get(SHOW_REFRESH.path.replace("{runId}", r"[\s\S]+"))
    def show() -> Response[str]:
        event = api.routes.current_event.raw_event
        identify(event).require(OPERATORS)
        run = planner.look_up(read(RunId, event["pathParameters"]).run_id)
        body = RefreshReport.of(run, utc_now())
        return answer(body.model_dump(mode="json", by_alias=True))

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0), or begin what a schedule asks for."""
    if "refresh" in event:
        # The id of a retried invocation stays the same: it goes on beginning the same run.
        run = bootstrap.planner().begin(
            context.aws_request_id, Scope(event["refresh"]), Trace.begun_by(None)
        )
        return {"runId": run.id, "lists": len(run.lists)}
    return _api().handle(event, context)
