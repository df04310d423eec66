"""CreateGuestFunction: a guest and their tokens. Invoked by the service that lets them in."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.guest_schemas import CreatedGuest, CreateGuestRequest
from auth.bootstrap import create_guest
from matinee.events.envelope import CORRELATION_HEADER, Trace
from matinee.functions import respond
from matinee.observability import entry_point
from matinee.validation import validate

read_event = partial(validate, CreateGuestRequest)


@entry_point(prepare=create_guest)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return {"data": guest}, or {"error": {type, message, info}}."""

    def create(request: CreateGuestRequest) -> CreatedGuest:
        trace = Trace.from_headers({CORRELATION_HEADER: request.correlation_id or ""})
        return CreatedGuest.from_session(create_guest()(request.name, trace))

    return respond(event, CreateGuestRequest, create)
