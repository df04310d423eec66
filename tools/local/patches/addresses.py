"""Addresses that users change themselves, as Cognito has it, within the emulator's process.

Where it differs from Cognito:
- A new address is there at once, whoever else has it. Here the pool sends a code to it and keeps
  the old one until the code comes back, if the pool says so
  (AttributesRequireVerificationBeforeUpdate).
- It has no VerifyUserAttribute. Here it has.
"""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tools.local.patches.wrap import wrap

type Request = Mapping[str, Any]
type Response = tuple[int, Mapping[str, str], bytes]
type Operation = Callable[[Request], Response]
type Dispatch = Callable[[str, Request], Awaitable[Response]]

VERIFY = "VerifyUserAttribute"
_PENDING = "_pending_email"


def apply(_port: int) -> None:
    """Change the operations of user pools, before the first request."""
    cognito = importlib.import_module("ministack.services.cognito")
    addresses = Addresses(cognito)
    wrap(cognito, "_update_user_attributes", addresses.until_verified)
    wrap(cognito, "_dispatch_idp", addresses.with_verification)
    cognito._UNSIGNED_IDP_ACTIONS.add(VERIFY)  # noqa: SLF001 - as it keeps them


class Addresses:
    """The addresses that wait for their codes: each in its user."""

    def __init__(self, cognito: Any) -> None:  # noqa: ANN401 - an untyped module
        self._cognito = cognito

    def until_verified(self, update: Operation) -> Operation:
        """Send a code to a new address, and leave the old one for now."""

        def updated(request: Request) -> Response:
            user, pool = self._of_token(request)
            wanted = self._values(request.get("UserAttributes", []))
            settings = (pool or {}).get("UserAttributeUpdateSettings") or {}
            waits = settings.get("AttributesRequireVerificationBeforeUpdate") or []
            if not user or "email" not in wanted or "email" not in waits:
                return update(request)
            email = wanted.pop("email")
            if self._is_taken(pool, user, email):
                return self._taken()
            rest = self._cognito._dict_to_attr_list(wanted)  # noqa: SLF001
            response = update({**request, "UserAttributes": rest})
            user[_PENDING] = email
            attributes = self._values(user["Attributes"]) | {"email": email}
            self._cognito._send_verification_email(pool, user["Username"], attributes, "")  # noqa: SLF001
            return response

        return updated

    def with_verification(self, dispatch: Dispatch) -> Dispatch:
        """Know the operation that the emulator lacks."""

        async def dispatched(action: str, request: Request) -> Response:
            if action != VERIFY:
                return await dispatch(action, request)
            response: Response = await self._cognito.run_reentrant(
                self._cognito._run_idp_handler,  # noqa: SLF001
                self.verify,
                action,
                request,
                thread_name="ministack-cognito-trigger",
            )
            return response

        return dispatched

    def verify(self, request: Request) -> Response:
        """Give a user the address that their code was sent to."""
        user, pool = self._of_token(request)
        if not user:
            return self._error("NotAuthorizedException", "Invalid access token.")
        wrong = self._cognito._code_error(user.get("_confirmation_code"), request.get("Code"))  # noqa: SLF001
        if wrong:
            refused: Response = wrong
            return refused
        attributes = self._values(user["Attributes"])
        email = user.get(_PENDING, attributes.get("email", ""))
        if self._is_taken(pool, user, email):
            return self._taken()
        changed = attributes | {"email": email, "email_verified": "true"}
        user["Attributes"] = self._cognito._dict_to_attr_list(changed)  # noqa: SLF001
        user["UserLastModifiedDate"] = self._cognito._now_epoch()  # noqa: SLF001
        for kept in (_PENDING, "_confirmation_code"):
            user.pop(kept, None)
        response: Response = self._cognito.json_response({})
        return response

    def _of_token(self, request: Request) -> tuple[dict[str, Any] | None, Any]:
        found: tuple[dict[str, Any] | None, Any] = self._cognito._user_pool_for_access_token(  # noqa: SLF001
            request.get("AccessToken")
        )
        return found

    def _values(self, attributes: object) -> dict[str, str]:
        values: dict[str, str] = self._cognito._attr_list_to_dict(attributes)  # noqa: SLF001
        return values

    def _is_taken(self, pool: Mapping[str, Any], user: Mapping[str, Any], email: str) -> bool:
        owners = (
            other
            for other in pool["_users"].values()
            if self._values(other["Attributes"]).get("email") == email
        )
        return any(other is not user for other in owners)

    def _taken(self) -> Response:
        return self._error("AliasExistsException", "An account with the email already exists.")

    def _error(self, code: str, message: str) -> Response:
        response: Response = self._cognito.error_response_json(code, message, 400)
        return response
