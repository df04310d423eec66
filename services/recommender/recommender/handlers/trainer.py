"""TrainerFunction: trains a model, on its schedule or whenever somebody invokes it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.graphql import read
from matinee.observability import entry_point, logger
from recommender.bootstrap import trainer
from recommender.learner import CooccurrenceLearner
from recommender.schemas import Trained, Training


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer what the run came to. A failure is raised: whoever invoked it tries again."""
    asked = read(Training, event)
    report = trainer(CooccurrenceLearner()).run(
        lambda: context.get_remaining_time_in_millis() / 1000, anew=asked.anew
    )
    answer = Trained.of(report).model_dump(mode="json")
    logger.info("training_ended", extra=answer)
    return answer
