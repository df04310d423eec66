"""AccountFunction: DELETE /auth/account, and the sweep that finishes what was left unfinished."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.routes import DELETE_ACCOUNT
from auth.api.schemas import Done
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, HttpHandler, json_response


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    deletion = bootstrap.deletion()

    @api.routes.delete(DELETE_ACCOUNT.path)
    def delete_account() -> Response[str]:
        deletion.delete(identify(api.routes.current_event.raw_event), api.trace)
        return json_response(Done(message="Account deleted").model_dump())

    return api


def sweep(_: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
    """Finish deletions that were left unfinished."""
    return {"unfinished": bootstrap.deletion().sweep(Trace.from_headers(None))}


handler = HttpHandler(build, scheduled={"sweep": sweep})
