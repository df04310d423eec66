"""LibraryRelayFunction: outbox items, from their table's stream or, by a sweep, from the table."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from library.bootstrap import relay
from matinee.events.relay import StreamResponse
from matinee.observability import entry_point


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return the record from which the stream should continue."""
    return relay().handle(event)
