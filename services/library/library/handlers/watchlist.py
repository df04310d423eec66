"""WatchlistFunction: /user/watchlist, and the way from it to the favourites."""

from aws_lambda_powertools.event_handler import Response

from library import bootstrap
from library.api.entries import register
from library.api.routes import MOVE, WATCHLIST
from library.api.schemas import Listed, TitleName
from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    mover = bootstrap.mover()
    register(api, WATCHLIST, bootstrap.watchlist(), identify)

    @api.routes.post(MOVE.path)
    def move() -> Response[str]:
        user_id = identify(api.routes.current_event.raw_event).user_id
        moved = mover.move(user_id, api.read_body(TitleName).key, api.trace)
        message = "Moved to your favourites" if moved.new else "Already among your favourites"
        return json_response({"message": message, "item": Listed.of(moved.entry).shown()})

    return api


handler = HttpHandler(build, at_start=False)
