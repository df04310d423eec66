"""MatchDetectorFunction: votes, changes of membership and ends of rooms, from its queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from rooms.bootstrap import match_detector


@entry_point(prepare=match_detector)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return match_detector()(event, context)
