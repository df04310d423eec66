"""The caller of a request, from what the gateway has verified, and from nothing else.

No environment variable changes that. A unit test may pass another `Identify` to the `build` of a
handler's module; the deployed function passes none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from auth.domain.account import Account
from auth.ports import Caller, SignedInGuest
from matinee.http.api import HttpApi
from matinee.principal import GUESTS, Principal
from matinee.principal import signed_in as signed_in_principal

type Identify = Callable[[Mapping[str, Any]], Account]
"""Returns the signed-in user of an HTTP API event; raises Unauthorized."""

type IdentifyGuest = Callable[[Mapping[str, Any]], SignedInGuest]
"""Returns the guest of an HTTP API event; raises Unauthorized or Forbidden."""


def signed_in(event: Mapping[str, Any]) -> Account:
    """Return the user, with the pool's own name of them, of a verified access token.

    Raises Unauthorized.
    """
    user_id = signed_in_principal(event).user_id
    name = event["requestContext"]["authorizer"]["jwt"]["claims"].get("username")
    return Account(user_id, federated_username=name if name != user_id else None)


def signed_in_guest(event: Mapping[str, Any]) -> SignedInGuest:
    """Return the guest of a verified access token, and the token.

    Raises Unauthorized, or Forbidden for whoever is no guest.
    """
    principal = Principal.from_http(event)
    principal.require(GUESTS)
    name = event["requestContext"]["authorizer"]["jwt"]["claims"].get("username")
    federated = name if name != principal.user_id else None
    token = event["headers"].get("authorization", "").removeprefix("Bearer ")
    return SignedInGuest(Account(principal.user_id, federated_username=federated), token)


def caller(api: HttpApi) -> Caller:
    """Return the origin of the current request. The gateway states the address, not a header."""
    context = api.routes.current_event.raw_event["requestContext"]
    return Caller(source=context["http"]["sourceIp"], trace=api.trace)
