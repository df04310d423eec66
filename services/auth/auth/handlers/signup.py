"""SignupFunction: POST /auth/signup, which opens an account or confirms one."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.routes import SIGNUP
from auth.schemas import Registered, Registration, SignupMode, Verification, Verified
from auth.service import Accounts
from matinee.http import HttpApi, answer
from matinee.observability import entry_point


@cache
def _api() -> HttpApi:
    api = HttpApi(bootstrap.settings().allowed_origins)
    accounts = bootstrap.accounts()

    @api.routes.post(SIGNUP.path)
    def signup() -> Response[str]:
        if api.read_body(SignupMode).verifies:
            return _verify(accounts, api.read_body(Verification))
        return _register(accounts, api.read_body(Registration))

    return api


def _register(accounts: Accounts, body: Registration) -> Response[str]:
    account = accounts.register(body.email, body.password.get_secret_value(), body.username)
    registered = Registered(message="User registered successfully", user_sub=account.user_id)
    return answer(registered.model_dump())


def _verify(accounts: Accounts, body: Verification) -> Response[str]:
    accounts.verify(body.email, body.code)
    return answer(Verified(message="Email verified successfully", email=body.email).model_dump())


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
