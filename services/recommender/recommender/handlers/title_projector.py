"""TitleProjectorFunction: projects titles from the catalogue's events."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import entry_point
from recommender.bootstrap import title_projector


@entry_point(prepare=title_projector)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages."""
    return title_projector()(event, context)
