"""GroupDeckFunction: finds the deck of a group. Invoked by rooms."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.errors import MatineeError
from matinee.graphql import as_error
from matinee.ids import new_id
from matinee.observability import correlate, count, entry_point, logger
from matinee.validation import validate
from recommender.api.group_deck_schemas import GroupDeckRequest, GroupDeckSuccess
from recommender.bootstrap import deal_group_deck

read_event = partial(validate, GroupDeckRequest)


@entry_point(prepare=deal_group_deck)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {titles}}, or {"error": {type, message, info}}."""
    started = time.monotonic()
    correlate(str(event.get("correlationId") or new_id())[:128])
    try:
        request = read_event(event)
        deck = deal_group_deck()(request.user_ids, request.deck_request())
    except MatineeError as error:
        logger.info("refused", extra={"code": error.code})
        count("GroupDecksRefused")
        return {"error": as_error(error)}
    logger.info(
        "dealt",
        extra={
            "people": len(request.user_ids),
            "titles": len(deck),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    return GroupDeckSuccess.from_deck(deck).model_dump(mode="json", by_alias=True)
