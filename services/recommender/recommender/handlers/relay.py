"""The relay's function: outbox items, from their table's stream or, by a sweep, from the table."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.events.relay import StreamResponse
from matinee.observability import entry_point
from recommender.bootstrap import relay


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return from where the stream is to show it again."""
    return relay().handle(event)
