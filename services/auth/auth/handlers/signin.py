"""SigninFunction: POST /auth/signin, which answers the user pool's tokens."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.routes import SIGNIN
from auth.schemas import Credentials, SignedIn
from matinee.http import HttpApi, answer
from matinee.observability import entry_point


@cache
def _api() -> HttpApi:
    api = HttpApi(bootstrap.settings().allowed_origins)
    accounts = bootstrap.accounts()

    @api.routes.post(SIGNIN.path)
    def signin() -> Response[str]:
        credentials = api.read_body(Credentials)
        session = accounts.sign_in(credentials.email, credentials.password.get_secret_value())
        tokens = SignedIn(
            access_token=session.access_token,
            id_token=session.id_token,
            refresh_token=session.refresh_token,
            email=session.account.email,
        )
        response = answer(tokens.model_dump())
        response.headers["Cache-Control"] = "no-store"
        return response

    return api


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
