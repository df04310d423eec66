"""Gives the emulator's HTTP APIs what the template says: routes, authorizers and CORS.

SAM writes all of it into an OpenAPI body, which the emulator's CloudFormation ignores. Here the
body of the processed template is read and made so through API Gateway's own API.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.local.intrinsics import Scope

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_apigatewayv2.type_defs import CorsTypeDef

_METHODS = {
    **{m: m.upper() for m in ("get", "put", "post", "delete", "options", "head", "patch")},
    "x-amazon-apigateway-any-method": "ANY",
}
_CORS_LISTS = frozenset({"allowOrigins", "allowHeaders", "allowMethods", "exposeHeaders"})
_NO_AUTHORIZER = "NONE"
_URI_PREFIX = ":lambda:path/2015-03-31/functions/"


class RoutesError(Exception):
    """A route of the template that could not be made in the emulator."""


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A JWT authorizer: who issued the token, and for whom."""

    name: str
    identity_source: str
    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One route: its key ("GET /status"), the function behind it, who may call it."""

    key: str
    function_arn: str
    payload_version: str = "2.0"
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpApi:
    """What an OpenAPI body says about an HTTP API."""

    routes: tuple[Route, ...]
    authorizers: tuple[Authorizer, ...]
    cors: Mapping[str, Any] = field(default_factory=dict)


def read_openapi(body: Mapping[str, Any]) -> HttpApi:
    """Read an OpenAPI body whose intrinsics are resolved. Raises RoutesError."""
    schemes = (body.get("components") or {}).get("securitySchemes") or {}
    authorizers = tuple(_read_authorizer(name, scheme) for name, scheme in schemes.items())
    known = {authorizer.name for authorizer in authorizers}
    routes = tuple(_read_routes(body))
    for route in routes:
        if route.authorizer is not None and route.authorizer not in known:
            raise RoutesError(f"{route.key} names the authorizer {route.authorizer}: unknown")
    return HttpApi(routes, authorizers, body.get("x-amazon-apigateway-cors") or {})


def reconcile(client: "ApiGatewayV2Client", api_id: str, wanted: HttpApi) -> int:
    """Make an API of the emulator be what the template says; return how many routes it has.

    Routes that the template no longer has are removed. Raises RoutesError when one is missing
    in the end.
    """
    authorizer_ids = _reconcile_authorizers(client, api_id, wanted.authorizers)
    _reconcile_routes(client, api_id, wanted.routes, authorizer_ids)
    if wanted.cors:
        client.update_api(ApiId=api_id, CorsConfiguration=_cors(wanted.cors))
    present = {item["RouteKey"] for item in client.get_routes(ApiId=api_id)["Items"]}
    missing = sorted({route.key for route in wanted.routes} - present)
    if missing:
        raise RoutesError(f"The emulator did not take these routes: {', '.join(missing)}")
    return len(wanted.routes)


def http_apis(scope: Scope) -> Iterator[tuple[str, HttpApi]]:
    """Yield the id and the wanted shape of every HTTP API in a processed template."""
    for logical_id, resource in scope.template["Resources"].items():
        if resource.get("Type") != "AWS::ApiGatewayV2::Api" or not scope.exists(logical_id):
            continue
        body = (resource.get("Properties") or {}).get("Body")
        if isinstance(body, dict):
            yield scope.physical_ids[logical_id], read_openapi(scope.resolve(body))


def _read_authorizer(name: str, scheme: Mapping[str, Any]) -> Authorizer:
    definition = scheme.get("x-amazon-apigateway-authorizer") or {}
    jwt = definition.get("jwtConfiguration")
    if definition.get("type", "jwt") != "jwt" or not isinstance(jwt, dict):
        raise RoutesError(f"The authorizer {name} is not a JWT authorizer: not bridged locally")
    source = definition.get("identitySource", "$request.header.Authorization")
    return Authorizer(
        name=name,
        identity_source=source if isinstance(source, str) else source[0],
        issuer=str(jwt.get("issuer", "")),
        audience=tuple(map(str, jwt.get("audience") or ())),
    )


def _read_routes(body: Mapping[str, Any]) -> Iterator[Route]:
    for path, operations in (body.get("paths") or {}).items():
        for name, operation in operations.items():
            if name not in _METHODS or not isinstance(operation, dict):
                continue
            key = "$default" if path == "/$default" else f"{_METHODS[name]} {path}"
            integration = operation.get("x-amazon-apigateway-integration")
            if not isinstance(integration, dict):
                raise RoutesError(f"{key} has no integration")
            authorizer, scopes = _security(operation)
            yield Route(
                key=key,
                function_arn=_function_arn(key, str(integration.get("uri", ""))),
                payload_version=str(integration.get("payloadFormatVersion", "2.0")),
                authorizer=authorizer,
                scopes=scopes,
            )


def _security(operation: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    for requirement in operation.get("security") or ():
        for name, scopes in requirement.items():
            if name != _NO_AUTHORIZER:
                return name, tuple(scopes or ())
    return None, ()


def _function_arn(key: str, uri: str) -> str:
    _, found, rest = uri.partition(_URI_PREFIX)
    if not found or not rest.endswith("/invocations"):
        raise RoutesError(f"{key} does not lead to a function: {uri or 'no uri'}")
    return rest.removesuffix("/invocations")


def _cors(cors: Mapping[str, Any]) -> "CorsTypeDef":
    """Name the OpenAPI extension's members as the API does: with a capital letter."""
    settings: CorsTypeDef = {}
    for name, value in cors.items():
        # SAM puts a list parameter's value in as the text that it is.
        listed = name in _CORS_LISTS and isinstance(value, str)
        members = [item.strip() for item in value.split(",")] if listed else value
        settings[name[0].upper() + name[1:]] = members  # type: ignore[literal-required]
    return settings


