"""The user pool made as Cognito is, within the emulator's process.

Where it differs from Cognito:
- It signs a disabled user out. Cognito may refuse that, and here it always does.
- It calls no trigger after a confirmation or a sign-in. Here it does, and a trigger that fails
  fails the call, while what was changed before it stays changed.
- A code from a mail does not verify the address that it was sent to. Here it does.
- Its codes are the same for everybody. Here each mail brings one of its own.
- The refresh tokens of a user who has deleted their own account live on. Here they end with it.
"""

import importlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tools.local.patches.wrap import wrap

type Request = Mapping[str, Any]
type Response = tuple[int, Mapping[str, str], bytes]
type Operation = Callable[[Request], Response]
type User = dict[str, Any]

_CONFIRMED = "CONFIRMED"


def apply(_port: int) -> None:
    """Change the operations of user pools, before the first request."""
    cognito = importlib.import_module("ministack.services.cognito")
    wrap(cognito, "_admin_user_global_sign_out", lambda out: refusing_disabled_users(out, cognito))
    wrap(cognito, "_delete_user", lambda delete: ending_sessions(delete, cognito))
    wrap(cognito, "_send_verification_email", with_a_code_of_its_own)
    triggers = Triggers(cognito)
    for name in ("_sign_up", "_confirm_sign_up", "_admin_confirm_sign_up"):
        wrap(cognito, name, triggers.after_a_confirmation)
    wrap(cognito, "_confirm_forgot_password", triggers.after_a_new_password)
    for name in ("_initiate_auth", "_admin_initiate_auth"):
        wrap(cognito, name, triggers.after_a_sign_in)
    for name in ("_respond_to_auth_challenge", "_admin_respond_to_auth_challenge"):
        wrap(cognito, name, triggers.after_a_sign_in)


def refusing_disabled_users(sign_out: Operation, cognito: Any) -> Operation:  # noqa: ANN401 - an untyped module
    """Refuse to sign a disabled user out."""

    def signed_out(request: Request) -> Response:
        _, user = _pool_and_user(cognito, request)
        if user and not user.get("Enabled", True):
            return _error(cognito, "NotAuthorizedException", "User is disabled.")
        return sign_out(request)

    return signed_out


def ending_sessions(delete: Operation, cognito: Any) -> Operation:  # noqa: ANN401 - an untyped module
    """End the sessions of a user who deletes their own account."""

    def deleted(request: Request) -> Response:
        user, pool = cognito._user_pool_for_access_token(request.get("AccessToken"))  # noqa: SLF001
        response = delete(request)
        if user and response[0] == _OK:
            kept = cognito._refresh_tokens  # noqa: SLF001 - as it keeps them
            for token in [
                token
                for token, entry in kept.items()
                if (entry.get("username"), entry.get("pool_id")) == (user["Username"], pool["Id"])
            ]:
                del kept[token]
        return response

    return deleted


def with_a_code_of_its_own(send: Callable[..., Any]) -> Callable[..., Any]:
    """Send each code but once: a random one, by which the user is asked for it from now on."""

    def sent(
        pool: Mapping[str, Any],
        username: str,
        attributes: Mapping[str, str],
        _code: str,
        attribute_name: str = "email",
    ) -> Any:  # noqa: ANN401
        code = f"{secrets.randbelow(10**6):06}"
        kept = "_reset_code" if attribute_name == "password" else "_confirmation_code"
        for user in pool["_users"].values():
            if {"Name": "sub", "Value": attributes.get("sub")} in user["Attributes"]:
                user[kept] = code
        return send(pool, username, attributes, code, attribute_name=attribute_name)

    return sent


