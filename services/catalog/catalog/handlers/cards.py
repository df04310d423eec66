"""CardsFunction: shows the details of titles at hand. Invoked by rooms."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.api.card_schemas import Cards, CardsRequest
from catalog.bootstrap import stored_titles
from matinee.functions import respond
from matinee.observability import count, entry_point
from matinee.validation import validate

read_event = partial(validate, CardsRequest)


@entry_point(prepare=stored_titles)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": {cards}}, or {"error": {type, message, info}}."""
    return respond(event, CardsRequest, _show)


def _show(request: CardsRequest) -> Cards:
    found = stored_titles().get_many(request.keys())
    count("CardsShown", len(found))
    return Cards.from_titles(found.values(), request)
