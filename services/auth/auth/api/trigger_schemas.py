"""The events of the user pool's triggers. No user data appears in an error message or a repr."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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
    email_verified: bool = False


def pool_user(event: TriggerEvent) -> PoolUser:
    """Parse the user of a trigger's event. Raises InvalidInput."""
    attributes = validate(UserAttributes, event["request"]["userAttributes"])
    name = event["userName"]
    return PoolUser(
        Account(attributes.sub, attributes.email, name if name != attributes.sub else None),
        preferred_username=attributes.preferred_username,
        given_name=attributes.given_name,
        is_verified=attributes.email_verified,
    )


class FederatedAttributes(BaseModel):
    """What an identity provider says of a user: the claims of its token, and its user info."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    id_token: dict[str, Any] = Field(default_factory=dict, alias="idToken", repr=False)
    user_info: dict[str, Any] = Field(default_factory=dict, alias="userInfo", repr=False)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not ("sub" in self.id_token or "sub" in self.user_info):
            message = "must name the user"
            raise ValueError(message)
        return self


def federated_attributes(event: TriggerEvent) -> dict[str, str]:
    """Parse the attributes of an inbound federation, as texts. Raises InvalidInput."""
    found = validate(FederatedAttributes, event["request"]["attributes"])
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (found.id_token | found.user_info).items()
        if isinstance(value, str | int | float)
    }
