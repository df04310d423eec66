"""TasteProjectorFunction: projects tastes from the library's events."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from recommender.bootstrap import taste_projector


@entry_point(prepare=taste_projector)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return taste_projector()(event, context)
