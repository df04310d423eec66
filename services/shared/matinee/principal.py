"""The caller, from claims that API Gateway or AppSync has verified, and from nothing else.

One rule for REST and GraphQL (ADR 120): an access token with Cognito's own scope, of a member of a
group that the route or field is for. The gateways check what they can of it: API Gateway the client
and the scope, AppSync the client and the groups. What they cannot is checked here, for both.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from matinee.errors import Forbidden, Unauthorized

USERS = "Users"
"""The group of everybody who may use the product."""

GUESTS = "Guests"
"""The group of those who were let into one room, without an account: it opens nothing else."""

ACCESS_SCOPE = "aws.cognito.signin.user.admin"
"""The scope of every access token of the pool's own API; an ID token has none."""

_TOKEN_PARTS = 3
"""Header, claims, signature."""

_NO_ACCESS_TOKEN = f"This needs an access token with the scope {ACCESS_SCOPE}"


class TokenUse(StrEnum):
    """The purpose for which Cognito issued a token."""

    ACCESS = "access"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user. `user_id` is the token's `sub`."""

    user_id: str
    groups: frozenset[str] = frozenset()

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Return the user of an access token's verified claims; raise Unauthorized for others."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Unauthorized
        scopes = str(claims.get("scope") or "").split()
        if claims.get("token_use") != TokenUse.ACCESS or ACCESS_SCOPE not in scopes:
            raise Unauthorized(_NO_ACCESS_TOKEN)
        return cls(subject, _groups(claims.get("cognito:groups")))

    @classmethod
    def from_appsync(cls, event: Mapping[str, Any]) -> Self:
        """Return the user of a resolver's event; raise Unauthorized for any other identity."""
        identity = event.get("identity") or {}
        return cls.from_claims(identity.get("claims") or {})

    @classmethod
    def from_http(cls, event: Mapping[str, Any]) -> Self:
        """Return the user of an HTTP API event behind a JWT authorizer; raise Unauthorized."""
        authorizer = event.get("requestContext", {}).get("authorizer") or {}
        return cls.from_claims((authorizer.get("jwt") or {}).get("claims") or {})

    def require(self, *groups: str) -> None:
        """Raise Forbidden unless the user is a member of one of some groups."""
        if self.groups.isdisjoint(groups):
            raise Forbidden

    @property
    def is_guest(self) -> bool:
        """Whether the user is a guest of one room, and no user of the product."""
        return USERS not in self.groups


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Parse the claims of a token that comes directly from its issuer, without verification.

    Raises ValueError when it is no JSON Web Token (RFC 7519).
    """
    parts = token.split(".")
    if len(parts) != _TOKEN_PARTS:
        message = "this is no JSON Web Token"
        raise ValueError(message)
    payload = parts[1]
    claims: Mapping[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims


type Identify = Callable[[Mapping[str, Any]], Principal]
"""Returns the signed-in user of an HTTP API event; raises Unauthorized or Forbidden.

A unit test may pass another one to a handler's `build`. The deployed function passes none, and
nothing in its environment changes that.
"""


def signed_in(event: Mapping[str, Any]) -> Principal:
    """Return the member of Users whose access token the gateway has verified.

    Raises Unauthorized, or Forbidden for somebody outside the group, which no HTTP API can check.
    """
    principal = Principal.from_http(event)
    principal.require(USERS)
    return principal


def _groups(claim: object) -> frozenset[str]:
    """Parse the groups: a list from AppSync, a text like "[Users Editors]" from API Gateway."""
    if isinstance(claim, str):
        return frozenset(claim.strip("[]").replace(",", " ").split())
    if isinstance(claim, list):
        return frozenset(str(group) for group in claim)
    return frozenset()
