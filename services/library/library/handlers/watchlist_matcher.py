"""WatchlistMatcherFunction: changes of who streams a title, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from library.bootstrap import watchlist_matcher
from matinee.observability import entry_point


@entry_point(prepare=watchlist_matcher)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages; return those that the queue should deliver again."""
    return watchlist_matcher()(event, context)
