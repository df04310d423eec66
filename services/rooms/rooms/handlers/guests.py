"""GuestsFunction: POST /auth/guests."""

from aws_lambda_powertools.event_handler import Response

from matinee.http.api import HttpApi, HttpHandler, json_response
from rooms import bootstrap
from rooms.api.guest_routes import CREATE_GUEST, GUEST_ROUTES
from rooms.api.guest_schemas import GuestResponse, NewGuest


def build() -> HttpApi:
    """Build the function's route."""
    api = HttpApi(bootstrap.edge().allowed_origins, GUEST_ROUTES)
    admit = bootstrap.guest_admission()

    @api.routes.post(CREATE_GUEST.path)
    def create() -> Response[str]:
        given = api.read_body(NewGuest)
        # The gateway states the address, not a header.
        source = api.routes.current_event.raw_event["requestContext"]["http"]["sourceIp"]
        guest, room = admit(given.code, given.name, source, api.trace)
        tokens = GuestResponse.of(guest, room).model_dump(mode="json", by_alias=True)
        return json_response(tokens, headers={"Cache-Control": "no-store"})

    return api


handler = HttpHandler(build)
