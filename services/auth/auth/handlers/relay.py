"""AuthRelayFunction: publishes outbox items, from the table's stream or by a scheduled sweep."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.bootstrap import relay
from matinee.events.relay import StreamResponse
from matinee.observability import entry_point


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return the record from which the stream must continue."""
    return relay().handle(event)
