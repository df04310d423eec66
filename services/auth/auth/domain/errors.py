"""What may go wrong on the way in. Where the original's pages show a text, it is kept to the word.

A class's name is the error's code; clients branch on it, people read the title.
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


class WeakPassword(InvalidInput):
    """The password breaks the pool's policy; `info["fields"]` says which of its rules."""

    title = (
        "The password needs at least 8 characters, "
        "with an upper-case letter, a lower-case letter and a digit"
    )


class AddressRefused(InvalidInput):
    """The user pool is stricter with addresses or names than we are."""

    title = "This email address or username cannot be registered"


class InvalidVerificationCode(Invalid):
    """The code is wrong or spent, or nobody waits for one: these are not told apart."""

    title = "Invalid verification code"


class VerificationCodeExpired(Invalid):
    """The code was right once."""

    title = "Verification code has expired. Please request a new one."


class UsernameTaken(Conflict):
    """The username is somebody else's."""

    title = "Username is already taken"


class InvalidResetCode(Invalid):
    """The code for a new password is wrong, spent or too old, or nobody asked for one.

    These are not told apart: the pool knows an old code of those only who have an account.
    """

    title = "The code is wrong or has expired. Please request a new one."


class SessionExpired(Unauthorized):
    """The refresh token is too old, revoked, of a deleted user, or no such token at all."""

    title = "Your session has expired. Please sign in again."


class AccountGone(Unauthorized):
    """The account has been deleted, or is being deleted; a token of it may still be about."""

    title = "This account has been deleted"


class DeletionUnfinished(Unavailable):
    """The account is closed, what is left of it could not be removed yet; it will be."""

    title = "Your account is being deleted. This goes on by itself."


class Contended(Unavailable):
    """Somebody else changed the same thing at the same moment."""

    title = "Somebody changed this at the same moment. Please try again."


class InvalidCredentials(Unauthorized):
    """No such user, a wrong password or an account being deleted: these are not told apart."""

    title = "Invalid email or password"


class UserNotConfirmed(Forbidden):
    """The password is right, but the address has not been verified."""

    title = "User account not confirmed"


class PasswordResetRequired(Forbidden):
    """An operator has asked for a new password."""

    title = "This account needs a new password before you can sign in"


class FurtherStepRequired(Forbidden):
    """The pool asks for more than a password; `info["challenge"]` names what."""

    title = "This account asks for a further step that is not offered here"


class TooManyAttempts(RateLimited):
    """We, or the user pool, have had enough for now: of this address, this caller or everybody."""

    title = "Too many attempts. Please try again later."


class CodeNotSent(Unavailable):
    """The account exists, but the message with its code could not be delivered."""

    title = "Your account was created, but the verification code could not be sent"


class AccountsUnavailable(Unavailable):
    """The user pool, or the table of profiles, does not answer as it should."""

    title = "Accounts cannot be reached right now. Please try again."
