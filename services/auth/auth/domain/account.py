"""Accounts: users as the user pool knows them, their profiles, and the deletion of both."""

from dataclasses import dataclass, field
from datetime import datetime

from auth.domain.display_name import PublicProfile
from auth.domain.guest import is_guest_address
from auth.domain.username import Username


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the pool. `user_id` is the `sub` of their tokens.

    `federated_username` is the pool's own name of a user who came from Google; for all others that
    is the `sub`.
    """

    user_id: str
    email: str = field(default="", repr=False)
    federated_username: str | None = field(default=None, repr=False)

    @property
    def cognito_username(self) -> str:
        """The name by which the pool's administrative operations identify the user."""
        return self.federated_username or self.user_id


@dataclass(frozen=True, slots=True)
class PoolUser:
    """An account with what the user pool knows of its owner beside it."""

    account: Account
    preferred_username: str | None = None
    given_name: str | None = field(default=None, repr=False)
    is_verified: bool = False

    @property
    def has_verified_address(self) -> bool:
        """Whether the account has an address, and the pool has verified it."""
        email = self.account.email
        return self.is_verified and bool(email) and not is_guest_address(email)


@dataclass(frozen=True, slots=True)
class Registration:
    """What the user pool says of an account and when it was made and last changed."""

    user: PoolUser
    confirmed: bool
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class SignUpResult:
    """A new account. A `confirmed` one needs no verification code."""

    account: Account
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """The data that we store about a user beside the user pool's own record.

    A confirmed user has a username: both are written in the same transaction.
    """

    account: Account
    created_at: datetime
    username: Username | None = None
    confirmed_at: datetime | None = None
    last_login_at: datetime | None = None
    display_name: str | None = None
    avatar: str | None = None
    is_guest: bool = False

    @property
    def public(self) -> PublicProfile | None:
        """What others see, once the user has a name: theirs, else their username."""
        name = self.display_name or (self.username.display if self.username else None)
        return (
            PublicProfile(self.account.user_id, name, self.avatar, self.is_guest) if name else None
        )


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """A deletion in progress. `erased`: the profile and the username no longer exist."""

    account: Account
    started_at: datetime
    username: Username | None = None
    erased: bool = False
