"""UpgradeGuestFunction: POST /auth/guests/upgrade, which begins or verifies."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import IdentifyGuest, caller, signed_in_guest
from auth.api.responses import respond
from auth.api.routes import ROUTES, UPGRADE_GUEST
from auth.api.schemas import SignUpMode, UpgradeRequest, UpgradeResponse, UpgradeVerifyRequest
from matinee.http.api import HttpApi, HttpHandler


def build(identify: IdentifyGuest = signed_in_guest) -> HttpApi:
    """Build the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    upgrade_guest = bootstrap.upgrade_guest()

    @api.routes.post(UPGRADE_GUEST.path)
    def upgrade() -> Response[str]:
        guest = identify(api.routes.current_event.raw_event)
        if api.read_body(SignUpMode).verifies:
            code = api.read_body(UpgradeVerifyRequest).code
            return _respond(upgrade_guest.verify(guest, code, caller(api)), upgraded=True)
        wish = api.read_body(UpgradeRequest)
        password = wish.password.get_secret_value()
        upgraded = upgrade_guest.begin(guest, wish.email, password, caller(api))
        return _respond(wish.email, upgraded=upgraded)

    return api


def _respond(email: str, *, upgraded: bool) -> Response[str]:
    message = "Your account is ready" if upgraded else "A code is on its way to the address"
    return respond(UpgradeResponse(message=message, email=email, upgraded=upgraded))


handler = HttpHandler(build)
