"""Cognito's error codes and what they mean here. No other module knows them.

An error is mapped by its code only, and chained to nothing: Cognito's messages may quote what they
refuse, an address for example, and must not reach a log.
"""

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    SSLError,
)

from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    PasswordResetRequired,
    SessionExpired,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from matinee.errors import Forbidden, MatineeError, TooManyAttempts
from matinee.observability import logger

type ErrorCodes = Mapping[str, type[MatineeError]]
"""Cognito's error codes and our errors."""

_RETRY_AFTER = {
    "TooManyRequestsException": 5.0,
    "ThrottlingException": 5.0,
    "LimitExceededException": 60.0,
    "TooManyFailedAttemptsException": 300.0,
}
"""Seconds. Cognito does not say how long to wait: its request rates recover at once, its limits per
user within minutes."""

_ANY_OPERATION: ErrorCodes = {"ForbiddenException": Forbidden}
"""A web application firewall in front of the pool refuses the caller."""


class UnknownUser(MatineeError):
    """The pool has no such user. It does not leave the adapter."""


LOOK_UP: ErrorCodes = {"UserNotFoundException": UnknownUser}
REGISTER: ErrorCodes = {
    "UsernameExistsException": EmailAlreadyRegistered,
    "AliasExistsException": EmailAlreadyRegistered,
    "InvalidPasswordException": WeakPassword,
    "InvalidParameterException": AddressRefused,
    "CodeDeliveryFailureException": CodeNotSent,
}
VERIFY: ErrorCodes = {
    "CodeMismatchException": InvalidVerificationCode,
    "ExpiredCodeException": VerificationCodeExpired,
    "AliasExistsException": EmailAlreadyRegistered,
    # An unknown address, a confirmed account, a malformed code: the same error, so that nobody
    # learns which addresses have accounts.
    "UserNotFoundException": InvalidVerificationCode,
    "NotAuthorizedException": InvalidVerificationCode,
    "InvalidParameterException": InvalidVerificationCode,
}
AUTHENTICATE: ErrorCodes = {
    "NotAuthorizedException": InvalidCredentials,
    "UserNotFoundException": InvalidCredentials,
    "UserNotConfirmedException": UserNotConfirmed,
    "PasswordResetRequiredException": PasswordResetRequired,
    "UserLambdaValidationException": InvalidCredentials,  # the account is being deleted
}
REFRESH: ErrorCodes = {
    "NotAuthorizedException": SessionExpired,
    "UserNotFoundException": SessionExpired,
    "InvalidParameterException": SessionExpired,
    "RefreshTokenReuseException": SessionExpired,
    "UserNotConfirmedException": SessionExpired,
    "UserLambdaValidationException": SessionExpired,
    "PasswordResetRequiredException": PasswordResetRequired,
}
RESET: ErrorCodes = {
    "CodeMismatchException": InvalidResetCode,
    "ExpiredCodeException": InvalidResetCode,
    "UserNotFoundException": InvalidResetCode,
    "NotAuthorizedException": InvalidResetCode,
    "InvalidParameterException": InvalidResetCode,
    "UserNotConfirmedException": InvalidResetCode,
    "InvalidPasswordException": WeakPassword,
    "PasswordHistoryPolicyViolationException": WeakPassword,
}
SET_PASSWORD: ErrorCodes = {
    "InvalidPasswordException": WeakPassword,
    "PasswordHistoryPolicyViolationException": WeakPassword,
    "UserNotFoundException": AccountGone,
}
NEW_ADDRESS: ErrorCodes = {
    "AliasExistsException": EmailAlreadyRegistered,
    "UsernameExistsException": EmailAlreadyRegistered,
    "InvalidParameterException": AddressRefused,
    "CodeDeliveryFailureException": AddressRefused,
    # The user has been deleted or disabled, or has signed out everywhere.
    "NotAuthorizedException": SessionExpired,
    "UserNotFoundException": AccountGone,
}
VERIFY_ADDRESS: ErrorCodes = {
    "CodeMismatchException": InvalidVerificationCode,
    "ExpiredCodeException": VerificationCodeExpired,
    "AliasExistsException": EmailAlreadyRegistered,
    "InvalidParameterException": InvalidVerificationCode,  # no address waits for a code
    "NotAuthorizedException": SessionExpired,
    "UserNotFoundException": AccountGone,
}
NOT_DISCLOSED = frozenset(
    {
        "UserNotFoundException",
        "NotAuthorizedException",
        "InvalidParameterException",
        "LimitExceededException",
        "CodeDeliveryFailureException",
    }
)
"""What the sending of a code may meet: an unknown address; a confirmed, disabled or unverified
account; too many codes. Each would reveal that the address has an account."""

_FAILED_MIDWAY = frozenset(
    {
        "InternalErrorException",
        "InvalidLambdaResponseException",
        "UnexpectedLambdaException",
        "UserLambdaValidationException",
    }
)
"""A trigger that comes after the change has failed, or Cognito has: the change may stand."""

_NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError, SSLError)

UNKNOWN_USER = frozenset({"UserNotFoundException"})
NO_ACTIVE_USER = UNKNOWN_USER | {"NotAuthorizedException"}
"""An unknown or a disabled user has no session. A missing right is AccessDeniedException."""


@contextmanager
def translate_errors(
    operation: str, codes: ErrorCodes | None = None, *, ignore: Container[str] = ()
) -> Iterator[None]:
    """Raise our errors for Cognito's; the codes to `ignore` count as success."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ignore:
            logger.info("cognito_error_ignored", extra={"operation": operation})
            return
        raise _translate(operation, code, {**_ANY_OPERATION, **(codes or {})}) from None
    except BotoCoreError as error:
        lost = isinstance(error, HTTPClientError) and not isinstance(error, _NOT_SENT)
        raise _unavailable(operation, type(error).__name__, response_lost=lost) from None


def _translate(operation: str, code: str, codes: ErrorCodes) -> MatineeError:
    if code in _RETRY_AFTER:
        logger.warning("cognito_throttled", extra={"operation": operation, "code": code})
        return TooManyAttempts(retry_after=_RETRY_AFTER[code])
    if code in codes:
        return codes[code]()
    return _unavailable(operation, code, response_lost=code in _FAILED_MIDWAY)


def _unavailable(operation: str, reason: str, *, response_lost: bool) -> AccountsUnavailable:
    logger.error("cognito_failed", extra={"operation": operation, "reason": reason})
    return AccountsUnavailable(response_lost=response_lost)
