"""RefreshWorkerFunction: refreshes the pages of its work queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.bootstrap import refresh_worker
from matinee.observability import entry_point


@entry_point(prepare=refresh_worker)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Refresh the page of each message."""
    return refresh_worker()(event, context)
