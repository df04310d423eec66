"""The user pool, over Amazon Cognito's API. The only place that knows Cognito's error codes.

An error is mapped by its code alone, and chained to nothing: Cognito's texts may quote what they
refuse, an address for example, and must not reach a log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from auth.domain.account import Account, Session
from auth.domain.errors import (
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    PasswordResetRequired,
    SessionExpired,
    TooManyAttempts,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from auth.ports import Member, Opening, SignUpRefused
from matinee.errors import Forbidden, MatineeError
from matinee.observability import logger
from matinee.principal import unverified_claims

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

type Refusals = Mapping[str, type[MatineeError | SignUpRefused]]
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
    "UserLambdaValidationException": SignUpRefused,
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
    "UserLambdaValidationException": InvalidCredentials,  # his account is being deleted
}
_REFRESH: Refusals = {
    "NotAuthorizedException": SessionExpired,
    "UserNotFoundException": SessionExpired,
    "InvalidParameterException": SessionExpired,
    "RefreshTokenReuseException": SessionExpired,
    "UserNotConfirmedException": SessionExpired,
    "UserLambdaValidationException": SessionExpired,
    "PasswordResetRequiredException": PasswordResetRequired,
}
_RESET: Refusals = {
    "CodeMismatchException": InvalidResetCode,
    "ExpiredCodeException": InvalidResetCode,
    "UserNotFoundException": InvalidResetCode,
    "NotAuthorizedException": InvalidResetCode,
    "InvalidParameterException": InvalidResetCode,
    "UserNotConfirmedException": InvalidResetCode,
    "InvalidPasswordException": WeakPassword,
    "PasswordHistoryPolicyViolationException": WeakPassword,
}
_QUIETLY = frozenset(
    {
        "UserNotFoundException",
        "NotAuthorizedException",
        "InvalidParameterException",
        "LimitExceededException",
        "CodeDeliveryFailureException",
    }
)
"""What sending a code may meet of one user: nobody, somebody confirmed, disabled, without a
verified address, or who has had too many codes. All of it would tell that he has an account."""

_NOBODY = frozenset({"UserNotFoundException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoUserPool:
    """A user pool whose users sign in with their addresses, and one client of it.

    `client_secret` is None when the client has none. The pool's administrative calls need no
    `client_id`.
    """

    cognito: CognitoIdentityProviderClient
    pool_id: str
    client_id: str = ""
    client_secret: str | None = field(default=None, repr=False)

    def register(self, email: str, password: str, username: str | None) -> Opening:
        """Open an account: SignUp. The pre sign-up trigger may have it confirmed at once."""
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
        return Opening(Account(answer["UserSub"], email), confirmed=answer["UserConfirmed"])

    def verify(self, email: str, code: str) -> None:
        """Confirm an account by its code: ConfirmSignUp."""
        with _refusals("ConfirmSignUp", _VERIFY):
            self.cognito.confirm_sign_up(
                ClientId=self.client_id,
                Username=email,
                ConfirmationCode=code,
                **self._proof(email),
            )

    def send_code(self, email: str) -> None:
        """Send the code of an unconfirmed account again: ResendConfirmationCode."""
        with _refusals("ResendConfirmationCode", {}, done=_QUIETLY):
            self.cognito.resend_confirmation_code(
                ClientId=self.client_id, Username=email, **self._proof(email)
            )

    def find(self, user: str) -> Member:
        """Look at an account: AdminGetUser."""
        with _refusals("AdminGetUser", {}):
            answer = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=user)
        attributes = {entry["Name"]: entry.get("Value", "") for entry in answer["UserAttributes"]}
        return member(answer["Username"], attributes)

    def authenticate(self, user: str, password: str) -> Session:
        """Sign a user in: InitiateAuth, USER_PASSWORD_AUTH."""
        parameters = {"USERNAME": user, "PASSWORD": password}
        proof = self._proof(user)
        if "SecretHash" in proof:
            parameters["SECRET_HASH"] = proof["SecretHash"]
        with _refusals("InitiateAuth", _AUTHENTICATE):
            answer = self.cognito.initiate_auth(
                ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        tokens = answer.get("AuthenticationResult")
        if tokens is None:
            raise FurtherStepRequired(challenge=answer.get("ChallengeName"))
        return _session(tokens, tokens.get("RefreshToken", ""), email=user if "@" in user else "")

    def refresh(self, refresh_token: str) -> Session:
        """Get new tokens: InitiateAuth, REFRESH_TOKEN_AUTH.

        With a client secret: GetTokensFromRefreshToken. The other flow asks for a hash over the
        user's id, which is inside the refresh token, where the pool alone can read it.
        """
        with _refusals("RefreshTokens", _REFRESH):
            if self.client_secret is None:
                tokens = self.cognito.initiate_auth(
                    ClientId=self.client_id,
                    AuthFlow="REFRESH_TOKEN_AUTH",
                    AuthParameters={"REFRESH_TOKEN": refresh_token},
                ).get("AuthenticationResult")
            else:
                tokens = self.cognito.get_tokens_from_refresh_token(
                    RefreshToken=refresh_token,
                    ClientId=self.client_id,
                    ClientSecret=self.client_secret,
                ).get("AuthenticationResult")
        if tokens is None:
            raise SessionExpired
        return _session(tokens, tokens.get("RefreshToken") or refresh_token)

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password: ForgotPassword."""
        with _refusals("ForgotPassword", {}, done=_QUIETLY):
            self.cognito.forgot_password(
                ClientId=self.client_id, Username=email, **self._proof(email)
            )

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password by its code: ConfirmForgotPassword."""
        with _refusals("ConfirmForgotPassword", _RESET):
            self.cognito.confirm_forgot_password(
                ClientId=self.client_id,
                Username=email,
                ConfirmationCode=code,
                Password=password,
                **self._proof(email),
            )

    def sign_out(self, user: str) -> None:
        """Revoke every token of a user: AdminUserGlobalSignOut."""
        with _refusals("AdminUserGlobalSignOut", {}, done=_NOBODY):
            self.cognito.admin_user_global_sign_out(UserPoolId=self.pool_id, Username=user)

    def join(self, group: str, user: str) -> None:
        """Put a user into a group: AdminAddUserToGroup."""
        with _refusals("AdminAddUserToGroup", {}):
            self.cognito.admin_add_user_to_group(
                UserPoolId=self.pool_id, Username=user, GroupName=group
            )

    def name(self, user: str, username: str) -> None:
        """Keep a username as an attribute of the account: AdminUpdateUserAttributes."""
        with _refusals("AdminUpdateUserAttributes", {}):
            self.cognito.admin_update_user_attributes(
                UserPoolId=self.pool_id,
                Username=user,
                UserAttributes=[{"Name": "preferred_username", "Value": username}],
            )

    def bar(self, user: str) -> None:
        """Let a user in no more: AdminDisableUser, AdminUserGlobalSignOut."""
        with _refusals("AdminDisableUser", {}, done=_NOBODY):
            self.cognito.admin_disable_user(UserPoolId=self.pool_id, Username=user)
        self.sign_out(user)

    def remove(self, user: str) -> None:
        """Delete a user: AdminDeleteUser."""
        with _refusals("AdminDeleteUser", {}, done=_NOBODY):
            self.cognito.admin_delete_user(UserPoolId=self.pool_id, Username=user)

    def _proof(self, username: str) -> dict[str, Any]:
        """Prove that we are the client: HMAC-SHA256 over user and client, as Cognito defines it."""
        if self.client_secret is None:
            return {}
        digest = hmac.new(
            self.client_secret.encode(), (username + self.client_id).encode(), hashlib.sha256
        ).digest()
        return {"SecretHash": base64.b64encode(digest).decode()}


def member(pool_name: str, attributes: Mapping[str, str]) -> Member:
    """Read an account as AdminGetUser and the pool's triggers tell of it."""
    user_id = attributes["sub"]
    return Member(
        Account(user_id, attributes.get("email", ""), pool_name if pool_name != user_id else None),
        preferred_username=attributes.get("preferred_username") or None,
        given_name=attributes.get("given_name") or None,
    )


