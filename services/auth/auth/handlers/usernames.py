"""UsernamesFunction: GET /auth/usernames/{username} and POST /auth/usernames."""

from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.responses import respond
from auth.api.routes import CHECK_USERNAME, ROUTES, TAKE_USERNAME
from auth.api.schemas import UsernameAvailability, UsernameChanged, UsernameRequest
from auth.domain.username import Username
from matinee.http.api import HttpApi, HttpHandler
from matinee.validation import validate

ANY_CHARACTERS = r"[\s\S]+"
"""The router's own placeholder does not match every character that a user may type."""


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    change_username = bootstrap.change_username()

    @api.routes.get(CHECK_USERNAME.path.replace("{username}", ANY_CHARACTERS))
    def check_username() -> Response[str]:
        typed = api.routes.current_event.raw_event["pathParameters"]["username"]
        name = Username(validate(UsernameRequest, {"username": unquote(typed)}).username)
        return respond(UsernameAvailability(available=change_username.is_available(name)))

    @api.routes.post(TAKE_USERNAME.path)
    def take_username() -> Response[str]:
        account = identify(api.routes.current_event.raw_event)
        change_username.change(account, Username(api.read_body(UsernameRequest).username))
        return respond(UsernameChanged(success=True))

    return api


handler = HttpHandler(build)
