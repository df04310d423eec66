"""AccountFunction: DELETE /auth/account, and the sweep that finishes what was left unfinished."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.identity import Identify, signed_in
from auth.routes import DELETE_ACCOUNT
from auth.schemas import Done
from matinee.envelope import Trace
from matinee.http import HttpApi, answer
from matinee.observability import entry_point

SWEEP = "sweep"


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    deletion = bootstrap.deletion()

    @api.routes.delete(DELETE_ACCOUNT.path)
    def delete_account() -> Response[str]:
        deletion.delete(identify(api.routes.current_event.raw_event), api.thread)
        return answer(Done(message="Account deleted").model_dump())

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0), or a schedule's sweep."""
    if SWEEP in event:
        return {"unfinished": bootstrap.deletion().sweep(Trace.begun_by(None))}
    return _api().handle(event, context)
