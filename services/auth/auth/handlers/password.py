"""PasswordFunction: POST /auth/forgot-password and POST /auth/reset-password."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.responses import respond_with_message
from auth.api.routes import FORGOT_PASSWORD, RESET_PASSWORD, ROUTES
from auth.api.schemas import CodeRequest, PasswordResetRequest
from matinee.http.api import HttpApi, HttpHandler


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    change_password = bootstrap.change_password()

    @api.routes.post(FORGOT_PASSWORD.path)
    def forgot_password() -> Response[str]:
        change_password.send_code(api.read_body(CodeRequest).email, caller(api))
        return respond_with_message("If this address has an account, a code is on its way")

    @api.routes.post(RESET_PASSWORD.path)
    def reset_password() -> Response[str]:
        body = api.read_body(PasswordResetRequest)
        change_password.reset(body.email, body.code, body.password.get_secret_value(), caller(api))
        return respond_with_message("Password changed successfully")

    return api


handler = HttpHandler(build)
