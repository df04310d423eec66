"""The events that the auth service publishes. Their schemas are in contracts/events/auth/.

They identify users by their id only: no address, no name, no username.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from matinee.events.contract import Contract, Registry

type UserId = Annotated[str, Field(description="The user's Cognito sub.")]


class AuthContract(Contract):
    """An event of the auth service."""

    source: ClassVar[str] = "matinee.auth"


class UserRegistered(AuthContract):
    """A user has created an account; its address may not be verified yet."""

    schema_version: ClassVar[str] = "1.1"
    trigger: ClassVar[str] = "A sign-up is accepted, or a guest is let in."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId
    guest: bool | None = Field(
        default=None,
        description="true for a guest of one room, who is deleted after seven days; absent"
        " otherwise.",
    )


class UserConfirmed(AuthContract):
    """A user's address has been verified: they may sign in from now on."""

    trigger: ClassVar[str] = (
        "The verification code was right, or the identity provider has verified the address."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


class GuestUpgraded(AuthContract):
    """A guest has become a user: the same id, and all that they did with it, stay.

    UserConfirmed comes with it. Nothing deletes them any more after seven days.
    """

    trigger: ClassVar[str] = "The address that a guest gave is verified."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


class UserDeleted(AuthContract):
    """A user has deleted their account. Every subscriber must erase what it stores about them.

    It is the last event with this id: a later account with the same address has another one.
    """

    trigger: ClassVar[str] = "The data of a disabled account is erased."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


PUBLISHED = Registry([UserRegistered, UserConfirmed, GuestUpgraded, UserDeleted])
