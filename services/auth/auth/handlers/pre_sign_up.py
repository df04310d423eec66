"""PreSignUpFunction: before the user pool opens an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from matinee.observability import entry_point


@entry_point
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Answer the pool its event, as it is to go on."""
    return bootstrap.triggers(event["userPoolId"]).before_sign_up(event)
