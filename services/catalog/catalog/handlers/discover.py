"""DiscoverFunction: finds a room's candidates. Invoked by other services."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.discover_schemas import DiscoverRequest, DiscoverSuccess
from catalog.bootstrap import discoverer
from matinee.errors import MatineeError
from matinee.graphql import as_error
from matinee.ids import new_id
from matinee.observability import correlate, count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, DiscoverRequest)


@entry_point(prepare=discoverer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {candidates, strategy}}, or {"error": {type, message, info}}."""
    started = time.monotonic()
    correlate(str(event.get("correlationId") or new_id())[:128])
    try:
        request = read_event(event)
        discovery = discoverer()(request.criteria())
    except MatineeError as error:
        logger.info("refused", extra={"code": error.code})
        count("DiscoveriesRefused")
        return {"error": as_error(error)}
    logger.info(
        "discovered",
        extra={
            "strategy": discovery.strategy,
            "candidates": len(discovery.candidates),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    count("Discoveries")
    return DiscoverSuccess.from_discovery(discovery).model_dump(mode="json", by_alias=True)
