"""ResolveFunction: finds the titles that rows of imports mean. Invoked by other services."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.resolve_schemas import ResolveRequest, ResolveSuccess, Results
from catalog.bootstrap import resolver
from matinee.functions import respond
from matinee.observability import count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, ResolveRequest)


@entry_point(prepare=resolver)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {results, retryAfter}}, or {"error": {type, message, info}}."""
    return respond(event, ResolveRequest, _resolve, refusals="ResolutionsRefused")


def _resolve(request: ResolveRequest) -> Results:
    started = time.monotonic()
    resolved = resolver()(request.refs())
    logger.info(
        "resolved",
        extra={
            "titles": len(resolved.outcomes),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    count("TitlesResolved", len(resolved.outcomes))
    return ResolveSuccess.from_resolutions(resolved).data
