"""PreferencesFunction: /user/preferences."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.preference_schemas import PreferencesChange, accepts, etag_of, names_etag, shown
from library.routes import GET_PREFERENCES, RESET_PREFERENCES, SAVE_PREFERENCES
from matinee.http import HttpApi, answer, not_modified
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    service = bootstrap.preferences()

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(GET_PREFERENCES.path)
    def find() -> Response[str]:
        user_id = caller()
        found = service.find(user_id)
        headers = {"ETag": etag_of(user_id, found)}
        known = api.header("If-None-Match")
        if known and names_etag(known, user_id, found, weakly=True):
            return not_modified(headers)
        return answer(shown(found, service.now(), "Preferences found"), headers=headers)

    @api.routes.post(SAVE_PREFERENCES.path)
    def save() -> Response[str]:
        user_id = caller()
        answers = api.read_body(PreferencesChange).answers
        meant = accepts(user_id, api.header("If-Match"))
        saved = service.change(user_id, answers, api.thread, meant)
        body = shown(saved, service.now(), "Preferences saved")
        return answer(body, headers={"ETag": etag_of(user_id, saved)})

    @api.routes.post(RESET_PREFERENCES.path)
    def reset() -> Response[str]:
        user_id = caller()
        meant = accepts(user_id, api.header("If-Match"))
        fresh = service.reset(user_id, api.thread, meant)
        body = shown(fresh, service.now(), "Preferences reset")
        return answer(body, headers={"ETag": etag_of(user_id, fresh)})

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
