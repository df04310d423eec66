"""The routes of preferences."""

from aws_lambda_powertools.event_handler import Response

from library.api.preference_schemas import (
    if_match,
    if_none_match,
    preferences_etag,
    preferences_response,
)
from library.api.routes import (
    GET_PREFERENCES,
    PATCH_PREFERENCES,
    RESET_PREFERENCES,
    SAVE_PREFERENCES,
)
from library.domain.preferences import Preferences
from library.use_cases.preferences import PreferencesService
from matinee.http.api import HttpApi, json_response, not_modified
from matinee.principal import Identify
from matinee.questionnaire_input import PreferencesChange


def register(api: HttpApi, service: PreferencesService, identify: Identify) -> None:
    """Register the routes."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    def respond(user_id: str, preferences: Preferences, message: str) -> Response[str]:
        body = preferences_response(preferences, service.now(), message)
        return json_response(body, headers={"ETag": preferences_etag(user_id, preferences)})

    @api.routes.get(GET_PREFERENCES.path)
    def get() -> Response[str]:
        user_id = caller()
        found = service.get(user_id)
        if if_none_match(api.header("If-None-Match"), user_id, found):
            return not_modified({"ETag": preferences_etag(user_id, found)})
        return respond(user_id, found, "Preferences found")

    @api.routes.patch(PATCH_PREFERENCES.path)
    @api.routes.post(SAVE_PREFERENCES.path)
    def save() -> Response[str]:
        user_id = caller()
        answers = api.read_body(PreferencesChange).answers
        condition = if_match(api.header("If-Match"), user_id)
        saved = service.change(user_id, answers, api.trace, condition)
        return respond(user_id, saved, "Preferences saved")

    @api.routes.post(RESET_PREFERENCES.path)
    def reset() -> Response[str]:
        user_id = caller()
        condition = if_match(api.header("If-Match"), user_id)
        fresh = service.change(user_id, None, api.trace, condition)
        return respond(user_id, fresh, "Preferences reset")
