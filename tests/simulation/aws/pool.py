"""Cognito: one user pool, its triggers, and the mails with its codes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from matinee.principal import unverified_claims
from tests.simulation.aws.errors import AwsError

type Params = Mapping[str, Any]
type Trigger = Callable[[str, Mapping[str, Any]], Any]
"""Invokes a trigger's function with an event; raises TriggerFailed or TriggerSilent."""

ATTEMPTS = 3
"""How often the pool calls a trigger that does not respond in time."""


class TriggerFailed(Exception):
    """The trigger's function raised an error."""


class TriggerSilent(Exception):
    """The trigger's function did not respond in time."""


@dataclass(eq=False)
class User:
    """A user of the pool."""

    sub: str
    password: str
    attributes: dict[str, str]
    created_at: float
    modified_at: float
    status: str = "UNCONFIRMED"
    enabled: bool = True
    groups: set[str] = field(default_factory=set)
    code: str = ""
    new_email: str = ""
    """An address that waits for its code."""


class UserPool:
    """The pool. `mails` has the latest code of each address."""

    def __init__(self, now: Callable[[], float], trigger: Trigger) -> None:
        self.users: dict[str, User] = {}
        self.mails: dict[str, str] = {}
        self._now = now
        self._trigger = trigger
        self._codes = 0

    def call(self, operation: str, params: Params) -> dict[str, Any]:
        """Do what a client asks for."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        act: Callable[[Params], dict[str, Any]] | None = getattr(self, f"_{name}", None)
        if act is None:
            raise AwsError("UnknownOperation", operation)
        return act(params)

    # ── what users do ────────────────────────────────────────────────────────────────────────────

    def _sign_up(self, params: Params) -> dict[str, Any]:
        email = params["Username"]
        self._require_free(email)
        attributes = {it["Name"]: it["Value"] for it in params["UserAttributes"]}
        sub = str(uuid4())
        now = self._now()
        user = User(sub, params["Password"], {**attributes, "sub": sub}, now, now)
        response = self._call("PreSignUp", "PreSignUp_SignUp", user, params)
        self._require_free(email)
        self.users[sub] = user
        if response.get("autoConfirmUser"):
            self._confirm(user, params)
        else:
            self._send_code(user)
        return {"UserSub": sub, "UserConfirmed": user.status == "CONFIRMED"}

    def _confirm_sign_up(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        if user.status == "CONFIRMED":
            raise AwsError("NotAuthorizedException", "Current status is CONFIRMED")
        if params["ConfirmationCode"] != user.code:
            raise AwsError("CodeMismatchException")
        self._confirm(user, params)
        return {}

    def _resend_confirmation_code(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        if user.status == "CONFIRMED":
            raise AwsError("InvalidParameterException")
        self._send_code(user)
        return {}

    def _initiate_auth(self, params: Params) -> dict[str, Any]:
        given = params["AuthParameters"]
        try:
            user = self._find(given["USERNAME"])
        except AwsError:
            raise AwsError("NotAuthorizedException") from None
        if user.password != given["PASSWORD"] or not user.enabled:
            raise AwsError("NotAuthorizedException")
        if user.status == "UNCONFIRMED":
            raise AwsError("UserNotConfirmedException")
        self._call("PostAuthentication", "PostAuthentication_Authentication", user, params)
        return {"AuthenticationResult": self._tokens(user)}

    def _update_user_attributes(self, params: Params) -> dict[str, Any]:
        """Send a code to a new address; the user keeps the one they have until it comes back."""
        user = self._of_token(params["AccessToken"])
        (attribute,) = params["UserAttributes"]
        self._require_free(attribute["Value"], but=user, error="AliasExistsException")
        user.new_email = attribute["Value"]
        self._send_code(user, user.new_email)
        return {}

    def _verify_user_attribute(self, params: Params) -> dict[str, Any]:
        user = self._of_token(params["AccessToken"])
        if not user.new_email:
            raise AwsError("InvalidParameterException")
        if params["Code"] != user.code:
            raise AwsError("CodeMismatchException")
        self._require_free(user.new_email, but=user, error="AliasExistsException")
        user.attributes |= {"email": user.new_email, "email_verified": "true"}
        user.new_email = ""
        return {}

    # ── what the service does ────────────────────────────────────────────────────────────────────

    def _admin_get_user(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        return {
            "Username": user.sub,
            "UserAttributes": [
                {"Name": name, "Value": value} for name, value in user.attributes.items()
            ],
            "UserStatus": user.status,
            "Enabled": user.enabled,
            "UserCreateDate": datetime.fromtimestamp(user.created_at, UTC),
            "UserLastModifiedDate": datetime.fromtimestamp(user.modified_at, UTC),
        }

    def _list_users(self, params: Params) -> dict[str, Any]:
        sub = params["Filter"].partition('"')[2].rstrip('"')
        if sub not in self.users:
            return {"Users": []}
        attributes = self.users[sub].attributes.items()
        rows = [{"Name": name, "Value": value} for name, value in attributes]
        return {"Users": [{"Username": sub, "Attributes": rows}]}

    def _admin_create_user(self, params: Params) -> dict[str, Any]:
        self._require_free(params["Username"])
        sub, now = str(uuid4()), self._now()
        attributes = {it["Name"]: it["Value"] for it in params["UserAttributes"]} | {"sub": sub}
        self.users[sub] = User(sub, "", attributes, now, now, "FORCE_CHANGE_PASSWORD")
        rows = [{"Name": name, "Value": value} for name, value in attributes.items()]
        return {"User": {"Username": sub, "Attributes": rows}}

    def _admin_set_user_password(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        user.password, user.status = params["Password"], "CONFIRMED"
        return {}

    def _admin_remove_user_from_group(self, params: Params) -> dict[str, Any]:
        self._find(params["Username"]).groups.discard(params["GroupName"])
        return {}

    def _admin_add_user_to_group(self, params: Params) -> dict[str, Any]:
        self._find(params["Username"]).groups.add(params["GroupName"])
        return {}

    def _admin_update_user_attributes(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        user.attributes |= {it["Name"]: it["Value"] for it in params["UserAttributes"]}
        return {}

    def _admin_user_global_sign_out(self, params: Params) -> dict[str, Any]:
        if not self._find(params["Username"]).enabled:
            raise AwsError("NotAuthorizedException")
        return {}

    def _admin_disable_user(self, params: Params) -> dict[str, Any]:
        self._find(params["Username"]).enabled = False
        return {}

    def _admin_delete_user(self, params: Params) -> dict[str, Any]:
        user = self._find(params["Username"])
        del self.users[user.sub]
        self.mails.pop(user.attributes["email"], None)
        return {}

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def _find(self, name: str) -> User:
        for user in self.users.values():
            if name in {user.sub, user.attributes["email"]}:
                return user
        raise AwsError("UserNotFoundException")

    def _of_token(self, token: str) -> User:
        user = self.users.get(str(unverified_claims(token)["sub"]))
        if user is None or not user.enabled:
            raise AwsError("NotAuthorizedException")
        return user

    def _require_free(
        self, email: str, but: User | None = None, error: str = "UsernameExistsException"
    ) -> None:
        owners = [user for user in self.users.values() if user.attributes["email"] == email]
        if owners not in ([], [but]):
            raise AwsError(error)

    def _send_code(self, user: User, email: str = "") -> None:
        self._codes += 1
        user.code = f"{self._codes:06}"
        self.mails[email or user.attributes["email"]] = user.code

    def _confirm(self, user: User, params: Params) -> None:
        user.status, user.modified_at = "CONFIRMED", self._now()
        self._call("PostConfirmation", "PostConfirmation_ConfirmSignUp", user, params)

    def _call(self, name: str, source: str, user: User, params: Params) -> Mapping[str, Any]:
        """Call a trigger, again if it does not respond; return its response."""
        event = {
            "version": "1",
            "triggerSource": source,
            "region": "eu-west-1",
            "userPoolId": "UserPool",
            "userName": user.sub,
            "callerContext": {"awsSdkVersion": "simulated", "clientId": "UserPoolClient"},
            "request": {
                "userAttributes": {**user.attributes, "cognito:user_status": user.status},
                "clientMetadata": params.get("ClientMetadata", {}),
            },
            "response": {},
        }
        for _ in range(ATTEMPTS):
            try:
                found: Mapping[str, Any] = self._trigger(name, event)
            except TriggerSilent:
                continue
            except TriggerFailed as error:
                raise AwsError("UserLambdaValidationException") from error
            response: Mapping[str, Any] = found["response"]
            return response
        raise AwsError("UnexpectedLambdaException", f"{name} failed")

    def _tokens(self, user: User) -> dict[str, Any]:
        groups = {"cognito:groups": sorted(user.groups)} if user.groups else {}
        access = {
            "sub": user.sub,
            "username": user.sub,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            **groups,
        }
        identity = {
            "sub": user.sub,
            "cognito:username": user.sub,
            "token_use": "id",
            "email": user.attributes["email"],
            **{name: user.attributes[name] for name in _NAMES if name in user.attributes},
            **groups,
        }
        return {
            "AccessToken": _token(access),
            "IdToken": _token(identity),
            "RefreshToken": f"refresh-{user.sub}",
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
        }


_NAMES = ("preferred_username",)


def _token(claims: Mapping[str, Any]) -> str:
    parts: tuple[Mapping[str, Any], ...] = ({"alg": "none"}, claims, {})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
