"""WatchlistFunction: /user/watchlist, and the way from it to the favourites."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.list_api import register
from library.routes import MOVE, WATCHLIST
from library.schemas import Listed, TitleName
from matinee.http import HttpApi, answer
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    mover = bootstrap.mover()
    register(api, WATCHLIST, bootstrap.watchlist(), identify)

    @api.routes.post(MOVE.path)
    def move() -> Response[str]:
        user_id = identify(api.routes.current_event.raw_event).user_id
        moved = mover.move(user_id, api.read_body(TitleName).key, api.thread)
        message = "Moved to your favourites" if moved.new else "Already among your favourites"
        return answer({"message": message, "item": Listed.of(moved.entry).shown()})

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
