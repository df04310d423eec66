"""Authenticates a request's sender: a user by a token, an AWS principal by a signature."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.appsync.cognito import Tokens
from tools.appsync.errors import Unauthenticated
from tools.appsync.identity import CognitoIdentity, IamIdentity, Identity
from tools.appsync.sigv4 import ALGORITHM, SignatureVerifier, SignedRequest

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Accepts what the API's modes allow; a part that is None belongs to a mode that it lacks."""

    tokens: Tokens | None
    signatures: SignatureVerifier | None

    def authenticate(self, request: SignedRequest, source_ip: str) -> Identity:
        """Return the proven identity of a request's sender. Raises Unauthenticated.

        May block, for the pool's keys or a function's role.
        """
        authorization = request.headers.get("authorization", "").strip()
        if not authorization:
            raise Unauthenticated("Valid authorization header not provided.")
        if authorization.startswith(ALGORITHM):
            return self._principal(request, source_ip)
        return self._user(authorization, source_ip)

    def _principal(self, request: SignedRequest, source_ip: str) -> IamIdentity:
        if self.signatures is None:
            raise Unauthenticated
        credential = self.signatures.verify(request)
        return IamIdentity(
            account_id=credential.account_id,
            user_arn=credential.user_arn,
            user_id=credential.user_id,
            policy_sources=credential.policy_sources,
            is_root=credential.is_root,
            source_ip=source_ip,
        )

    def _user(self, authorization: str, source_ip: str) -> CognitoIdentity:
        if self.tokens is None:
            raise Unauthenticated
        if authorization.lower().startswith(_BEARER):
            authorization = authorization[len(_BEARER) :].strip()
        claims = self.tokens.verify(authorization)
        return CognitoIdentity(claims, source_ip, _expiry(claims))


def _expiry(claims: Mapping[str, object]) -> float:
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float):
        raise Unauthenticated
    return float(expires_at)
