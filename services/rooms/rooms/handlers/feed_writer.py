"""FeedWriterFunction: what rooms' feeds tell, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from rooms.bootstrap import feed_writer


@entry_point(prepare=feed_writer)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return feed_writer()(event, context)
