"""Cognito's tokens, verified: signed by the pool, for this pool, this client, this use, now.

API Gateway and AppSync verify tokens on AWS; the local AppSync endpoint must do so itself.
"""

import time
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any

import httpx
from jose import jwt
from jose.exceptions import JOSEError

from matinee.errors import Unauthorized, Unavailable
from matinee.observability import logger
from matinee.principal import TokenUse

MAX_TOKEN_LENGTH = 8 * 1024
"""Characters. Cognito's tokens stay well below; API Gateway takes 10 KiB of headers at most."""

KEYS_TTL_SECONDS = 3600.0
"""For so long the pool's keys are trusted without fetching them again."""

MIN_KEY_FETCH_INTERVAL_SECONDS = 10.0
"""Between two searches for an unknown key: invented key ids must not flood the pool."""

_NO_KEYS = "The keys to verify tokens with cannot be had right now."

type Jwks = Mapping[str, Any]


class InvalidToken(Unauthorized):
    """A token that proves nothing. The message never says which check failed."""

    title = "The token is not valid"


class TokenVerifier:
    """Verifies one pool's tokens.

    `client_ids` may be empty: then any client of the pool is accepted, as AppSync does by default.
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
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._fetched_at = self._known_at = float("-inf")
        self._lock = Lock()

    def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a valid token.

        Raises InvalidToken, or Unavailable when the pool's keys cannot be had.
        """
        if len(token) > MAX_TOKEN_LENGTH:
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
                options={
                    "verify_aud": False,  # an access token has a client_id instead: _check_use
                    "verify_at_hash": False,  # the hosted UI's ID tokens have one: no access token
                    "require_exp": True,
                    "require_iat": True,
                },
            )
        except (JOSEError, ValueError, TypeError) as error:
            raise InvalidToken from error
        self._check_use(claims)
        return claims

    def _check_use(self, claims: Mapping[str, Any]) -> None:
        use = claims.get("token_use")
        client = claims.get("aud") if use == TokenUse.ID else claims.get("client_id")
        if not isinstance(use, str) or use not in self._token_uses or not claims.get("sub"):
            raise InvalidToken
        if self._client_ids and (not isinstance(client, str) or client not in self._client_ids):
            raise InvalidToken

    def _key(self, key_id: object) -> Mapping[str, Any]:
        if not isinstance(key_id, str):
            raise InvalidToken
        with self._lock:
            now = self._clock()
            is_stale = key_id not in self._keys or now - self._known_at > KEYS_TTL_SECONDS
            if is_stale and now - self._fetched_at > MIN_KEY_FETCH_INTERVAL_SECONDS:
                self._refresh(now)
            key = self._keys.get(key_id)
            is_current = self._known_at == self._fetched_at
        if key is not None:
            return key
        raise InvalidToken if is_current else Unavailable(_NO_KEYS)

    def _refresh(self, now: float) -> None:
        """Fetch the keys. While that fails, those that are known remain trusted."""
        self._fetched_at = now
        try:
            self._keys = _signing_keys(self._fetch_keys())
        except Unavailable:
            logger.warning("keys_unavailable")
        else:
            self._known_at = now


def _signing_keys(jwks: Jwks) -> Mapping[str, Mapping[str, Any]]:
    """Return the RSA keys for signatures by their ids. Raises Unavailable for no key set."""
    try:
        return {
            key["kid"]: key
            for key in jwks["keys"]
            if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise Unavailable(_NO_KEYS) from error


def keys_from(jwks_url: str, timeout: float = 3.0) -> Callable[[], Jwks]:
    """Return a function that fetches a pool's public keys (RFC 7517); `timeout` in seconds."""

    def fetch() -> Jwks:
        try:
            response = httpx.get(jwks_url, timeout=timeout)
            response.raise_for_status()
            keys: Jwks = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(_NO_KEYS) from error
        return keys

    return fetch
