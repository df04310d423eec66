"""GroupDeckFunction: finds the deck of a group. Invoked by rooms."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.functions import respond
from matinee.observability import entry_point, logger
from matinee.validation import validate
from recommender.api.group_deck_schemas import GroupDeck, GroupDeckRequest, GroupDeckSuccess
from recommender.bootstrap import deal_group_deck

read_event = partial(validate, GroupDeckRequest)


@entry_point(prepare=deal_group_deck)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {titles}}, or {"error": {type, message, info}}."""
    return respond(event, GroupDeckRequest, _deal, refusals="GroupDecksRefused")


def _deal(request: GroupDeckRequest) -> GroupDeck:
    started = time.monotonic()
    deck = deal_group_deck()(request.user_ids, request.deck_request())
    logger.info(
        "dealt",
        extra={
            "people": len(request.user_ids),
            "titles": len(deck),
            "milliseconds": round((time.monotonic() - started) * 1000),
        },
    )
    return GroupDeckSuccess.from_deck(deck).data
