"""PasswordFunction: POST /auth/forgot-password and POST /auth/reset-password."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.routes import FORGOT_PASSWORD, RESET_PASSWORD
from auth.api.schemas import CodeRequest, Done, PasswordReset
from matinee.http.api import HttpApi, HttpHandler, json_response


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    passwords = bootstrap.passwords()

    @api.routes.post(FORGOT_PASSWORD.path)
    def forgot_password() -> Response[str]:
        passwords.forgot(api.read_body(CodeRequest).email, caller(api))
        sent = Done(message="If this address has an account, a code is on its way")
        return json_response(sent.model_dump())

    @api.routes.post(RESET_PASSWORD.path)
    def reset_password() -> Response[str]:
        body = api.read_body(PasswordReset)
        passwords.reset(body.email, body.code, body.password.get_secret_value(), caller(api))
        return json_response(Done(message="Password changed successfully").model_dump())

    return api


handler = HttpHandler(build)
