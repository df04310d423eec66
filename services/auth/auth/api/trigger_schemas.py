"""The events of the user pool's triggers. No user data appears in an error message or a repr."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from auth.domain.account import Account, PoolUser
from matinee.validation import validate

type TriggerEvent = dict[str, Any]
"""An event of a trigger: triggerSource, userPoolId, userName, request, response."""


class UserAttributes(BaseModel):
    """The attributes of an existing user."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    sub: Annotated[str, Field(min_length=1)]
    email: str = Field(default="", repr=False)
    preferred_username: str | None = None
    given_name: str | None = Field(default=None, repr=False)


def pool_user(event: TriggerEvent) -> PoolUser:
    """Parse the user of a trigger's event. Raises InvalidInput."""
    attributes = validate(UserAttributes, event["request"]["userAttributes"])
    name = event["userName"]
    return PoolUser(
        Account(attributes.sub, attributes.email, name if name != attributes.sub else None),
        preferred_username=attributes.preferred_username,
        given_name=attributes.given_name,
    )
