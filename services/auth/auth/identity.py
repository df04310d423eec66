"""Who is signed in: taken from the claims that the gateway has verified, from nothing else.

Nothing in the environment changes that. A unit test that needs nobody's token hands another
`Identify` to the `build` of a handler's module; the function that is deployed hands none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from auth.domain import Account
from auth.service import Caller
from matinee.errors import Unauthorized
from matinee.http import HttpApi
from matinee.principal import Principal, TokenUse

type Identify = Callable[[Mapping[str, Any]], Account]
"""Answers who is signed in, of an HTTP API's event; raises Unauthorized."""


def signed_in(event: Mapping[str, Any]) -> Account:
    """Take the user from a verified access token; raises Unauthorized.

    The gateway has looked at the token's use by its scope; it is looked at here once more.
    """
    principal = Principal.from_http(event)
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    if claims.get("token_use") != TokenUse.ACCESS:
        raise Unauthorized
    name = claims.get("username")
    return Account(principal.user_id, pool_name=name if name != principal.user_id else None)


def caller(api: HttpApi) -> Caller:
    """Answer where the present request comes from. The gateway tells the address, no header."""
    context = api.routes.current_event.raw_event["requestContext"]
    return Caller(source=context["http"]["sourceIp"], trace=api.thread)
