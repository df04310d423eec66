"""The ports: what the use cases need from the user pool, the tables and the event factory."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from auth.domain.account import (
    Account,
    AccountDeletion,
    PoolUser,
    Profile,
    Registration,
    SignUpResult,
)
from auth.domain.display_name import PublicProfile
from auth.domain.session import Session
from auth.domain.username import Username
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.rate_limits import RateLimit


@dataclass(frozen=True, slots=True)
class Caller:
    """The origin of a request: its IP address, and the trace that it starts."""

    source: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class SignedInGuest:
    """A guest who asks, and the token by which the pool lets them change their own address."""

    account: Account
    access_token: str = field(repr=False)


class SignUpClient(Protocol):
    """The user pool for new accounts.

    Every method of the clients of the pool also raises TooManyAttempts or AccountsUnavailable.
    """

    def register(
        self, email: str, password: str, username: str | None, trace: Trace | None = None
    ) -> SignUpResult:
        """Create an account. The pool's triggers continue the trace.

        Raises EmailAlreadyRegistered, WeakPassword, AddressRefused or CodeNotSent.
        """
        ...

    def verify(self, email: str, code: str, trace: Trace | None = None) -> None:
        """Confirm an account by its code. The pool's triggers continue the trace.

        Raises InvalidVerificationCode, VerificationCodeExpired or EmailAlreadyRegistered.
        """
        ...

    def resend_code(self, email: str) -> None:
        """Send a new code to an unconfirmed account; do nothing for any other address."""
        ...

    def find(self, user: str) -> Registration | None:
        """Return an account, by id or address; None for an unknown one."""
        ...


class GuestPool(Protocol):
    """The user pool for guests."""

    def create_guest(self, email: str, password: str) -> Account:
        """Create a confirmed user of no group, with an address that no mail is sent to."""
        ...


class UpgradePool(Protocol):
    """The user pool for guests who become users."""

    def set_password(self, user: str, password: str) -> None:
        """Set a user's password. Raises WeakPassword or AccountGone."""
        ...

    def send_address_code(self, access_token: str, email: str) -> None:
        """Send a code to a new address of a user, who keeps theirs until it is verified.

        Raises EmailAlreadyRegistered, AddressRefused, SessionExpired or AccountGone.
        """
        ...

    def verify_address(self, access_token: str, code: str) -> None:
        """Give a user the address that a code was sent to.

        Raises InvalidVerificationCode, VerificationCodeExpired, EmailAlreadyRegistered,
        SessionExpired or AccountGone.
        """
        ...

    def set_address(self, user: str, email: str) -> None:
        """Give a user an address as a verified one. Raises as `send_address_code` does."""
        ...

    def find(self, user: str) -> Registration | None:
        """Return an account, by id or address; None for an unknown one."""
        ...


class SessionClient(Protocol):
    """The user pool for sessions."""

    def authenticate(self, user: str, password: str) -> Session:
        """Sign a user in, by id or address.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired or FurtherStepRequired.
        """
        ...

    def refresh(self, refresh_token: str) -> Session:
        """Return new tokens. Raises SessionExpired or PasswordResetRequired."""
        ...

    def sign_out(self, user: str) -> None:
        """End every session of a user. Idempotent; an unknown user changes nothing."""
        ...


class PasswordClient(Protocol):
    """The user pool for forgotten passwords."""

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password; do nothing for an address without an account."""
        ...

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password by its code. Raises InvalidResetCode or WeakPassword."""
        ...


class Membership(Protocol):
    """The user pool for the provisioning of users."""

    def add_to_group(self, group: str, user: str) -> None:
        """Add a user to a group. Idempotent."""
        ...

    def remove_from_group(self, group: str, user: str) -> None:
        """Remove a user from a group. Idempotent."""
        ...

    def set_username(self, user: str, username: str) -> None:
        """Set the preferred username that tokens carry. Idempotent."""
        ...


class UserDirectory(Protocol):
    """The user pool for the deletion of users."""

    def disable(self, user: str) -> None:
        """Refuse further sign-ins and end all sessions. Idempotent, also for an unknown user."""
        ...

    def delete(self, user: str) -> None:
        """Delete a user. Idempotent, also for an unknown user."""
        ...

    def find_by_id(self, user_id: str) -> PoolUser | None:
        """Return a user by id, wherever they come from; None for an unknown one."""
        ...


