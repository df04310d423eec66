"""Who is calling, as verified, and how AppSync shows it to a resolver as `ctx.identity`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tools.appsync.api import AuthMode


@dataclass(frozen=True, slots=True)
class CognitoIdentity:
    """A user of the pool, known by a verified token. `expires_at` is in epoch seconds."""

    claims: Mapping[str, object]
    source_ip: str
    expires_at: float

    mode: ClassVar[AuthMode] = AuthMode.COGNITO

    @property
    def groups(self) -> list[str]:
        """The user's groups, from the token."""
        groups = self.claims.get("cognito:groups")
        return [str(group) for group in groups] if isinstance(groups, list) else []

    def for_resolver(self) -> dict[str, object]:
        """Return the identity object of a Cognito user pools caller."""
        claims = dict(self.claims)
        return {
            "sub": claims.get("sub"),
            "issuer": claims.get("iss"),
            "username": claims.get("cognito:username", claims.get("username")),
            "claims": claims,
            "sourceIp": [self.source_ip],
            "defaultAuthStrategy": "ALLOW",
            "groups": self.groups or None,
        }


@dataclass(frozen=True, slots=True)
class IamIdentity:
    """A caller who signed with AWS credentials.

    `policy_sources` are the ARNs of the roles or users whose policies apply to them; the account's
    root has none and is marked by `is_root`.
    """

    account_id: str
    user_arn: str
    user_id: str
    policy_sources: tuple[str, ...]
    is_root: bool
    source_ip: str

    mode: ClassVar[AuthMode] = AuthMode.IAM
    expires_at: ClassVar[float | None] = None

    def for_resolver(self) -> dict[str, object]:
        """Return the identity object of an AWS_IAM caller."""
        return {
            "accountId": self.account_id,
            "cognitoIdentityPoolId": None,
            "cognitoIdentityId": None,
            "cognitoIdentityAuthType": None,
            "cognitoIdentityAuthProvider": None,
            "sourceIp": [self.source_ip],
            "username": self.user_id,
            "userArn": self.user_arn,
        }


type Identity = CognitoIdentity | IamIdentity
