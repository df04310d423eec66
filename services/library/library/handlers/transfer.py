"""LibraryTransferFunction: /user/export and /user/import."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.batch_schemas import LONGEST_IMPORT, ExportQuery, Import
from library.cursors import open_bookmark
from library.part import exported_part, read_entries, taken_in
from library.routes import EXPORT, IMPORT
from matinee.http import HttpApi, answer
from matinee.observability import entry_point
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    service = bootstrap.transfer()

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(EXPORT.path)
    def export() -> Response[str]:
        user_id = caller()
        part = service.export(user_id, open_bookmark(user_id, api.read_query(ExportQuery).cursor))
        return answer(exported_part(user_id, part, service.now()))

    @api.routes.post(IMPORT.path)
    def take_in() -> Response[str]:
        user_id = caller()
        given = api.read_body(Import, longest=LONGEST_IMPORT)
        entries, problems = read_entries(given, service.now())
        answers = given.preferences.answers if given.preferences else None
        imported = service.take_in(user_id, answers, entries, api.thread)
        return answer(taken_in(imported, problems))

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
