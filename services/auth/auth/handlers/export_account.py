"""ExportAccountFunction: a user's account, for the export of their data. Invoked by library."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.export_schemas import ExportAccountRequest, ExportedAccount
from auth.bootstrap import export_account
from matinee.functions import respond
from matinee.observability import entry_point
from matinee.validation import validate

read_event = partial(validate, ExportAccountRequest)


@entry_point(prepare=export_account)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": account}, or {"error": {type, message, info}}."""

    def export(request: ExportAccountRequest) -> ExportedAccount:
        return ExportedAccount.from_profile(export_account()(request.user_id))

    return respond(event, ExportAccountRequest, export)
