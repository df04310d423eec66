"""Who is signed in: taken from the claims that the gateway has verified, from nothing else.

Nothing in the environment changes that. A unit test that needs nobody's token hands another
`Identify` to the `build` of a handler's module; the function that is deployed hands none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from auth.domain.account import Account
from auth.use_cases.sign_up import Caller
from matinee.http.api import HttpApi
from matinee.principal import signed_in as principal_of

type Identify = Callable[[Mapping[str, Any]], Account]
"""Returns who is signed in, of an HTTP API's event; raises Unauthorized."""


def signed_in(event: Mapping[str, Any]) -> Account:
    """Take the user, and what the pool calls him, from a verified access token.

    Raises Unauthorized.
    """
    principal = principal_of(event)
    name = event["requestContext"]["authorizer"]["jwt"]["claims"].get("username")
    return Account(principal.user_id, pool_name=name if name != principal.user_id else None)


def caller(api: HttpApi) -> Caller:
    """Return where the present request comes from. The gateway tells the address, no header."""
    context = api.routes.current_event.raw_event["requestContext"]
    return Caller(source=context["http"]["sourceIp"], trace=api.trace)
