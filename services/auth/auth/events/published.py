"""The events that the auth service publishes. Their schemas are in contracts/events/auth/.

They name people by their ids alone: no address, no name, no username.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from matinee.events.contract import Contract, Registry

type UserId = Annotated[str, Field(description="The user's Cognito sub.")]


class AuthContract(Contract):
    """An event of the auth service. It names people by their ids alone."""

    source: ClassVar[str] = "matinee.auth"


class UserRegistered(AuthContract):
    """Somebody opened an account; his address may still have to be verified."""

    trigger: ClassVar[str] = "A sign-up is accepted."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


class UserConfirmed(AuthContract):
    """A user's address was verified, or vouched for: he may sign in from now on."""

    trigger: ClassVar[str] = (
        "The e-mail's code was right, or the identity provider vouches for the address."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


class UserDeleted(AuthContract):
    """A user deleted his account. Whoever holds anything of him erases it, for good.

    It is the last event of this id: who opens an account with the same address gets another one.
    """

    trigger: ClassVar[str] = "An account is deleted, after it was barred."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)

    user_id: UserId


PUBLISHED = Registry([UserRegistered, UserConfirmed, UserDeleted])
