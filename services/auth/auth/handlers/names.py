"""NamesFunction: tells how users want to be called. Invoked by other services."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.name_schemas import NamesRequest, NamesSuccess
from auth.bootstrap import list_names
from matinee.errors import MatineeError
from matinee.graphql import as_error
from matinee.ids import new_id
from matinee.observability import correlate, count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, NamesRequest)


@entry_point(prepare=list_names)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {users}}, or {"error": {type, message, info}}."""
    correlate(str(event.get("correlationId") or new_id())[:128])
    try:
        profiles = list_names()(read_event(event).user_ids)
    except MatineeError as error:
        logger.info("refused", extra={"code": error.code})
        count("NamesRefused")
        return {"error": as_error(error)}
    logger.info("named", extra={"users": len(profiles)})
    count("UsersNamed", len(profiles))
    return NamesSuccess.from_profiles(profiles).model_dump(mode="json", by_alias=True)
