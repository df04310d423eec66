"""DevicesFunction: /user/devices."""

from matinee.http.api import HttpApi, HttpHandler
from matinee.principal import Identify, signed_in
from rooms import bootstrap
from rooms.api.devices import register
from rooms.api.routes import DEVICE_ROUTES


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, DEVICE_ROUTES)
    register(api, bootstrap.devices(), identify)
    return api


handler = HttpHandler(build)
