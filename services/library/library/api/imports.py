"""The routes of imports: receive a file, show what becomes of its rows, complete one by hand."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from library.api.cursors import decode_row, encode_row
from library.api.import_files import parse_file
from library.api.import_schemas import (
    ChosenTitle,
    CompletedRow,
    ImportDetails,
    ImportId,
    ImportList,
    ImportReport,
    RowNumber,
    RowReport,
    RowsQuery,
    UploadQuery,
)
from library.api.import_upload import read_upload
from library.api.routes import (
    COMPLETE_IMPORT_ROW,
    IMPORT_FILE,
    LIST_IMPORTS,
    SHOW_IMPORT,
)
from library.domain.imports import RowStatus
from library.use_cases.complete_row import CompleteRow
from library.use_cases.import_file import ImportFile
from library.use_cases.read_imports import ReadImports
from matinee.http.api import HttpApi, json_response
from matinee.http.routes import pattern_of
from matinee.principal import Identify
from matinee.validation import validate

_DONE = {RowStatus.ADDED: "Added to your list", RowStatus.ALREADY: "Already on your list"}


def register(
    api: HttpApi,
    import_file: ImportFile,
    imports: ReadImports,
    complete_row: CompleteRow,
    identify: Identify,
) -> None:
    """Register the routes."""

    def request() -> Mapping[str, Any]:
        return api.routes.current_event.raw_event

    @api.routes.post(IMPORT_FILE.path)
    def receive() -> Response[str]:
        user_id = identify(request()).user_id
        file = read_upload(request(), api.read_query(UploadQuery))
        parsed = parse_file(file, import_file.now())
        received = import_file(user_id, file.name, file.content, parsed, api.trace)
        location = {"Location": f"{IMPORT_FILE.path}/{received.id}"}
        return json_response(_json(ImportReport.of(received)), HTTPStatus.ACCEPTED, location)

    @api.routes.get(LIST_IMPORTS.path)
    def list_all() -> Response[str]:
        found = imports.list(identify(request()).user_id)
        return json_response(_json(ImportList(items=[ImportReport.of(one) for one in found])))

    @api.routes.get(pattern_of(SHOW_IMPORT))
    def show() -> Response[str]:
        user_id = identify(request()).user_id
        import_id = validate(ImportId, request()["pathParameters"]).import_id
        query = api.read_query(RowsQuery)
        after = decode_row(user_id, import_id, query.cursor)
        found = imports.get(user_id, import_id)
        page = imports.rows(user_id, import_id, after, query.limit, query.status)
        report = ImportReport.of(found).model_dump()
        body = ImportDetails(
            **report,
            results=[RowReport.of(row) for row in page.rows],
            next_cursor=encode_row(user_id, import_id, page.next),
        )
        return json_response(_json(body))

    @api.routes.put(pattern_of(COMPLETE_IMPORT_ROW))
    def complete() -> Response[str]:
        user_id = identify(request()).user_id
        place = validate(RowNumber, request()["pathParameters"])
        title = api.read_body(ChosenTitle).to_title()
        row = complete_row(user_id, place.import_id, place.number, title)
        return json_response(_json(CompletedRow(message=_DONE[row.status], row=RowReport.of(row))))


def _json(body: BaseModel) -> dict[str, Any]:
    values: dict[str, Any] = body.model_dump(mode="json", by_alias=True, exclude_none=True)
    return values
