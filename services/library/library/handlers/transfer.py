"""LibraryTransferFunction: /user/export and /user/import."""

from aws_lambda_powertools.event_handler import Response

from library import bootstrap
from library.api.bulk_schemas import LONGEST_IMPORT, ExportQuery, Import
from library.api.cursors import open_bookmark
from library.api.export_format import exported_part, read_entries, taken_in
from library.api.routes import EXPORT, IMPORT
from matinee.http.api import HttpApi, HttpHandler, json_response
from matinee.principal import Identify, signed_in


def build(identify: Identify = signed_in) -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.edge().allowed_origins)
    service = bootstrap.transfer()

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(EXPORT.path)
    def export() -> Response[str]:
        user_id = caller()
        part = service.export(user_id, open_bookmark(user_id, api.read_query(ExportQuery).cursor))
        return json_response(exported_part(user_id, part, service.now()))

    @api.routes.post(IMPORT.path)
    def take_in() -> Response[str]:
        user_id = caller()
        given = api.read_body(Import, max_characters=LONGEST_IMPORT)
        entries, problems = read_entries(given, service.now())
        answers = given.preferences.answers if given.preferences else None
        imported = service.take_in(user_id, answers, entries, api.trace)
        return json_response(taken_in(imported, problems))

    return api


handler = HttpHandler(build, at_start=False)
