"""The user pool, over Amazon Cognito's API."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auth.adapters.cognito.errors import (
    AUTHENTICATE,
    LOOK_UP,
    NEW_ADDRESS,
    NO_ACTIVE_USER,
    NOT_DISCLOSED,
    REFRESH,
    REGISTER,
    RESET,
    SET_PASSWORD,
    UNKNOWN_USER,
    VERIFY,
    VERIFY_ADDRESS,
    UnknownUser,
    translate_errors,
)
from auth.adapters.cognito.token_refresh import get_tokens_from_refresh_token
from auth.domain.account import Account, PoolUser, Registration, SignUpResult
from auth.domain.errors import FurtherStepRequired, SessionExpired
from auth.domain.session import Session
from matinee.events.envelope import CORRELATION_HEADER, Trace
from matinee.principal import unverified_claims

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoUserPool:
    """A user pool whose users sign in with their addresses, and one app client of it.

    `client_secret` is None when the client has none. The administrative operations need no
    `client_id`. `registering` is the client of SignUp alone, if it is another one.
    """

    cognito: CognitoIdentityProviderClient
    pool_id: str
    client_id: str = ""
    client_secret: str | None = field(default=None, repr=False)
    registering: CognitoIdentityProviderClient | None = None

    def register(
        self, email: str, password: str, username: str | None, trace: Trace | None = None
    ) -> SignUpResult:
        """Create an account: SignUp. The pre sign-up trigger may confirm it at once.

        Cognito waits for that trigger and then for the one after a confirmation, which is why this
        call has a client of its own.
        """
        attributes = {"email": email, "preferred_username": username}
        with translate_errors("SignUp", REGISTER):
            response = (self.registering or self.cognito).sign_up(
                ClientId=self.client_id,
                Username=email,
                Password=password,
                UserAttributes=[
                    {"Name": name, "Value": value} for name, value in attributes.items() if value
                ],
                **_client_metadata(trace),
                **self._secret_hash(email),
            )
        return SignUpResult(
            Account(response["UserSub"], email), confirmed=response["UserConfirmed"]
        )

    def verify(self, email: str, code: str, trace: Trace | None = None) -> None:
        """Confirm an account by its code: ConfirmSignUp."""
        with translate_errors("ConfirmSignUp", VERIFY):
            self.cognito.confirm_sign_up(
                ClientId=self.client_id,
                Username=email,
                ConfirmationCode=code,
                **_client_metadata(trace),
                **self._secret_hash(email),
            )

    def resend_code(self, email: str) -> None:
        """Send the code of an unconfirmed account again: ResendConfirmationCode."""
        with translate_errors("ResendConfirmationCode", ignore=NOT_DISCLOSED):
            self.cognito.resend_confirmation_code(
                ClientId=self.client_id, Username=email, **self._secret_hash(email)
            )

    def find(self, user: str) -> Registration | None:
        """Return an account: AdminGetUser."""
        try:
            with translate_errors("AdminGetUser", LOOK_UP):
                response = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=user)
        except UnknownUser:
            return None
        attributes = {entry["Name"]: entry.get("Value", "") for entry in response["UserAttributes"]}
        return Registration(
            pool_user(response["Username"], attributes),
            confirmed=response["UserStatus"] != "UNCONFIRMED",
            created_at=response["UserCreateDate"],
            modified_at=response["UserLastModifiedDate"],
        )

    def authenticate(self, user: str, password: str) -> Session:
        """Sign a user in: InitiateAuth, USER_PASSWORD_AUTH."""
        parameters = {"USERNAME": user, "PASSWORD": password}
        secret_hash = self._secret_hash(user)
        if "SecretHash" in secret_hash:
            parameters["SECRET_HASH"] = secret_hash["SecretHash"]
        with translate_errors("InitiateAuth", AUTHENTICATE):
            response = self.cognito.initiate_auth(
                ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        tokens = response.get("AuthenticationResult")
        if tokens is None:
            raise FurtherStepRequired(challenge=response.get("ChallengeName"))
        return _session(tokens, tokens.get("RefreshToken", ""), email=user if "@" in user else "")

    def refresh(self, refresh_token: str) -> Session:
        """Return new tokens: InitiateAuth, REFRESH_TOKEN_AUTH.

        With a client secret: GetTokensFromRefreshToken. The other flow needs a hash of the user's
        id, which only the pool can read from the refresh token.
        """
        tokens: AuthenticationResultTypeTypeDef | None
        with translate_errors("RefreshTokens", REFRESH):
            if self.client_secret is None:
                tokens = self.cognito.initiate_auth(
                    ClientId=self.client_id,
                    AuthFlow="REFRESH_TOKEN_AUTH",
                    AuthParameters={"REFRESH_TOKEN": refresh_token},
                ).get("AuthenticationResult")
            else:
                tokens = get_tokens_from_refresh_token(
                    self.cognito,
                    RefreshToken=refresh_token,
                    ClientId=self.client_id,
                    ClientSecret=self.client_secret,
                )
        if tokens is None:
            raise SessionExpired
        return _session(tokens, tokens.get("RefreshToken") or refresh_token)

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password: ForgotPassword."""
        with translate_errors("ForgotPassword", ignore=NOT_DISCLOSED):
            self.cognito.forgot_password(
                ClientId=self.client_id, Username=email, **self._secret_hash(email)
            )

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password by its code: ConfirmForgotPassword."""
        with translate_errors("ConfirmForgotPassword", RESET):
            self.cognito.confirm_forgot_password(
                ClientId=self.client_id,
                Username=email,
                ConfirmationCode=code,
                Password=password,
                **self._secret_hash(email),
            )

    def sign_out(self, user: str) -> None:
        """Revoke every token of a user: AdminUserGlobalSignOut."""
        with translate_errors("AdminUserGlobalSignOut", ignore=NO_ACTIVE_USER):
            self.cognito.admin_user_global_sign_out(UserPoolId=self.pool_id, Username=user)

    def create_guest(self, email: str, password: str) -> Account:
        """Create a guest: AdminCreateUser without a mail, AdminSetUserPassword."""
        with translate_errors("AdminCreateUser"):
            response = self.cognito.admin_create_user(
                UserPoolId=self.pool_id,
                Username=email,
                UserAttributes=[{"Name": "email", "Value": email}],
                MessageAction="SUPPRESS",
            )
        self.set_password(response["User"]["Username"], password)
        attributes = {it["Name"]: it.get("Value", "") for it in response["User"]["Attributes"]}
        return Account(attributes["sub"])

    def set_password(self, user: str, password: str) -> None:
        """Set a user's password: AdminSetUserPassword."""
        with translate_errors("AdminSetUserPassword", SET_PASSWORD):
            self.cognito.admin_set_user_password(
                UserPoolId=self.pool_id, Username=user, Password=password, Permanent=True
            )

    def send_address_code(self, access_token: str, email: str) -> None:
        """Send a code to a user's new address: UpdateUserAttributes.

        The pool keeps the address that they have until the code comes back
        (AttributesRequireVerificationBeforeUpdate).
        """
        with translate_errors("UpdateUserAttributes", NEW_ADDRESS):
            self.cognito.update_user_attributes(
                AccessToken=access_token, UserAttributes=[{"Name": "email", "Value": email}]
            )

    def verify_address(self, access_token: str, code: str) -> None:
        """Give a user the address that a code was sent to: VerifyUserAttribute."""
        with translate_errors("VerifyUserAttribute", VERIFY_ADDRESS):
            self.cognito.verify_user_attribute(
                AccessToken=access_token, AttributeName="email", Code=code
            )

    def set_address(self, user: str, email: str) -> None:
        """Give a user an address as a verified one: AdminUpdateUserAttributes."""
        attributes = {"email": email, "email_verified": "true"}
        with translate_errors("AdminUpdateUserAttributes", NEW_ADDRESS):
            self.cognito.admin_update_user_attributes(
                UserPoolId=self.pool_id,
                Username=user,
                UserAttributes=[
                    {"Name": name, "Value": value} for name, value in attributes.items()
                ],
            )

    def add_to_group(self, group: str, user: str) -> None:
        """Add a user to a group: AdminAddUserToGroup."""
        with translate_errors("AdminAddUserToGroup"):
            self.cognito.admin_add_user_to_group(
                UserPoolId=self.pool_id, Username=user, GroupName=group
            )

    def remove_from_group(self, group: str, user: str) -> None:
        """Remove a user from a group: AdminRemoveUserFromGroup."""
        with translate_errors("AdminRemoveUserFromGroup"):
            self.cognito.admin_remove_user_from_group(
                UserPoolId=self.pool_id, Username=user, GroupName=group
            )

    def set_username(self, user: str, username: str) -> None:
        """Set the account's preferred username: AdminUpdateUserAttributes."""
        with translate_errors("AdminUpdateUserAttributes"):
            self.cognito.admin_update_user_attributes(
                UserPoolId=self.pool_id,
                Username=user,
                UserAttributes=[{"Name": "preferred_username", "Value": username}],
            )

    def disable(self, user: str) -> None:
        """Refuse further sign-ins: AdminUserGlobalSignOut, AdminDisableUser.

        In this order, because Cognito may refuse to sign a disabled user out. A user who signs in
        between the two is disabled all the same, and their refresh token with them.
        """
        self.sign_out(user)
        with translate_errors("AdminDisableUser", ignore=NO_ACTIVE_USER):
            self.cognito.admin_disable_user(UserPoolId=self.pool_id, Username=user)

    def delete(self, user: str) -> None:
        """Delete a user: AdminDeleteUser."""
        with translate_errors("AdminDeleteUser", ignore=UNKNOWN_USER):
            self.cognito.admin_delete_user(UserPoolId=self.pool_id, Username=user)

    def find_by_id(self, user_id: str) -> PoolUser | None:
        """Return a user: ListUsers.

        AdminGetUser knows a user from Google by the pool's own name alone.
        """
        with translate_errors("ListUsers"):
            found = self.cognito.list_users(
                UserPoolId=self.pool_id, Filter=f'sub = "{user_id}"', Limit=1
            )
        for user in found["Users"]:
            attributes = {it["Name"]: it.get("Value", "") for it in user["Attributes"]}
            return pool_user(user["Username"], attributes)
        return None

    def _secret_hash(self, username: str) -> dict[str, Any]:
        """Return the SecretHash, HMAC-SHA256 of user and client, if the client has a secret."""
        if self.client_secret is None:
            return {}
        digest = hmac.new(
            self.client_secret.encode(), (username + self.client_id).encode(), hashlib.sha256
        ).digest()
        return {"SecretHash": base64.b64encode(digest).decode()}


