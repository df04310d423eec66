"""TrainerFunction: trains a model, on its schedule or whenever somebody invokes it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.errors import InvalidInput
from matinee.graphql import as_error
from matinee.observability import entry_point, logger
from matinee.validation import validate
from recommender.api.schemas import Trained, Training
from recommender.bootstrap import trainer


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return what the run came to, or {"error": ...} for an event that is none of ours.

    A failure is raised: it is counted, and whoever invoked the function tries again.
    """
    try:
        asked = validate(Training, event)
    except InvalidInput as error:
        return {"error": as_error(error)}
    report = trainer().run(lambda: context.get_remaining_time_in_millis() / 1000, anew=asked.anew)
    answer = Trained.of(report).model_dump(mode="json")
    logger.info("training_ended", extra=answer)
    return answer
