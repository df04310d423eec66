"""SessionFunction: POST /auth/refresh and POST /auth/signout."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.identity import Identify, signed_in
from auth.routes import REFRESH, SIGNOUT
from auth.schemas import Done, Refreshed, Refreshing
from matinee.http import HttpApi, answer
from matinee.observability import entry_point


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    sessions = bootstrap.sessions()

    @api.routes.post(REFRESH.path)
    def refresh() -> Response[str]:
        session = sessions.refresh(api.read_body(Refreshing).refresh_token.get_secret_value())
        tokens = Refreshed(
            access_token=session.access_token,
            id_token=session.id_token,
            refresh_token=session.refresh_token,
            expires_in=session.lives_for,
            email=session.account.email,
        )
        response = answer(tokens.model_dump())
        response.headers["Cache-Control"] = "no-store"
        return response

    @api.routes.post(SIGNOUT.path)
    def signout() -> Response[str]:
        sessions.sign_out(identify(api.routes.current_event.raw_event))
        return answer(Done(message="Signed out").model_dump())

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
