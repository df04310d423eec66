"""The user pool, over Amazon Cognito's API. The only place that knows Cognito's error codes.

An error is mapped by its code alone, and chained to nothing: Cognito's texts may quote what they
refuse, an address for example, and must not reach a log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from jose import jwt

from auth.domain import Account, Session
from auth.errors import (
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    InvalidCredentials,
    InvalidVerificationCode,
    PasswordResetRequired,
    TooManyAttempts,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from matinee.errors import Forbidden, MatineeError
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

type Refusals = Mapping[str, type[MatineeError]]
"""Cognito's error code to our error."""

_RETRY_AFTER = {
    "TooManyRequestsException": 5.0,
    "ThrottlingException": 5.0,
    "LimitExceededException": 60.0,
    "TooManyFailedAttemptsException": 300.0,
}
"""Seconds. Cognito never says when to come back: its request rates recover at once, its limits
per user within minutes."""

_ALWAYS: Refusals = {"ForbiddenException": Forbidden}
"""A web firewall before the pool refuses the caller."""

_REGISTER: Refusals = {
    "UsernameExistsException": EmailAlreadyRegistered,
    "AliasExistsException": EmailAlreadyRegistered,
    "InvalidPasswordException": WeakPassword,
    "InvalidParameterException": AddressRefused,
    "CodeDeliveryFailureException": CodeNotSent,
}
_VERIFY: Refusals = {
    "CodeMismatchException": InvalidVerificationCode,
    "ExpiredCodeException": VerificationCodeExpired,
    "AliasExistsException": EmailAlreadyRegistered,
    # Nobody of this address, somebody who is confirmed already, and a text that can be no code.
    # A code is good once, and it is not told which addresses have accounts.
    "UserNotFoundException": InvalidVerificationCode,
    "NotAuthorizedException": InvalidVerificationCode,
    "InvalidParameterException": InvalidVerificationCode,
}
_AUTHENTICATE: Refusals = {
    "NotAuthorizedException": InvalidCredentials,
    "UserNotFoundException": InvalidCredentials,
    "UserNotConfirmedException": UserNotConfirmed,
    "PasswordResetRequiredException": PasswordResetRequired,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoUserPool:
    """A user pool whose users sign in with their addresses, and one client of it.

    `client_secret` is None when the client has none.
    """

    cognito: CognitoIdentityProviderClient
    pool_id: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)

    def register(self, email: str, password: str, username: str | None) -> Account:
        """Open an unconfirmed account: SignUp."""
        attributes = {"email": email, "preferred_username": username}
        with _refusals("SignUp", _REGISTER):
            answer = self.cognito.sign_up(
                ClientId=self.client_id,
                Username=email,
                Password=password,
                UserAttributes=[
                    {"Name": name, "Value": value} for name, value in attributes.items() if value
                ],
                **self._proof(email),
            )
        return Account(answer["UserSub"], email)

    def verify(self, email: str, code: str) -> None:
        """Confirm an account by its code: ConfirmSignUp."""
        with _refusals("ConfirmSignUp", _VERIFY):
            self.cognito.confirm_sign_up(
                ClientId=self.client_id,
                Username=email,
                ConfirmationCode=code,
                **self._proof(email),
            )

    def confirm(self, user: str) -> None:
        """Confirm an account without a code: AdminConfirmSignUp.

        Cognito refuses to do so twice, which for us is the same as done.
        """
        with _refusals("AdminConfirmSignUp", {}, done="NotAuthorizedException"):
            self.cognito.admin_confirm_sign_up(UserPoolId=self.pool_id, Username=user)

    def join(self, group: str, user_id: str) -> None:
        """Put a user into a group: AdminAddUserToGroup."""
        with _refusals("AdminAddUserToGroup", {}):
            self.cognito.admin_add_user_to_group(
                UserPoolId=self.pool_id, Username=user_id, GroupName=group
            )

    def authenticate(self, email: str, password: str) -> Session:
        """Sign a user in: InitiateAuth, USER_PASSWORD_AUTH."""
        proof = self._proof(email)
        parameters = {"USERNAME": email, "PASSWORD": password}
        if "SecretHash" in proof:
            parameters["SECRET_HASH"] = proof["SecretHash"]
        with _refusals("InitiateAuth", _AUTHENTICATE):
            answer = self.cognito.initiate_auth(
                ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        tokens = answer.get("AuthenticationResult")
        if tokens is None:
            raise FurtherStepRequired(challenge=answer.get("ChallengeName"))
        # Fresh from the pool over TLS, so the claims need no second proof of where they come from
        # (OpenID Connect Core 1.0, section 3.1.3.7, number 6).
        claims = jwt.get_unverified_claims(tokens["IdToken"])
        return Session(
            account=Account(claims["sub"], claims.get("email", email)),
            groups=frozenset(claims.get("cognito:groups", ())),
            access_token=tokens["AccessToken"],
            id_token=tokens["IdToken"],
            refresh_token=tokens["RefreshToken"],
        )

    def _proof(self, username: str) -> dict[str, Any]:
        """Prove that we are the client: HMAC-SHA256 over user and client, as Cognito defines it."""
        if self.client_secret is None:
            return {}
        digest = hmac.new(
            self.client_secret.encode(), (username + self.client_id).encode(), hashlib.sha256
        ).digest()
        return {"SecretHash": base64.b64encode(digest).decode()}


@contextmanager
def _refusals(operation: str, refusals: Refusals, *, done: str | None = None) -> Iterator[None]:
    """Turn Cognito's errors into ours; the error code `done` means that there is nothing to do."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != done:
            raise _refusal(operation, code, {**_ALWAYS, **refusals}) from None
    except BotoCoreError as error:
        raise _broken(operation, type(error).__name__) from None


def _refusal(operation: str, code: str, refusals: Refusals) -> MatineeError:
    if code in _RETRY_AFTER:
        logger.warning("cognito_limits", extra={"operation": operation, "code": code})
        return TooManyAttempts(retry_after=_RETRY_AFTER[code])
    if code in refusals:
        return refusals[code]()
    return _broken(operation, code)


def _broken(operation: str, reason: str) -> AccountsUnavailable:
    logger.error("cognito_failed", extra={"operation": operation, "reason": reason})
    return AccountsUnavailable()
