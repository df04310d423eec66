"""PreSignUpFunction: before the user pool creates an account."""

from operator import itemgetter
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.bootstrap import auto_confirm
from matinee.observability import entry_point

read_event = itemgetter("triggerSource")


@entry_point(prepare=auto_confirm)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return the event, with whether the account is confirmed."""
    if auto_confirm().confirms(read_event(event)):
        event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
    return event