class Triggers:
    """Calls the functions that a pool names for after a confirmation and after a sign-in."""

    def __init__(self, cognito: Any) -> None:  # noqa: ANN401 - an untyped module
        self._cognito = cognito

    def after_a_confirmation(self, confirm: Operation) -> Operation:
        """Call PostConfirmation when a call has confirmed a user; their address is verified."""

        def confirmed(request: Request) -> Response:
            _, before = _pool_and_user(self._cognito, request)
            was_confirmed = before is not None and before["UserStatus"] == _CONFIRMED
            response = confirm(request)
            pool, user = _pool_and_user(self._cognito, request)
            if response[0] != _OK or was_confirmed or not user or user["UserStatus"] != _CONFIRMED:
                return response
            if "ConfirmationCode" in request:
                self._verify_address(user)
            refused = self._call(pool, user, request, "PostConfirmation_ConfirmSignUp")
            return refused or response

        return confirmed

    def after_a_new_password(self, reset: Operation) -> Operation:
        """Call PostConfirmation when a user has set a new password by a code."""

        def was_reset(request: Request) -> Response:
            response = reset(request)
            pool, user = _pool_and_user(self._cognito, request)
            if response[0] != _OK or not user:
                return response
            self._verify_address(user)
            refused = self._call(pool, user, request, "PostConfirmation_ConfirmForgotPassword")
            return refused or response

        return was_reset

    def after_a_sign_in(self, sign_in: Operation) -> Operation:
        """Call PostAuthentication when a call has signed a user in; a refresh is no sign-in."""

        def signed_in(request: Request) -> Response:
            response = sign_in(request)
            tokens = _body(response).get("AuthenticationResult")
            if not tokens or str(request.get("AuthFlow", "")).startswith("REFRESH_TOKEN"):
                return response
            user, pool = self._cognito._user_pool_for_access_token(tokens["AccessToken"])  # noqa: SLF001
            refused = self._call(pool, user, request, "PostAuthentication_Authentication")
            return refused or response

        return signed_in

    def _verify_address(self, user: User) -> None:
        attributes = self._cognito._attr_list_to_dict(user["Attributes"])  # noqa: SLF001
        user["Attributes"] = self._cognito._dict_to_attr_list(  # noqa: SLF001
            attributes | {"email_verified": "true"}
        )

    def _call(
        self, pool: Mapping[str, Any], user: User, request: Request, source: str
    ) -> Response | None:
        """Return the error of a trigger that fails."""
        trigger = source.partition("_")[0]
        function = (pool.get("LambdaConfig") or {}).get(trigger)
        if not function:
            return None
        lambdas = importlib.import_module("ministack.services.lambda_svc")
        record, configuration, _ = lambdas._get_func_record_for_ref(function)  # noqa: SLF001
        scoped = lambdas._execution_record_for_config(record, configuration)  # noqa: SLF001
        event = trigger_event(pool, user, request, source, self._cognito)
        ended = lambdas._execute_function_with_config_scope(scoped, event)  # noqa: SLF001
        if isinstance(ended, dict) and ended.get("error"):
            message = f"{trigger} failed with error {_body_text(ended.get('body'))}."
            return _error(self._cognito, "UserLambdaValidationException", message)
        return None


def trigger_event(
    pool: Mapping[str, Any],
    user: Mapping[str, Any],
    request: Request,
    source: str,
    cognito: Any,  # noqa: ANN401 - an untyped module
) -> dict[str, Any]:
    """Return what Cognito sends to a trigger that comes after a change."""
    attributes = cognito._attr_list_to_dict(user["Attributes"])  # noqa: SLF001
    event: dict[str, Any] = {
        "version": "1",
        "triggerSource": source,
        "region": cognito._pool_region(pool["Id"]),  # noqa: SLF001
        "userPoolId": pool["Id"],
        "userName": user["Username"],
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": request.get("ClientId") or "",
        },
        "request": {
            "userAttributes": attributes | {"cognito:user_status": user["UserStatus"]},
        },
        "response": {},
    }
    # An InitiateAuth passes its metadata on to triggers before the sign-in only.
    if request.get("ClientMetadata") and "AuthFlow" not in request:
        event["request"]["clientMetadata"] = request["ClientMetadata"]
    if source.startswith("PostAuthentication"):
        event["request"]["newDeviceUsed"] = False
    return event


_OK = 200


def _pool_and_user(cognito: Any, request: Request) -> tuple[Mapping[str, Any], User | None]:  # noqa: ANN401
    """Return the pool and the user that a request names; None for a user who is not there."""
    if "UserPoolId" in request:
        pool = cognito._resolve_pool(request["UserPoolId"])[0]  # noqa: SLF001 - no other way in
    else:
        pool = cognito._pool_for_client(request.get("ClientId"))[0]  # noqa: SLF001
    user = cognito._resolve_user(pool, request.get("Username"))[0] if pool else None  # noqa: SLF001
    return pool or {}, user


def _error(cognito: Any, code: str, message: str) -> Response:  # noqa: ANN401 - an untyped module
    response: Response = cognito.error_response_json(code, message, 400)
    return response


def _body(response: Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response[2] or b"{}")
    return body


def _body_text(body: object) -> str:
    """Return the message of a function's error."""
    if isinstance(body, bytes | str):
        try:
            body = json.loads(body)
        except ValueError:
            return str(body)
    return str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