class Users(Protocol):
    """The repository of profiles. Every method may raise AccountsUnavailable.

    A change and its event are written in one transaction.
    """

    def find(self, user_id: str) -> Profile | None:
        """Return the current profile. Raises AccountGone when it is deleted or being deleted."""
        ...

    def record_login(self, account: Account, at: datetime) -> Profile | None:
        """Record time and address of a sign-in in one write and return the profile.

        Returns None, and records nothing, when there is no profile. Raises AccountGone.
        """
        ...

    def create(
        self,
        account: Account,
        at: datetime,
        event: Envelope[Contract],
        guest_name: str | None = None,
    ) -> bool:
        """Create a profile, that of a guest with their name.

        Returns False, and changes nothing, when the user has one.
        """
        ...

    def confirm(
        self,
        user_id: str,
        username: Username,
        at: datetime,
        *events: Envelope[Contract],
        email: str = "",
    ) -> bool:
        """Reserve a username and confirm the user, who is no guest any more, in one transaction.

        `email` is their address from now on, if it is another one.

        Returns False, and changes nothing, for a user who is already confirmed. Raises
        UsernameTaken, AccountGone or WriteConflict.
        """
        ...

    def set_public_profile(self, user_id: str, name: str | None, avatar: str | None) -> Profile:
        """Replace what a user shows of themselves. Raises AccountGone."""
        ...


class PublicProfiles(Protocol):
    """The repository of profiles for other services. May raise AccountsUnavailable."""

    def list_public(self, user_ids: Collection[str]) -> Iterable[PublicProfile]:
        """Yield the public profiles of up to a hundred users, in no order."""
        ...


class Profiles(Protocol):
    """The repository of profiles for the reconciliation. May raise AccountsUnavailable."""

    def everybody(self, start: str) -> Iterable[Profile]:
        """Yield every profile once, beginning anywhere: at a place that an id gives.

        Accounts that are being deleted, and have been, are left out.
        """
        ...


class Usernames(Protocol):
    """The repository of usernames. Every method may raise AccountsUnavailable."""

    def find_owner(self, username: Username) -> str | None:
        """Return the id of the user to whom a username belongs now."""
        ...

    def change(self, profile: Profile, username: Username, at: datetime) -> None:
        """Reserve a username and release the profile's present one in one transaction.

        Raises UsernameTaken, or WriteConflict when the profile has changed since it was read.
        """
        ...


class DeletionLog(Protocol):
    """The repository of deletions in progress. Every method may raise AccountsUnavailable."""

    def begin(
        self, account: Account, at: datetime, *, of_guest: bool = False
    ) -> AccountDeletion | None:
        """Record a new deletion, or return the recorded one; None when it is finished.

        None, too, for one `of_guest` whose account is that of a user.
        """
        ...

    def erase(self, deletion: AccountDeletion, at: datetime, event: Envelope[Contract]) -> None:
        """Erase profile and username and write the event, once. Raises WriteConflict."""
        ...

    def finish(self, deletion: AccountDeletion, at: datetime) -> None:
        """Mark a deletion as finished. Only the user's id is kept, for a limited time."""
        ...

    def unfinished(self, before: datetime) -> Iterable[AccountDeletion]:
        """Yield the unfinished deletions that began before a time, oldest first."""
        ...


class RateLimiter(Protocol):
    """Limits attempts by what was typed and by where they come from. Never raises Unavailable."""

    def check(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Count an attempt. Raises TooManyAttempts with the time to wait."""
        ...

    def refund(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Take back the count of an attempt that has succeeded."""
        ...


class RequestLog(Protocol):
    """Remembers requests for minutes, to recognize a repeated one. Never raises Unavailable.

    A request is its name and its values in their order; none of them is stored as it is.
    """

    def begin(self, *request: str) -> datetime | None:
        """Record a request; return when it was first made, None when this is the first time."""
        ...

    def forget(self, *request: str) -> None:
        """Forget a request that was refused."""
        ...


class EventFactory(Protocol):
    """Creates the events of this service, within the trace of a request."""

    def user_registered(
        self, user_id: str, at: datetime, trace: Trace, *, guest: bool = False
    ) -> Envelope[Contract]:
        """Create the event of a new account."""
        ...

    def user_confirmed(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user who may sign in from now on."""
        ...

    def guest_upgraded(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a guest who is a user from now on."""
        ...

    def user_deleted(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a deleted account."""
        ...
