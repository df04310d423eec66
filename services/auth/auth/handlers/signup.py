"""SignupFunction: /auth/signup, which opens an account or confirms one, and /auth/resend-code."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.routes import RESEND_CODE, SIGNUP
from auth.api.schemas import (
    CodeRequest,
    Registered,
    Registration,
    SignupMode,
    Verification,
    Verified,
)
from auth.use_cases.sign_up import Accounts, Caller
from matinee.http.api import HttpApi, HttpHandler, json_response


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    accounts = bootstrap.accounts()

    @api.routes.post(SIGNUP.path)
    def signup() -> Response[str]:
        if api.read_body(SignupMode).verifies:
            return _verify(accounts, api.read_body(Verification), caller(api))
        return _register(accounts, api.read_body(Registration), caller(api))

    @api.routes.post(RESEND_CODE.path)
    def resend_code() -> Response[str]:
        accounts.send_code(api.read_body(CodeRequest).email, caller(api))
        return json_response(
            {"message": "If this address waits for a code, a new one is on its way"}
        )

    return api


def _register(accounts: Accounts, body: Registration, who: Caller) -> Response[str]:
    password = body.password.get_secret_value()
    account = accounts.register(body.email, password, body.username, who)
    registered = Registered(message="User registered successfully", user_sub=account.user_id)
    return json_response(registered.model_dump())


def _verify(accounts: Accounts, body: Verification, who: Caller) -> Response[str]:
    accounts.verify(body.email, body.code, who)
    return json_response(
        Verified(message="Email verified successfully", email=body.email).model_dump()
    )


handler = HttpHandler(build)
