"""ShelvesFunction: /user/seen and /user/dismissed."""

from library import bootstrap
from library.api.entries import register
from library.api.routes import DISMISSED, ROUTES, SEEN
from library.domain.titles import ListName
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(api, SEEN, bootstrap.shelf(ListName.SEEN), identify)
    register(api, DISMISSED, bootstrap.shelf(ListName.DISMISSED), identify)
    return api


handler = HttpHandler(build)
