"""TrainerFunction: trains a model, by its schedule or when an operator invokes it."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.errors import InvalidInput
from matinee.graphql import as_error
from matinee.observability import entry_point, logger
from matinee.validation import validate
from recommender.api.requests import Training
from recommender.api.schemas import Trained
from recommender.bootstrap import trainer

read_event = partial(validate, Training)


@entry_point(prepare=trainer)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the outcome of a run, or {"error": ...} for an event that is not valid.

    A failure is raised: it is counted, and the invocation is retried.
    """
    try:
        request = read_event(event)
    except InvalidInput as error:
        return {"error": as_error(error)}
    report = trainer()(lambda: context.get_remaining_time_in_millis() / 1000, anew=request.anew)
    response = Trained.from_report(report).model_dump(mode="json")
    logger.info("training_ended", extra=response)
    return response
