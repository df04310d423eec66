"""The routes of export and import."""

from aws_lambda_powertools.event_handler import Response

from library.api.bulk_schemas import MAX_IMPORT_CHARACTERS, ExportQuery, Import
from library.api.cursors import decode_export
from library.api.export_format import export_response, import_response, read_import
from library.api.routes import EXPORT, IMPORT
from library.use_cases.import_export import ExportUser, ImportEntries
from matinee.http.api import HttpApi, json_response
from matinee.principal import Identify


def register(
    api: HttpApi, export_user: ExportUser, import_entries: ImportEntries, identify: Identify
) -> None:
    """Register the routes."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(EXPORT.path)
    def export() -> Response[str]:
        user_id = caller()
        cursor = decode_export(user_id, api.read_query(ExportQuery).cursor)
        return json_response(export_response(user_id, export_user(user_id, cursor)))

    @api.routes.post(IMPORT.path)
    def import_() -> Response[str]:
        user_id = caller()
        given = api.read_body(Import, max_characters=MAX_IMPORT_CHARACTERS)
        entries, problems = read_import(given, import_entries.now())
        answers = given.preferences.answers if given.preferences else None
        imported = import_entries(user_id, answers, entries, api.trace)
        return json_response(import_response(imported, problems, has_answers=bool(answers)))
