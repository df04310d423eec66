"""What the use cases need of the world."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from auth.domain.account import Account, Departure, Profile, Session, Username
from matinee.events.contract import Contract, Envelope


@dataclass(frozen=True, slots=True)
class Member:
    """An account as the pool knows it, with the names that its owner gave."""

    account: Account
    preferred_username: str | None = None
    given_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """An account that was opened. `confirmed`: its owner needs no code."""

    account: Account
    confirmed: bool


class SignUpRefused(Exception):
    """A trigger refused an account; whoever asked for it finds out why."""


class UserPool(Protocol):
    """Where accounts live and passwords are checked.

    Every method raises TooManyAttempts or AccountsUnavailable besides what it names.
    """

    def register(self, email: str, password: str, username: str | None) -> Opening:
        """Open an account.

        Raises EmailAlreadyRegistered, WeakPassword, AddressRefused, SignUpRefused or CodeNotSent.
        """
        ...

    def verify(self, email: str, code: str) -> None:
        """Confirm an account by its code.

        Raises InvalidVerificationCode, VerificationCodeExpired or EmailAlreadyRegistered.
        """
        ...

    def send_code(self, email: str) -> None:
        """Send a new code to an unconfirmed account; any other address changes nothing."""
        ...

    def find(self, user: str) -> Member:
        """Return an account that is there, named by id or address."""
        ...

    def authenticate(self, user: str, password: str) -> Session:
        """Sign a user in, named by id or address.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired or FurtherStepRequired.
        """
        ...

    def refresh(self, refresh_token: str) -> Session:
        """Return new tokens. Raises SessionExpired."""
        ...

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password; an address without an account changes nothing."""
        ...

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password by its code. Raises InvalidResetCode or WeakPassword."""
        ...

    def sign_out(self, user: str) -> None:
        """End every session of a user; again, or of nobody, changes nothing."""
        ...


class Membership(Protocol):
    """What completing a user asks of the pool; raises as UserPool does."""

    def join(self, group: str, user: str) -> None:
        """Put a user into a group; again changes nothing."""
        ...

    def name(self, user: str, username: str) -> None:
        """Keep a username as the preferred one that tokens carry; again changes nothing."""
        ...


class Exit(Protocol):
    """What deleting a user asks of the pool; raises as UserPool does."""

    def bar(self, user: str) -> None:
        """Let a user in no more and end his sessions; again, or of nobody, changes nothing."""
        ...

    def remove(self, user: str) -> None:
        """Delete a user; again, or of nobody, changes nothing."""
        ...


class Users(Protocol):
    """Where profiles and usernames are kept. Every method may raise AccountsUnavailable.

    A change and the event that tells it are one commit.
    """

    def find(self, user_id: str) -> Profile | None:
        """Return a profile as of now. Raises AccountGone for who is leaving or has left."""
        ...

    def greet(self, account: Account, at: datetime) -> Profile | None:
        """Note when and by which address a user signed in, in one write; return his profile.

        None, and nothing is noted, when there is none. Raises AccountGone.
        """
        ...

    def open(self, account: Account, at: datetime, event: Envelope[Contract]) -> bool:
        """Keep a new profile; return False, and changes nothing, when the user has one."""
        ...

    def confirm(
        self, user_id: str, username: Username, at: datetime, event: Envelope[Contract]
    ) -> bool:
        """Reserve a username and note that the user is confirmed, together.

        Answers False, and changes nothing, when he is already. Raises UsernameTaken, AccountGone
        or Contended.
        """
        ...

    def owner_of(self, username: Username) -> str | None:
        """Return whose a username is."""
        ...

    def rename(self, profile: Profile, username: Username, at: datetime) -> None:
        """Reserve a username for a user and free the one that his profile names, together.

        Raises UsernameTaken, AccountGone, or Contended when the profile has changed since.
        """
        ...


class Departures(Protocol):
    """Where deletions are kept until they are done. Every method may raise AccountsUnavailable."""

    def begin(self, account: Account, at: datetime) -> Departure | None:
        """Note that a user leaves, or find it noted; None when he has left already."""
        ...

    def erase(self, departure: Departure, at: datetime, event: Envelope[Contract]) -> None:
        """Erase profile and username and tell it, once. Raises Contended."""
        ...

    def finish(self, departure: Departure, at: datetime) -> None:
        """Forget a departure of whom nothing is left, but for the id."""
        ...

    def unfinished(self, before: datetime) -> Iterable[Departure]:
        """Iterate over the departures that began before a moment and were not finished."""
        ...


class Attempts(Protocol):
    """Counts attempts, within windows of time. Every method raises Unavailable when it cannot."""

    def take(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        """Count one more, in one write, unless the limit is reached.

        Answers None when it was counted, or else how long the limit still holds.
        """
        ...

    def give_back(self, key: str, window: timedelta, now: datetime) -> None:
        """Count one less."""
        ...
