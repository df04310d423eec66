"""ProfileFunction: GET and PUT /auth/profile."""

from aws_lambda_powertools.event_handler import Response

from auth import bootstrap
from auth.api.identity import Identify, signed_in
from auth.api.responses import respond
from auth.api.routes import GET_PROFILE, PUT_PROFILE, ROUTES
from auth.api.schemas import ProfileRequest, ProfileResponse
from matinee.http.api import HttpApi, HttpHandler


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins, ROUTES)
    edit_profile = bootstrap.edit_profile()

    @api.routes.get(GET_PROFILE.path)
    def get_profile() -> Response[str]:
        account = identify(api.routes.current_event.raw_event)
        return respond(ProfileResponse.from_profile(edit_profile.get(account.user_id)))

    @api.routes.put(PUT_PROFILE.path)
    def put_profile() -> Response[str]:
        account = identify(api.routes.current_event.raw_event)
        wish = api.read_body(ProfileRequest)
        profile = edit_profile.put(account.user_id, wish.name, wish.avatar)
        return respond(ProfileResponse.from_profile(profile))

    return api


handler = HttpHandler(build)
