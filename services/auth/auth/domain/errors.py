"""The errors of this service. The name of a class is the error's code; people read the title.

MovieRec's pages show some of these titles, which are therefore kept letter by letter.
"""

from matinee.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidInput,
    RateLimited,
    Unauthorized,
    Unavailable,
)


class EmailAlreadyRegistered(Conflict):
    """The address has an account, confirmed or not."""

    title = "Email is already registered"


class GuestIsUser(Conflict):
    """The token was a guest's; by now the account is that of a user."""

    title = "This guest has an account already. Please sign in."


class WeakPassword(InvalidInput):
    """The password breaks the policy; message and `info["fields"]` name the broken rules.

    The title is for the user pool's refusal, which names none.
    """

    title = (
        "The password needs at least 8 characters, "
        "with an upper-case letter, a lower-case letter and a digit"
    )


class AddressRefused(InvalidInput):
    """The user pool refuses an address or a name that we accept."""

    title = "This email address or username cannot be registered"


class InvalidVerificationCode(Invalid):
    """The code is wrong or already used, or no account waits for one: all get the same error."""

    title = "Invalid verification code"


class VerificationCodeExpired(Invalid):
    """The code was valid and has expired."""

    title = "Verification code has expired. Please request a new one."


class UsernameTaken(Conflict):
    """The username belongs to another user."""

    title = "Username is already taken"


class InvalidResetCode(Invalid):
    """The code for a new password is wrong, used or expired, or there is no account.

    All get the same error: the user pool reports an expired code for existing accounts only.
    """

    title = "The code is wrong or has expired. Please request a new one."


class SessionExpired(Unauthorized):
    """The refresh token is expired, revoked, of a deleted user, or invalid."""

    title = "Your session has expired. Please sign in again."


class AccountGone(Unauthorized):
    """The account has been deleted or is being deleted; its last token may still be valid."""

    title = "This account has been deleted"


class DeletionUnfinished(Unavailable):
    """The account is closed; the rest of its deletion is completed later, without the user."""

    title = "Your account is being deleted. The rest will be done automatically."


class WriteConflict(Unavailable):
    """Another request changed the same data at the same time."""

    title = "This was changed by another request at the same time. Please try again."


class InvalidCredentials(Unauthorized):
    """An unknown user, a wrong password or an account being deleted: all get the same error."""

    title = "Invalid email or password"


class UserNotConfirmed(Forbidden):
    """The password is right, but the address is not verified."""

    title = "User account not confirmed"


class PasswordResetRequired(Forbidden):
    """An operator has required a new password."""

    title = "This account needs a new password before you can sign in"


class FurtherStepRequired(Forbidden):
    """The user pool asks for more than a password; `info["challenge"]` names the challenge."""

    title = "This account requires a further sign-in step, which is not supported here"


class CodeNotSent(Unavailable):
    """The account exists, but the message with its code could not be delivered."""

    title = "Your account was created, but the verification code could not be sent"


class AccountsUnavailable(Unavailable):
    """The user pool or a table does not respond, or fails.

    `response_lost`: the request was sent, so what it asks for may have been done all the same.
    """

    title = "Accounts cannot be reached right now. Please try again."

    def __init__(self, *, response_lost: bool = False) -> None:
        self.response_lost = response_lost
        super().__init__()


TRANSIENT_ERRORS = (RateLimited, Unavailable)
"""What may succeed if it is tried again later."""
