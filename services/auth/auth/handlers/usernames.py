"""UsernamesFunction: whether a username is free, and taking one."""

from functools import cache
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.domain import Username
from auth.identity import Identify, signed_in
from auth.routes import CHECK_USERNAME, TAKE_USERNAME
from auth.schemas import Availability, Name, Reserved
from matinee.graphql import read
from matinee.http import HttpApi, answer
from matinee.observability import entry_point

ANYTHING = r"[\s\S]+"
"""The router's own placeholder does not take every character that somebody may type."""


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    naming = bootstrap.naming()

    @api.routes.get(CHECK_USERNAME.path.replace("{username}", ANYTHING))
    def check_username() -> Response[str]:
        typed = api.routes.current_event.raw_event["pathParameters"]["username"]
        name = Username(read(Name, {"username": unquote(typed)}).username)
        return answer(Availability(available=naming.is_free(name)).model_dump())

    @api.routes.post(TAKE_USERNAME.path)
    def take_username() -> Response[str]:
        account = identify(api.routes.current_event.raw_event)
        naming.take(account, Username(api.read_body(Name).username))
        return answer(Reserved(success=True).model_dump())

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point(prepare=_api)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
