"""The routes of export and import."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from library.api.bulk_schemas import MAX_IMPORT_CHARACTERS, ExportQuery, Import
from library.api.cursors import decode_export, encode_export
from library.api.export_format import export_response, import_response, read_import
from library.api.letterboxd_file import letterboxd_file
from library.api.routes import CSV, EXPORT, IMPORT
from library.domain.titles import ListName, Position
from library.use_cases.export_films import ExportFilms
from library.use_cases.import_export import (
    ExportCursor,
    ExportUser,
    ImportEntries,
    OtherCursor,
)
from matinee.errors import InvalidInput
from matinee.http.api import HttpApi, json_response
from matinee.principal import Identify


def register(
    api: HttpApi,
    export_user: ExportUser,
    export_films: ExportFilms,
    import_entries: ImportEntries,
    identify: Identify,
) -> None:
    """Register the routes."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(EXPORT.path)
    def export() -> Response[str]:
        user_id = caller()
        query = api.read_query(ExportQuery)
        cursor = decode_export(user_id, query.cursor)
        if query.letterboxd:
            return _file(user_id, ListName(query.letterboxd), cursor)
        return json_response(export_response(user_id, export_user(user_id, cursor)))

    def _file(
        user_id: str, name: ListName, cursor: ExportCursor | OtherCursor | None
    ) -> Response[str]:
        films, after = export_films(user_id, name, _position(cursor, name))
        headers = {"Content-Disposition": f'attachment; filename="letterboxd-{name}.csv"'}
        if after:
            following = encode_export(user_id, ExportCursor(name, after))
            headers["Link"] = f'<export?letterboxd={name}&cursor={following}>; rel="next"'
        return Response(HTTPStatus.OK.value, CSV, letterboxd_file(films), headers)

    @api.routes.post(IMPORT.path)
    def import_() -> Response[str]:
        user_id = caller()
        given = api.read_body(Import, max_characters=MAX_IMPORT_CHARACTERS)
        entries, problems = read_import(given, import_entries.now())
        answers = given.preferences.answers if given.preferences else None
        imported = import_entries(user_id, answers, entries, api.trace)
        return json_response(import_response(imported, problems, has_answers=bool(answers)))


def _position(cursor: ExportCursor | OtherCursor | None, name: ListName) -> Position | None:
    """Return where a list continues; raise InvalidInput for a cursor of something else."""
    if cursor is None:
        return None
    if isinstance(cursor, OtherCursor) or cursor.name is not name:
        raise InvalidInput.at("cursor", "is no cursor of this list: begin without one")
    return cursor.after
