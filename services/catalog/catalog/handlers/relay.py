"""The relay's function: outbox items, from their table's stream or, by a sweep, from the table."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.bootstrap import relay
from matinee.observability import entry_point


@entry_point
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    """Publish a batch of events; an error makes the stream show the batch again."""
    relay().handle(event)
