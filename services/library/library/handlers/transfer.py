"""LibraryTransferFunction: /user/export and /user/import."""

from library import bootstrap
from library.api.routes import ROUTES
from library.api.transfer import register
from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    register(
        api, bootstrap.export_user(), bootstrap.export_films(), bootstrap.import_entries(), identify
    )
    return api


handler = HttpHandler(build)
