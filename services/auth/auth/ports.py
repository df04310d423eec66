"""What the use cases need of the world."""

from typing import Protocol

from auth.domain import Account, Profile, Session


class UserPool(Protocol):
    """Where accounts live and passwords are checked.

    Every method raises TooManyAttempts or AccountsUnavailable besides what it names.
    """

    def register(self, email: str, password: str, username: str | None) -> Account:
        """Open an unconfirmed account.

        Raises EmailAlreadyRegistered, WeakPassword, AddressRefused or CodeNotSent.
        """
        ...

    def verify(self, email: str, code: str) -> None:
        """Confirm an account by its code.

        Raises InvalidVerificationCode, VerificationCodeExpired or EmailAlreadyRegistered.
        """
        ...

    def confirm(self, user: str) -> None:
        """Confirm an account, named by id or address, without a code; again changes nothing."""
        ...

    def join(self, group: str, user_id: str) -> None:
        """Put a user into a group; again changes nothing."""
        ...

    def authenticate(self, email: str, password: str) -> Session:
        """Sign a user in.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired or FurtherStepRequired.
        """
        ...


class Profiles(Protocol):
    """Where profiles are kept."""

    def create(self, profile: Profile) -> bool:
        """Keep a profile; answers False, and changes nothing, when the user has one.

        Raises AccountsUnavailable.
        """
        ...
