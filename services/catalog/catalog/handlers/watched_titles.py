"""WatchedTitlesFunction: titles that users put on watchlists, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.bootstrap import watched_titles
from matinee.observability import entry_point


@entry_point(prepare=watched_titles)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages; return those that the queue should deliver again."""
    return watched_titles()(event, context)
