"""ImportsFunction: /user/imports."""

from library import bootstrap
from library.api.imports import register
from library.api.routes import ROUTES
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(
        api,
        bootstrap.import_file(),
        bootstrap.read_imports(),
        bootstrap.complete_row(),
        identify,
    )
    return api


handler = HttpHandler(build)
