"""PushSenderFunction: matches and decisions, for devices, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from rooms.bootstrap import push_sender


@entry_point(prepare=push_sender)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return push_sender()(event, context)
