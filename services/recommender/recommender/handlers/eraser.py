"""TasteEraserFunction: erases users whose accounts are deleted."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from recommender.bootstrap import eraser


@entry_point(prepare=eraser)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return eraser()(event, context)
