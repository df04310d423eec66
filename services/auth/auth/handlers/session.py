"""SessionFunction: POST /auth/refresh and POST /auth/signout."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.responses import respond_with_message, respond_with_tokens
from auth.api.routes import REFRESH, ROUTES, SIGNOUT
from auth.api.schemas import TokenRefreshRequest, TokenRefreshResponse
from matinee.http.api import HttpApi, HttpHandler


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    refresh_session, sign_out = bootstrap.refresh_session(), bootstrap.sign_out()

    @api.routes.post(REFRESH.path)
    def refresh() -> Response[str]:
        token = api.read_body(TokenRefreshRequest).refresh_token.get_secret_value()
        return respond_with_tokens(TokenRefreshResponse, refresh_session.refresh(token))

    @api.routes.post(SIGNOUT.path)
    def signout() -> Response[str]:
        sign_out.sign_out(identify(api.routes.current_event.raw_event))
        return respond_with_message("Signed out")

    return api


handler = HttpHandler(build)
