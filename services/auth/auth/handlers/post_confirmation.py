"""PostConfirmationFunction: after the user pool has confirmed an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.trigger_schemas import pool_user as read_event
from auth.bootstrap import user_pool_triggers
from matinee.events.envelope import Trace
from matinee.observability import correlate, entry_point


@entry_point(prepare=user_pool_triggers)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Handle the trigger and return its event unchanged."""
    trace = Trace.from_headers(event["request"].get("clientMetadata"))
    correlate(trace.correlation_id)
    user_pool_triggers().post_confirmation(event["userPoolId"], read_event(event), trace)
    return event
