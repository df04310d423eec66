"""AccountFunction: DELETE /auth/account, and what a schedule does.

The sweep completes unfinished deletions; the reconciliation deletes whom the user pool has deleted.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.responses import respond_with_message
from auth.api.routes import DELETE_ACCOUNT, ROUTES
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, HttpHandler


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    delete_account = bootstrap.delete_account()

    @api.routes.delete(DELETE_ACCOUNT.path)
    def delete() -> Response[str]:
        delete_account.delete(identify(api.routes.current_event.raw_event), api.trace)
        return respond_with_message("Account deleted")

    return api


def sweep(_: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
    """Complete the unfinished deletions."""
    return {"unfinished": bootstrap.delete_account().sweep(Trace.from_headers(None))}


def reconcile(_: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
    """Delete the accounts of users whom the pool no longer has."""
    return {"deleted": bootstrap.reconcile_accounts().run(Trace.from_headers(None))}


handler = HttpHandler(build, scheduled={"sweep": sweep, "reconcile": reconcile})
