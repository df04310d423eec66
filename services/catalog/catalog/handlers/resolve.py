"""ResolveFunction: finds the titles that rows of imports mean. Invoked by other services."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.resolve_schemas import ResolveRequest, ResolveSuccess
from catalog.bootstrap import resolver
from matinee.errors import MatineeError
from matinee.graphql import as_error
from matinee.ids import new_id
from matinee.observability import correlate, count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, ResolveRequest)


@entry_point(prepare=resolver)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {results, retryAfter}}, or {"error": {type, message, info}}."""
    started = time.monotonic()
    correlate(str(event.get("correlationId") or new_id())[:128])
    try:
        request = read_event(event)
        resolved = resolver()(request.refs())
    except MatineeError as error:
        logger.info("refused", extra={"code": error.code})
        count("ResolutionsRefused")
        return {"error": as_error(error)}
    logger.info(
        "resolved",
        extra={
            "titles": len(resolved.outcomes),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    count("TitlesResolved", len(resolved.outcomes))
    return ResolveSuccess.from_resolutions(resolved).model_dump(mode="json", by_alias=True)
