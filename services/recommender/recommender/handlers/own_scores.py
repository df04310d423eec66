"""OwnScoresFunction: scores titles for one user. Invoked by rooms."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.functions import respond
from matinee.observability import count, entry_point
from matinee.validation import validate
from recommender.api.own_scores_schemas import OwnScores, OwnScoresRequest
from recommender.bootstrap import score_titles

read_event = partial(validate, OwnScoresRequest)


@entry_point(prepare=score_titles)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {scores}}, or {"error": {type, message, info}}."""
    return respond(event, OwnScoresRequest, _score)


def _score(request: OwnScoresRequest) -> OwnScores:
    scores = score_titles()(request.user_id, request.keys())
    count("TitlesScored", len(scores))
    return OwnScores.from_scores(scores)
