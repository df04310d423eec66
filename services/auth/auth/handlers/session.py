"""SessionFunction: POST /auth/refresh and POST /auth/signout."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.routes import REFRESH, SIGNOUT
from auth.api.schemas import Done, Refreshed, Refreshing
from matinee.http.api import HttpApi, HttpHandler, json_response


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    sessions = bootstrap.sessions()

    @api.routes.post(REFRESH.path)
    def refresh() -> Response[str]:
        session = sessions.refresh(api.read_body(Refreshing).refresh_token.get_secret_value())
        tokens = Refreshed(
            access_token=session.access_token,
            id_token=session.id_token,
            refresh_token=session.refresh_token,
            expires_in=session.lives_for,
            email=session.account.email,
        )
        response = json_response(tokens.model_dump())
        response.headers["Cache-Control"] = "no-store"
        return response

    @api.routes.post(SIGNOUT.path)
    def signout() -> Response[str]:
        sessions.sign_out(identify(api.routes.current_event.raw_event))
        return json_response(Done(message="Signed out").model_dump())

    return api


handler = HttpHandler(build)
