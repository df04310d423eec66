"""SigninFunction: POST /auth/signin, which answers the user pool's tokens."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import caller
from auth.api.routes import SIGNIN
from auth.api.schemas import Credentials, SignedIn, SigninMode, UsernameCredentials
from auth.domain.account import Username
from auth.use_cases.sign_up import Login
from matinee.http.api import HttpApi, HttpHandler, json_response


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    accounts = bootstrap.accounts()

    @api.routes.post(SIGNIN.path)
    def signin() -> Response[str]:
        login, password = _credentials(api)
        session = accounts.sign_in(login, password, caller(api))
        tokens = SignedIn(
            access_token=session.access_token,
            id_token=session.id_token,
            refresh_token=session.refresh_token,
            email=session.account.email,
        )
        response = json_response(tokens.model_dump())
        response.headers["Cache-Control"] = "no-store"
        return response

    return api


def _credentials(api: HttpApi) -> tuple[Login, str]:
    if api.read_body(SigninMode).by_username:
        named = api.read_body(UsernameCredentials)
        return Login(username=Username(named.username)), named.password.get_secret_value()
    body = api.read_body(Credentials)
    return Login(email=body.email), body.password.get_secret_value()


handler = HttpHandler(build)
