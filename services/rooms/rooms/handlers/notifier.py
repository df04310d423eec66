"""NotifierFunction: matches, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from rooms.bootstrap import notifier


@entry_point(prepare=notifier)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return notifier()(event, context)