def _client_metadata(trace: Trace | None) -> dict[str, Any]:
    """Return what the pool passes on to its triggers."""
    return {"ClientMetadata": {CORRELATION_HEADER: trace.correlation_id}} if trace else {}


def pool_user(name: str, attributes: Mapping[str, str]) -> PoolUser:
    """Parse an account from the pool's own name of it and its attributes or claims."""
    user_id = attributes["sub"]
    return PoolUser(
        Account(user_id, attributes.get("email", ""), name if name != user_id else None),
        preferred_username=attributes.get("preferred_username") or None,
        given_name=attributes.get("given_name") or None,
        is_verified=attributes.get("email_verified", "").lower() == "true",
    )


def _session(
    tokens: AuthenticationResultTypeTypeDef, refresh_token: str, email: str = ""
) -> Session:
    # Directly from the pool over TLS, so the token's signature need not be verified
    # (OpenID Connect Core 1.0, section 3.1.3.7, number 6).
    claims = unverified_claims(tokens["IdToken"])
    names = {"email": email} | {name: str(value) for name, value in claims.items()}
    user = pool_user(names.get("cognito:username", names["sub"]), names)
    return Session(
        account=user.account,
        groups=frozenset(claims.get("cognito:groups", ())),
        access_token=tokens["AccessToken"],
        id_token=tokens["IdToken"],
        refresh_token=refresh_token,
        preferred_username=user.preferred_username,
        given_name=user.given_name,
        is_verified=user.is_verified,
        expires_in=tokens.get("ExpiresIn", 3600),
    )
