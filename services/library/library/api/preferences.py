"""The routes of preferences."""

from aws_lambda_powertools.event_handler import Response

from library.api.preference_schemas import PreferencesChange, accepts, etag_of, names_etag, shown
from library.api.routes import GET_PREFERENCES, RESET_PREFERENCES, SAVE_PREFERENCES
from library.domain.preferences import Preferences
from library.use_cases.preferences import PreferenceService
from matinee.http.api import HttpApi, json_response, not_modified
from matinee.principal import Identify


def register(api: HttpApi, service: PreferenceService, identify: Identify) -> None:
    """Register the routes."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    def state(user_id: str, preferences: Preferences, message: str) -> Response[str]:
        body = shown(preferences, service.now(), message)
        return json_response(body, headers={"ETag": etag_of(user_id, preferences)})

    @api.routes.get(GET_PREFERENCES.path)
    def find() -> Response[str]:
        user_id = caller()
        found = service.find(user_id)
        known = api.header("If-None-Match")
        if known and names_etag(known, user_id, found, weakly=True):
            return not_modified({"ETag": etag_of(user_id, found)})
        return state(user_id, found, "Preferences found")

    @api.routes.post(SAVE_PREFERENCES.path)
    def save() -> Response[str]:
        user_id = caller()
        answers = api.read_body(PreferencesChange).answers
        meant = accepts(user_id, api.header("If-Match"))
        saved = service.change(user_id, answers, api.trace, meant)
        return state(user_id, saved, "Preferences saved")

    @api.routes.post(RESET_PREFERENCES.path)
    def reset() -> Response[str]:
        user_id = caller()
        meant = accepts(user_id, api.header("If-Match"))
        fresh = service.reset(user_id, api.trace, meant)
        return state(user_id, fresh, "Preferences reset")
