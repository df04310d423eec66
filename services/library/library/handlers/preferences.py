"""PreferencesFunction: /user/preferences."""

from library import bootstrap
from library.api.preferences import register
from library.api.routes import ROUTES
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(api, bootstrap.preferences(), identify)
    return api


handler = HttpHandler(build)
