"""PreSignUpFunction: before the user pool opens an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.api.trigger_schemas import newcomer
from auth.bootstrap import triggers
from matinee.observability import entry_point


@entry_point(prepare=triggers)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return the pool its event, with whether a code is needed; an error refuses the account."""
    wish = newcomer(event).preferred_username
    if triggers().before_sign_up(event["triggerSource"], wish):
        event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
    return event
