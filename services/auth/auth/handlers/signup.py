"""SignupFunction: POST /auth/signup, which registers or verifies, and POST /auth/resend-code."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.responses import respond, respond_with_message
from auth.api.routes import RESEND_CODE, ROUTES, SIGNUP
from auth.api.schemas import (
    CodeRequest,
    RegisterRequest,
    RegisterResponse,
    SignUpMode,
    VerifyRequest,
    VerifyResponse,
)
from auth.ports import Caller
from auth.use_cases.sign_up import SignUp
from matinee.http.api import HttpApi, HttpHandler


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    sign_up = bootstrap.sign_up()

    @api.routes.post(SIGNUP.path)
    def signup() -> Response[str]:
        if api.read_body(SignUpMode).verifies:
            return _verify(sign_up, api.read_body(VerifyRequest), caller(api))
        return _register(sign_up, api.read_body(RegisterRequest), caller(api))

    @api.routes.post(RESEND_CODE.path)
    def resend_code() -> Response[str]:
        sign_up.resend_code(api.read_body(CodeRequest).email, caller(api))
        return respond_with_message("If this address waits for a code, a new one is on its way")

    return api


def _register(sign_up: SignUp, body: RegisterRequest, who: Caller) -> Response[str]:
    account = sign_up.register(body.email, body.password.get_secret_value(), body.username, who)
    return respond(
        RegisterResponse(message="User registered successfully", user_sub=account.user_id)
    )


def _verify(sign_up: SignUp, body: VerifyRequest, who: Caller) -> Response[str]:
    sign_up.verify(body.email, body.code, who)
    return respond(VerifyResponse(message="Email verified successfully", email=body.email))


handler = HttpHandler(build)
