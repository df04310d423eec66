"""PreSignUpFunction: before the user pool creates an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.trigger_schemas import requested_username
from auth.bootstrap import user_pool_triggers
from matinee.observability import entry_point


@entry_point(prepare=user_pool_triggers)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return the event, with whether the account is confirmed; an error refuses the account."""
    if user_pool_triggers().pre_sign_up(event["triggerSource"], requested_username(event)):
        event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
    return event
