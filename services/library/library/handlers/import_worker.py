"""ImportWorkerFunction: parts of imports, from their queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from library.bootstrap import import_worker
from matinee.observability import entry_point


@entry_point(prepare=import_worker)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages; return those that the queue should deliver again."""
    return import_worker()(event, context)
