"""FavouritesFunction: /user/favourites, in either spelling."""

from library import bootstrap
from library.api.entries import register, register_original
from library.api.routes import FAVORITES, FAVOURITES, ORIGINAL_FAVOURITES, ROUTES
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(api, FAVOURITES, bootstrap.favourites(), identify)
    register(api, FAVORITES, bootstrap.favourites(), identify)
    register_original(api, ORIGINAL_FAVOURITES, bootstrap.favourites(), identify)
    return api


handler = HttpHandler(build)
