"""SigninFunction: POST /auth/signin, which returns the user pool's tokens."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.responses import respond_with_tokens
from auth.api.routes import ROUTES, SIGNIN
from auth.api.schemas import EmailCredentials, SignInMode, SignInResponse, UsernameCredentials
from auth.domain.username import Username
from auth.use_cases.sign_in import Login
from matinee.http.api import HttpApi, HttpHandler


def build() -> HttpApi:
    """Build the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    sign_in = bootstrap.sign_in()

    @api.routes.post(SIGNIN.path)
    def signin() -> Response[str]:
        login, password = _credentials(api)
        return respond_with_tokens(SignInResponse, sign_in.sign_in(login, password, caller(api)))

    return api


def _credentials(api: HttpApi) -> tuple[Login, str]:
    if api.read_body(SignInMode).by_username:
        named = api.read_body(UsernameCredentials)
        return Login(username=Username(named.username)), named.password.get_secret_value()
    body = api.read_body(EmailCredentials)
    return Login(email=body.email), body.password.get_secret_value()


handler = HttpHandler(build)
