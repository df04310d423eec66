"""DiscoverFunction: finds a room's candidates. Invoked by other services."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.discover_schemas import Candidates, DiscoverRequest, DiscoverSuccess
from catalog.bootstrap import discoverer
from matinee.functions import respond
from matinee.observability import count, entry_point, logger
from matinee.validation import validate

read_event = partial(validate, DiscoverRequest)


@entry_point(prepare=discoverer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {candidates, strategy}}, or {"error": {type, message, info}}."""
    return respond(event, DiscoverRequest, _discover, refusals="DiscoveriesRefused")


def _discover(request: DiscoverRequest) -> Candidates:
    started = time.monotonic()
    discovery = discoverer()(request.criteria())
    logger.info(
        "discovered",
        extra={
            "strategy": discovery.strategy,
            "candidates": len(discovery.candidates),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    count("Discoveries")
    return DiscoverSuccess.from_discovery(discovery).data
