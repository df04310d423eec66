"""PreferencesFunction: /user/preferences."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.preference_api import register
from matinee.http import HttpApi
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    register(api, bootstrap.preferences(), identify)
    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
