"""OwnScoresFunction: scores titles for one user, and tells their platforms. Invoked by rooms."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.functions import respond
from matinee.observability import count, entry_point
from matinee.validation import validate
from recommender.api.own_scores_schemas import OwnPlatforms, OwnScores, OwnScoresRequest
from recommender.bootstrap import find_own_platforms, score_titles

read_event = partial(validate, OwnScoresRequest)


@entry_point(prepare=score_titles)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {scores, platforms}}, or {"error": {type, message, info}}."""
    return respond(event, OwnScoresRequest, _score)


def _score(request: OwnScoresRequest) -> OwnScores:
    keys = request.keys()
    scores = score_titles()(request.user_id, keys) if keys else {}
    count("TitlesScored", len(scores))
    found = find_own_platforms()(request.user_id) if request.with_platforms else None
    platforms = OwnPlatforms(country=found[0], provider_ids=tuple(found[1])) if found else None
    return OwnScores.from_scores(scores, platforms)
