"""PasswordFunction: POST /auth/forgot-password and POST /auth/reset-password."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.identity import caller
from auth.routes import FORGOT_PASSWORD, RESET_PASSWORD
from auth.schemas import CodeRequest, Done, PasswordReset
from matinee.http import HttpApi, answer
from matinee.observability import entry_point


@cache
def _api() -> HttpApi:
    api = HttpApi(bootstrap.edge().allowed_origins)
    passwords = bootstrap.passwords()

    @api.routes.post(FORGOT_PASSWORD.path)
    def forgot_password() -> Response[str]:
        passwords.forgot(api.read_body(CodeRequest).email, caller(api))
        sent = Done(message="If this address has an account, a code is on its way")
        return answer(sent.model_dump())

    @api.routes.post(RESET_PASSWORD.path)
    def reset_password() -> Response[str]:
        body = api.read_body(PasswordReset)
        passwords.reset(body.email, body.code, body.password.get_secret_value(), caller(api))
        return answer(Done(message="Password changed successfully").model_dump())

    return api


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
