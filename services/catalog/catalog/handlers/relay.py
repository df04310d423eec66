"""CatalogRelayFunction: publishes the outbox, from its table's stream and by a scheduled sweep."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.bootstrap import relay
from matinee.events.relay import StreamResponse
from matinee.observability import entry_point


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return the record from which the stream continues."""
    return relay().handle(event)
