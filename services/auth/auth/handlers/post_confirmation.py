"""PostConfirmationFunction: after the user pool has confirmed an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.trigger_schemas import member
from auth.bootstrap import triggers
from matinee.events.envelope import Trace
from matinee.observability import correlate, entry_point


@entry_point(prepare=triggers)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return the pool its event, as it was."""
    trace = Trace.from_headers(None)
    correlate(trace.correlation_id)
    triggers().after_confirmation(event["userPoolId"], member(event), trace)
    return event
