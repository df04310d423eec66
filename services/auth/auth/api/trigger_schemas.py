"""The events of the user pool's triggers. No user data appears in an error message or a repr."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from auth.api.schemas import Email, Username
from auth.domain.account import Account, PoolUser
from matinee.validation import validate

type TriggerEvent = dict[str, Any]
"""An event of a trigger: triggerSource, userPoolId, userName, request, response."""


class _UserAttributes(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class NewUserAttributes(_UserAttributes):
    """The attributes of a user who is signing up."""

    email: Email = Field(repr=False)
    preferred_username: Username | None = None


class UserAttributes(_UserAttributes):
    """The attributes of an existing user."""

    sub: Annotated[str, Field(min_length=1)]
    email: str = Field(default="", repr=False)
    preferred_username: str | None = None
    given_name: str | None = Field(default=None, repr=False)


def requested_username(event: TriggerEvent) -> str | None:
    """Parse the username of a pre sign-up event. Raises InvalidInput, also for a bad address."""
    return validate(NewUserAttributes, event["request"]["userAttributes"]).preferred_username


def pool_user(event: TriggerEvent) -> PoolUser:
    """Parse the user of a later trigger's event. Raises InvalidInput."""
    attributes = validate(UserAttributes, event["request"]["userAttributes"])
    name = event["userName"]
    return PoolUser(
        Account(attributes.sub, attributes.email, name if name != attributes.sub else None),
        preferred_username=attributes.preferred_username,
        given_name=attributes.given_name,
    )
