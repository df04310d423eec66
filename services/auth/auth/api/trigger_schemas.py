"""What the user pool's triggers are told of a user. Nothing of it shows in a message or a repr."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from auth.api.schemas import Email, Username
from auth.domain.account import Account
from auth.ports import Member
from matinee.validation import validate

type TriggerEvent = dict[str, Any]
"""An event of a trigger: triggerSource, userPoolId, userName, request, response."""


class _Attributes(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class Newcomer(_Attributes):
    """Who is about to get an account."""

    email: Email = Field(repr=False)
    preferred_username: Username | None = None


class Known(_Attributes):
    """Who has an account."""

    sub: Annotated[str, Field(min_length=1)]
    email: str = Field(default="", repr=False)
    preferred_username: str | None = None
    given_name: str | None = Field(default=None, repr=False)


def newcomer(event: TriggerEvent) -> Newcomer:
    """Read whom a pre sign-up is about. Raises InvalidInput, which refuses the account."""
    return validate(Newcomer, event["request"]["userAttributes"])


def member(event: TriggerEvent) -> Member:
    """Read whom a later trigger is about. Raises InvalidInput."""
    known = validate(Known, event["request"]["userAttributes"])
    name = event["userName"]
    return Member(
        Account(known.sub, known.email, name if name != known.sub else None),
        preferred_username=known.preferred_username,
        given_name=known.given_name,
    )
