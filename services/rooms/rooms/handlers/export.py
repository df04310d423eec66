"""RoomsExportFunction: a user's rooms, votes, matches and decisions. Invoked by library."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.functions import respond
from matinee.observability import entry_point
from matinee.validation import validate
from rooms.api.export_schemas import ExportedUserData, ExportUserRequest
from rooms.bootstrap import user_data_exporter

read_event = partial(validate, ExportUserRequest)


@entry_point(prepare=user_data_exporter)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {rooms, matches, decisions, next}}, or {"error": {type, message, info}}."""

    def export(request: ExportUserRequest) -> ExportedUserData:
        return ExportedUserData.from_part(user_data_exporter()(request.user_id, request.cursor))

    return respond(event, ExportUserRequest, export)