def _reconcile_authorizers(
    client: "ApiGatewayV2Client", api_id: str, wanted: tuple[Authorizer, ...]
) -> dict[str, str]:
    present = {
        item["Name"]: item["AuthorizerId"] for item in client.get_authorizers(ApiId=api_id)["Items"]
    }
    ids = {}
    for authorizer in wanted:
        if authorizer.name in present:
            client.update_authorizer(
                ApiId=api_id,
                AuthorizerId=present[authorizer.name],
                IdentitySource=[authorizer.identity_source],
                JwtConfiguration={
                    "Issuer": authorizer.issuer,
                    "Audience": list(authorizer.audience),
                },
            )
            ids[authorizer.name] = present[authorizer.name]
        else:
            created = client.create_authorizer(
                ApiId=api_id,
                Name=authorizer.name,
                AuthorizerType="JWT",
                IdentitySource=[authorizer.identity_source],
                JwtConfiguration={
                    "Issuer": authorizer.issuer,
                    "Audience": list(authorizer.audience),
                },
            )
            ids[authorizer.name] = created["AuthorizerId"]
    return ids


def _reconcile_routes(
    client: "ApiGatewayV2Client",
    api_id: str,
    wanted: tuple[Route, ...],
    authorizer_ids: Mapping[str, str],
) -> None:
    present = {item["RouteKey"]: item for item in client.get_routes(ApiId=api_id)["Items"]}
    integrations = {
        (item.get("IntegrationUri", ""), item.get("PayloadFormatVersion", "")): item[
            "IntegrationId"
        ]
        for item in client.get_integrations(ApiId=api_id)["Items"]
    }
    for route in wanted:
        behind = (route.function_arn, route.payload_version)
        if behind not in integrations:
            created = client.create_integration(
                ApiId=api_id,
                IntegrationType="AWS_PROXY",
                IntegrationMethod="POST",
                IntegrationUri=route.function_arn,
                PayloadFormatVersion=route.payload_version,
            )
            integrations[behind] = created["IntegrationId"]
        target = f"integrations/{integrations[behind]}"
        authorizer_id = authorizer_ids[route.authorizer] if route.authorizer else ""
        old = present.get(route.key)
        unchanged = (
            old is not None
            and old.get("Target") == target
            and old.get("AuthorizerId", "") == authorizer_id
            and tuple(old.get("AuthorizationScopes", ())) == route.scopes
        )
        if unchanged:
            continue
        if old is not None:
            client.delete_route(ApiId=api_id, RouteId=old["RouteId"])
        if authorizer_id:
            client.create_route(
                ApiId=api_id,
                RouteKey=route.key,
                Target=target,
                AuthorizationType="JWT",
                AuthorizerId=authorizer_id,
                AuthorizationScopes=list(route.scopes),
            )
        else:
            client.create_route(
                ApiId=api_id, RouteKey=route.key, Target=target, AuthorizationType="NONE"
            )
    for key in present.keys() - {route.key for route in wanted}:
        client.delete_route(ApiId=api_id, RouteId=present[key]["RouteId"])
