"""RecommenderRelayFunction: publishes outbox items from the table's stream, or by a sweep."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.events.relay import StreamResponse
from matinee.observability import entry_point
from recommender.bootstrap import relay


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> StreamResponse:
    """Publish a batch of events; return those that the stream should deliver again."""
    return relay().handle(event)
