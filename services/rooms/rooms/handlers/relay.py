"""RoomsRelayFunction: the outbox table's stream, and a scheduled sweep of the table."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.events.relay import StreamResponse
from matinee.observability import entry_point
from rooms.bootstrap import relay


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return the record from which the stream should repeat it."""
    return relay().handle(event)
