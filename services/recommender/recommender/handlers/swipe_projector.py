"""SwipeProjectorFunction: projects votes in rooms into tastes."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from recommender.bootstrap import swipe_projector


@entry_point(prepare=swipe_projector)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return swipe_projector()(event, context)