def _session(
    tokens: AuthenticationResultTypeTypeDef, refresh_token: str, email: str = ""
) -> Session:
    # Fresh from the pool over TLS, so the claims need no second proof of where they come from
    # (OpenID Connect Core 1.0, section 3.1.3.7, number 6).
    claims = unverified_claims(tokens["IdToken"])
    names = {"email": email} | {name: str(value) for name, value in claims.items()}
    known = member(names.get("cognito:username", names["sub"]), names)
    return Session(
        account=known.account,
        groups=frozenset(claims.get("cognito:groups", ())),
        access_token=tokens["AccessToken"],
        id_token=tokens["IdToken"],
        refresh_token=refresh_token,
        preferred_username=known.preferred_username,
        given_name=known.given_name,
        lives_for=tokens.get("ExpiresIn", 3600),
    )


@contextmanager
def _refusals(operation: str, refusals: Refusals, *, done: Container[str] = ()) -> Iterator[None]:
    """Turn Cognito's errors into ours; the error codes `done` mean that there is nothing to do."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in done:
            logger.info("nothing_to_do", extra={"operation": operation})
            return
        raise _refusal(operation, code, {**_ALWAYS, **refusals}) from None
    except BotoCoreError as error:
        raise _broken(operation, type(error).__name__) from None


def _refusal(operation: str, code: str, refusals: Refusals) -> MatineeError | SignUpRefused:
    if code in _RETRY_AFTER:
        logger.warning("cognito_limits", extra={"operation": operation, "code": code})
        return TooManyAttempts(retry_after=_RETRY_AFTER[code])
    if code in refusals:
        return refusals[code]()
    return _broken(operation, code)


def _broken(operation: str, reason: str) -> AccountsUnavailable:
    logger.error("cognito_failed", extra={"operation": operation, "reason": reason})
    return AccountsUnavailable()
