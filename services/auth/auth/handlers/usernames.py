"""UsernamesFunction: whether a username is free, and taking one."""

from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.routes import CHECK_USERNAME, TAKE_USERNAME
from auth.api.schemas import Availability, Name, Reserved
from auth.domain.account import Username
from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.validation import validate

ANYTHING = r"[\s\S]+"
"""The router's own placeholder does not take every character that somebody may type."""


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    naming = bootstrap.naming()

    @api.routes.get(CHECK_USERNAME.path.replace("{username}", ANYTHING))
    def check_username() -> Response[str]:
        typed = api.routes.current_event.raw_event["pathParameters"]["username"]
        name = Username(validate(Name, {"username": unquote(typed)}).username)
        return json_response(Availability(available=naming.is_free(name)).model_dump())

    @api.routes.post(TAKE_USERNAME.path)
    def take_username() -> Response[str]:
        account = identify(api.routes.current_event.raw_event)
        naming.take(account, Username(api.read_body(Name).username))
        return json_response(Reserved(success=True).model_dump())

    return api


handler = HttpHandler(build)
