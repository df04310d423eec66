"""Cognito's tokens, verified: signed by the pool, for this pool, this client, this use, now.

API Gateway and AppSync verify tokens on AWS. This is for whoever must do so himself: the local
AppSync endpoint, and functions that are reached without either.
"""

import time
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from threading import Lock
from typing import Any

import httpx
from jose import jwt
from jose.exceptions import JOSEError

from matinee.errors import Unauthorized, Unavailable

LONGEST_TOKEN = 8 * 1024
"""Characters. Cognito's tokens stay well below; API Gateway takes 10 KiB of headers at most."""

KEYS_LIVE_FOR = 3600.0
"""Seconds for which the pool's keys are trusted without asking again."""

KEYS_ASKED_AT_MOST_EVERY = 10.0
"""Seconds between two looks for an unknown key: invented key ids must not become a flood."""

type Jwks = Mapping[str, Any]


class TokenUse(StrEnum):
    """What Cognito made a token for."""

    ACCESS = "access"
    ID = "id"


class InvalidToken(Unauthorized):
    """A token that proves nothing. The message never says which check failed."""

    title = "The token is not valid"


class TokenVerifier:
    """Verifies one pool's tokens.

    `client_ids` may be empty: then any client of the pool will do, as AppSync has it by default.
    Thread-safe.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_ids: Collection[str] = (),
        token_uses: Collection[TokenUse] = (TokenUse.ACCESS,),
        fetch_keys: Callable[[], Jwks],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client_ids = frozenset(client_ids)
        self._token_uses = frozenset(token_uses)
        self._fetch_keys = fetch_keys
        self._clock = clock
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._asked_at = float("-inf")
        self._lock = Lock()

    def verify(self, token: str) -> Mapping[str, Any]:
        """Answer the claims of a valid token.

        Raises InvalidToken, or Unavailable when the pool's keys cannot be had.
        """
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise InvalidToken
            claims = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=["RS256"],
                issuer=self._issuer,
                options={"verify_aud": False, "require_exp": True, "require_iat": True},
            )
        except (JOSEError, ValueError, TypeError) as error:
            raise InvalidToken from error
        self._check_use(claims)
        return claims

    def _check_use(self, claims: Mapping[str, Any]) -> None:
        use = claims.get("token_use")
        client = claims.get("aud") if use == TokenUse.ID else claims.get("client_id")
        if use not in self._token_uses or not claims.get("sub"):
            raise InvalidToken
        if self._client_ids and client not in self._client_ids:
            raise InvalidToken

    def _key(self, key_id: object) -> Mapping[str, Any]:
        if not isinstance(key_id, str):
            raise InvalidToken
        with self._lock:
            age = self._clock() - self._asked_at
            unknown = key_id not in self._keys
            if age > KEYS_LIVE_FOR or (unknown and age > KEYS_ASKED_AT_MOST_EVERY):
                self._refresh()
            key = self._keys.get(key_id)
        if key is None:
            raise InvalidToken
        return key

    def _refresh(self) -> None:
        self._keys = {
            key["kid"]: key
            for key in self._fetch_keys()["keys"]
            if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"
        }
        self._asked_at = self._clock()


def keys_of(jwks_url: str, timeout: float = 3.0) -> Callable[[], Jwks]:
    """Answer a function that asks a pool for its public keys (RFC 7517); `timeout` in seconds."""

    def fetch() -> Jwks:
        try:
            response = httpx.get(jwks_url, timeout=timeout)
            response.raise_for_status()
            keys: Jwks = response.json()
        except (httpx.HTTPError, ValueError) as error:
            message = "The keys to verify tokens with cannot be had right now."
            raise Unavailable(message) from error
        return keys

    return fetch
