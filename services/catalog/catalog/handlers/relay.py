"""The relay's function: outbox items, from their table's stream or, by a sweep, from the table."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.bootstrap import relay
from matinee.observability import entry_point
from matinee.relay import Answer


@entry_point(prepare=relay)
def handler(event: dict[str, Any], _: LambdaContext) -> Answer:
    """Publish a batch of events; answers from where the stream is to show it again."""
    return relay().handle(event)
