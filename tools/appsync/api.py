"""An AppSync API as its template defines it: schema, ways to authenticate, resolvers, sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AuthMode(StrEnum):
    """The ways in which callers may prove their identity, by CloudFormation's names."""

    COGNITO = "AMAZON_COGNITO_USER_POOLS"
    IAM = "AWS_IAM"
    API_KEY = "API_KEY"
    OIDC = "OPENID_CONNECT"
    LAMBDA = "AWS_LAMBDA"


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where a resolver gets its data: a function (by its physical name), or nowhere (NONE)."""

    name: str
    function_name: str | None = None


@dataclass(frozen=True, slots=True)
class Resolver:
    """The APPSYNC_JS code of one field. `origin` names the file, for messages."""

    data_source: DataSource
    code: str
    origin: str


@dataclass(frozen=True, slots=True)
class GraphqlApi:
    """One API, ready to be served. `arn` is that of the API: policies name its fields by it."""

    api_id: str
    arn: str
    region: str
    sdl: str
    resolvers: Mapping[tuple[str, str], Resolver]
    default_mode: AuthMode = AuthMode.COGNITO
    additional_modes: frozenset[AuthMode] = field(default_factory=frozenset)
    user_pool_id: str | None = None
    client_id_pattern: str | None = None
    introspection: bool = True
    query_depth_limit: int = 0
    resolver_count_limit: int = 0

    @property
    def account(self) -> str:
        """The number of the account that the API belongs to."""
        return self.arn.split(":")[4]

    @property
    def modes(self) -> frozenset[AuthMode]:
        """All ways to authenticate that this API takes."""
        return self.additional_modes | {self.default_mode}

    def field_arn(self, type_name: str, field_name: str) -> str:
        """Name one field as IAM policies do."""
        return f"{self.arn}/types/{type_name}/fields/{field_name}"
