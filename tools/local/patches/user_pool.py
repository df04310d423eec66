"""The user pool made as Cognito is, within the emulator's process.

Where it differs from Cognito:
- It signs a disabled user out. Cognito may refuse that, and here it always does.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from tools.local.patches.wrap import wrap

type Request = Mapping[str, Any]
type Response = tuple[int, Mapping[str, str], bytes]
type Operation = Callable[[Request], Response]


def apply(_port: int) -> None:
    """Change the operations of user pools, before the first request."""
    cognito = importlib.import_module("ministack.services.cognito")
    wrap(cognito, "_admin_user_global_sign_out", lambda out: refusing_disabled_users(out, cognito))


def refusing_disabled_users(sign_out: Operation, cognito: Any) -> Operation:  # noqa: ANN401 - an untyped module
    """Refuse to sign a disabled user out."""

    def signed_out(request: Request) -> Response:
        user = _user(cognito, request)
        if user and not user.get("Enabled", True):
            refusal: Response = cognito.error_response_json(
                "NotAuthorizedException", "User is disabled.", 400
            )
            return refusal
        return sign_out(request)

    return signed_out


def _user(cognito: Any, request: Request) -> dict[str, Any] | None:  # noqa: ANN401 - an untyped module
    """Return the user whom a request of an administrator names."""
    pool = cognito._resolve_pool(request.get("UserPoolId"))[0]  # noqa: SLF001 - no other way in
    found: dict[str, Any] | None = (
        cognito._resolve_user(pool, request.get("Username"))[0] if pool else None  # noqa: SLF001
    )
    return found
