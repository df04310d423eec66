"""NamesFunction: tells how users want to be called. Invoked by other services."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.name_schemas import NamedUsers, NamesRequest, NamesSuccess
from auth.bootstrap import list_names
from matinee.functions import respond
from matinee.observability import count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, NamesRequest)


@entry_point(prepare=list_names)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {users}}, or {"error": {type, message, info}}."""
    return respond(event, NamesRequest, _names, refusals="NamesRefused")


def _names(request: NamesRequest) -> NamedUsers:
    profiles = list_names()(request.user_ids)
    logger.info("named", extra={"users": len(profiles)})
    count("UsersNamed", len(profiles))
    return NamesSuccess.from_profiles(profiles).data
