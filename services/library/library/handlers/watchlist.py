"""WatchlistFunction: /user/watchlist, the move from it to the favourites, and /user/notices."""

from library import bootstrap
from library.api import notices
from library.api.entries import register, register_move, register_original
from library.api.routes import ORIGINAL_WATCHLIST, ROUTES, WATCHLIST
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(api, WATCHLIST, bootstrap.watchlist(), identify)
    register_original(api, ORIGINAL_WATCHLIST, bootstrap.watchlist(), identify)
    register_move(api, bootstrap.move_to_favourites(), identify)
    notices.register(api, bootstrap.notices(), identify)
    return api


handler = HttpHandler(build)
