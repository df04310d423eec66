"""Every kind of token that must let nobody in, made with the pool's own key where one is needed.

A kind is a function of a `Forge`; `KINDS` are all of them, and the matrix sends each one to every
route and every operation.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt

from tests.e2e.accounts import SECRETS_SENT
from tools.ops.client import Stack

HOUR = 3600
PUBLIC_KEY = {
    "encoding": serialization.Encoding.PEM,
    "format": serialization.PublicFormat.SubjectPublicKeyInfo,
}


def claims_of(token: str) -> dict[str, Any]:
    """Return a token's claims, unverified."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims


def encoded(part: Mapping[str, Any]) -> str:
    """Encode one part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Forge:
    """A user's own tokens, and the means to make others of them: the pool's key among them."""

    stack: Stack
    tokens: Mapping[str, str]

    @property
    def access(self) -> str:
        """The user's access token."""
        return self.tokens["AccessToken"]

    @cached_property
    def header(self) -> dict[str, Any]:
        """The header of the pool's access tokens."""
        return jwt.get_unverified_header(self.access)

    def signed(self, **changes: object) -> str:
        """Return an access token that the pool might have signed; a claim of None is left out."""
        path = (
            Path(self.stack.state) / "cognito-pool-keys" / f"{self.stack.user_pool_id}-access.pem"
        )
        return self._sign(path.read_text(), changes)

    def signed_by_a_stranger(self, **changes: object) -> str:
        """Return a token with the id of the pool's key, signed with another one."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return self._sign(pem.decode(), changes)

    def _sign(self, pem: str, changes: Mapping[str, object]) -> str:
        claims: dict[str, object] = claims_of(self.access) | dict(changes)
        kept = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(kept, pem, "RS256", headers={"kid": self.header["kid"]})
        SECRETS_SENT.add(token)
        return token

    @cached_property
    def public_key(self) -> str:
        """The public half of the pool's key, as everybody can fetch it."""
        pool = f"{self.stack.emulator_url}/{self.stack.user_pool_id}"
        keys = httpx.get(f"{pool}/.well-known/jwks.json", timeout=60).raise_for_status().json()
        [key] = [key for key in keys["keys"] if key["kid"] == self.header["kid"]]
        pem: bytes = jwk.construct(key, "RS256").to_pem()
        return pem.decode()

    def parts(self) -> list[str]:
        """Return header, claims and signature of the access token."""
        return self.access.split(".")


def _symmetric(forge: Forge) -> str:
    """The public key taken for the secret of an HMAC."""
    unsigned = f"{encoded(forge.header | {'alg': 'HS256'})}.{forge.parts()[1]}"
    digest = hmac.digest(forge.public_key.encode(), unsigned.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{unsigned}.{signature}"


def _changed(forge: Forge, **changes: object) -> str:
    header, _, signature = forge.parts()
    return f"{header}.{encoded(claims_of(forge.access) | changes)}.{signature}"


KINDS: Mapping[str, Callable[[Forge], str | None]] = {
    "none": lambda _: None,
    "empty": lambda _: "",
    "garbage": lambda _: "nonsense",
    "garbage in three parts": lambda _: "a.b.c",
    "another scheme": lambda _: "Basic YW5uOlBvcGNvcm4=",
    "expired": lambda forge: forge.signed(exp=int(time.time()) - HOUR),
    "not valid yet": lambda forge: forge.signed(nbf=int(time.time()) + HOUR),
    "another pool's": lambda forge: forge.signed(iss=f"{claims_of(forge.access)['iss']}x"),
    "another client's": lambda forge: forge.signed(client_id="a" * 26),
    "signed by a stranger": lambda forge: forge.signed_by_a_stranger(),
    "without a signature": lambda forge: ".".join([*forge.parts()[:2], ""]),
    "algorithm none": lambda forge: (
        f"{encoded(forge.header | {'alg': 'none'})}.{forge.parts()[1]}."
    ),
    "HMAC by the public key": _symmetric,
    "key of another id": lambda forge: ".".join(
        [encoded(forge.header | {"kid": "a"}), *forge.parts()[1:]]
    ),
    "tampered: another user": lambda forge: _changed(forge, sub="somebody-else"),
    "tampered: another group": lambda forge: _changed(forge, **{"cognito:groups": ["Operators"]}),
    "cut": lambda forge: forge.access[:-8],
    "ID": lambda forge: forge.tokens["IdToken"],
    "ID with a scope": lambda forge: forge.signed(
        token_use="id", aud=forge.stack.client_id, client_id=None
    ),
    "refresh": lambda forge: forge.tokens["RefreshToken"],
    "without Cognito's scope": lambda forge: forge.signed(scope="openid email"),
    "without a use": lambda forge: forge.signed(token_use=None),
    "of nobody": lambda forge: forge.signed(sub=None),
    "of no group": lambda forge: forge.signed(**{"cognito:groups": None}),
    "of another group": lambda forge: forge.signed(**{"cognito:groups": ["Editors"]}),
}
"""By their names; a new kind is sent everywhere by itself. None: no header at all."""
