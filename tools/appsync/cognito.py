"""Verifies the user pool's tokens as AppSync does: any client's, unless a pattern says which."""

import re
from collections.abc import Mapping
from typing import Protocol

from jose import jwt
from jose.exceptions import JOSEError

from matinee.errors import Unavailable
from matinee.principal import TokenUse
from tools.appsync.errors import Unauthenticated
from tools.appsync.jwt import InvalidToken, TokenVerifier, keys_from


class Tokens(Protocol):
    """Verifies tokens. Thread-safe."""

    def verify(self, token: str) -> Mapping[str, object]:
        """Return a valid token's claims. Raises Unauthenticated."""


class PoolTokens:
    """The tokens of one pool, access and ID tokens alike."""

    def __init__(self, verifier: TokenVerifier, client_id_pattern: str | None = None) -> None:
        self._verifier = verifier
        self._client_id = re.compile(client_id_pattern) if client_id_pattern else None

    def verify(self, token: str) -> Mapping[str, object]:
        """See Tokens."""
        try:
            claims = self._verifier.verify(token)
        except InvalidToken as invalid:
            raise Unauthenticated(_why(token, invalid)) from invalid
        except Unavailable as unavailable:
            message = "The user pool does not answer."
            raise Unauthenticated(message, "InternalFailure", status=500) from unavailable
        client_id = claims.get("client_id", claims.get("aud"))
        if self._client_id and not self._client_id.fullmatch(str(client_id)):
            raise Unauthenticated
        return claims


def pool_tokens(
    pool_url: str, region: str, user_pool_id: str, client_id_pattern: str | None
) -> PoolTokens:
    """Verify a pool's tokens with the keys that it publishes below `pool_url`."""
    verifier = TokenVerifier(
        issuer=f"https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
        token_uses=(TokenUse.ACCESS, TokenUse.ID),
        fetch_keys=keys_from(f"{pool_url}/{user_pool_id}/.well-known/jwks.json"),
    )
    return PoolTokens(verifier, client_id_pattern)


def _why(token: str, invalid: InvalidToken) -> str:
    """Word the refusal as AppSync does; it was decided before, this is for the reader only."""
    cause = invalid.__cause__
    while cause is not None:
        if type(cause).__name__ == "ExpiredSignatureError":
            return "Token has expired."
        cause = cause.__cause__
    try:
        jwt.get_unverified_header(token)
    except JOSEError:
        return "Unable to parse JWT token."
    return "You are not authorized to make this call."
