"""The routes of the template, read from SAM's OpenAPI and made in the emulator."""

from itertools import count
from typing import Any, cast

import pytest

from tools.local.http_api import (
    Authorizer,
    HttpApi,
    Route,
    RoutesError,
    http_apis,
    read_openapi,
    reconcile,
)
from tools.local.intrinsics import Scope

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"
URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
STATUS = Route("GET /status", ARN + "status")
SIGNUP = Route("POST /auth/signup", ARN + "signup")
ME = Route("GET /me", ARN + "me", authorizer="Jwt", scopes=("read",))
JWT = Authorizer("Jwt", "$request.header.Authorization", "https://issuer", ("client",))


class FakeApiGateway:
    """One API of API Gateway, as far as `reconcile` uses it."""

    def __init__(self) -> None:
        self.routes: dict[str, dict[str, Any]] = {}
        self.integrations: dict[str, dict[str, Any]] = {}
        self.authorizers: dict[str, dict[str, Any]] = {}
        self.cors: dict[str, Any] = {}
        self.writes = 0
        self.deaf_to: set[str] = set()
        self._ids = map(str, count(1))

    def get_routes(self, ApiId: str) -> dict[str, Any]:  # noqa: N803, ARG002
        return {"Items": list(self.routes.values())}

    def get_integrations(self, ApiId: str) -> dict[str, Any]:  # noqa: N803, ARG002
        return {"Items": list(self.integrations.values())}

    def get_authorizers(self, ApiId: str) -> dict[str, Any]:  # noqa: N803, ARG002
        return {"Items": list(self.authorizers.values())}

    def create_integration(self, **given: object) -> dict[str, Any]:
        self.writes += 1
        identifier = next(self._ids)
        self.integrations[identifier] = {**given, "IntegrationId": identifier}
        return self.integrations[identifier]

    def create_route(self, **given: object) -> None:
        self.writes += 1
        if given["RouteKey"] not in self.deaf_to:
            identifier = next(self._ids)
            self.routes[identifier] = {**given, "RouteId": identifier}

    def delete_route(self, ApiId: str, RouteId: str) -> None:  # noqa: N803, ARG002
        self.writes += 1
        del self.routes[RouteId]

    def create_authorizer(self, **given: object) -> dict[str, Any]:
        identifier = next(self._ids)
        self.authorizers[identifier] = {**given, "AuthorizerId": identifier}
        return self.authorizers[identifier]

    def update_authorizer(self, AuthorizerId: str, **given: object) -> None:  # noqa: N803
        self.authorizers[AuthorizerId] |= given

    def update_api(self, ApiId: str, CorsConfiguration: dict[str, Any]) -> None:  # noqa: N803, ARG002
        self.cors = CorsConfiguration

    def keys(self) -> set[str]:
        return {route["RouteKey"] for route in self.routes.values()}

    def behind(self, key: str) -> str:
        (route,) = [route for route in self.routes.values() if route["RouteKey"] == key]
        target = route["Target"].removeprefix("integrations/")
        return str(self.integrations[target]["IntegrationUri"])


@pytest.fixture
def gateway() -> FakeApiGateway:
    return FakeApiGateway()


def make(gateway: FakeApiGateway, wanted: HttpApi) -> int:
    return reconcile(cast("Any", gateway), "api", wanted)


def operation(function: str, **more: object) -> dict[str, Any]:
    uri = URI.format(arn=ARN + function)
    integration = {"type": "aws_proxy", "uri": uri, "payloadFormatVersion": "2.0"}
    return {"x-amazon-apigateway-integration": integration, **more}


def test_routes_authorizers_and_cors_are_read_from_sams_document() -> None:
    jwt = {"issuer": "https://issuer", "audience": ["client"]}
    scheme = {"type": "jwt", "identitySource": JWT.identity_source, "jwtConfiguration": jwt}
    body = {
        "paths": {
            "/status": {"get": operation("status"), "parameters": []},
            "/auth/signup": {"post": operation("signup", security=[{"NONE": []}])},
            "/me": {"get": operation("me", security=[{"Jwt": ["read"]}])},
            "/any": {"x-amazon-apigateway-any-method": operation("any")},
            "/$default": {"x-amazon-apigateway-any-method": operation("rest")},
        },
        "components": {"securitySchemes": {"Jwt": {"x-amazon-apigateway-authorizer": scheme}}},
        "x-amazon-apigateway-cors": {"allowOrigins": ["*"]},
    }
    assert read_openapi(body) == HttpApi(
        routes=(
            STATUS,
            SIGNUP,
            ME,
            Route("ANY /any", ARN + "any"),
            Route("$default", ARN + "rest"),
        ),
        authorizers=(JWT,),
        cors={"allowOrigins": ["*"]},
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"paths": {"/a": {"get": {}}}}, "GET /a has no integration"),
        (
            {"paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"uri": "http://x"}}}}},
            "GET /a does not lead to a function",
        ),
        (
            {"paths": {"/a": {"get": operation("a", security=[{"Ghost": []}])}}},
            "names the authorizer Ghost",
        ),
        (
            {"components": {"securitySchemes": {"L": {"x-amazon-apigateway-authorizer": {}}}}},
            "L is not a JWT authorizer",
        ),
    ],
)
def test_what_cannot_be_made_locally_is_refused_with_its_name(
    body: dict[str, Any], message: str
) -> None:
    with pytest.raises(RoutesError, match=message):
        read_openapi(body)


def test_an_empty_api_gets_every_route_with_its_function(gateway: FakeApiGateway) -> None:
    assert make(gateway, HttpApi((STATUS, SIGNUP), ())) == 2
    assert gateway.behind("GET /status") == STATUS.function_arn
    assert gateway.behind("POST /auth/signup") == SIGNUP.function_arn


def test_a_second_time_changes_nothing(gateway: FakeApiGateway) -> None:
    wanted = HttpApi((STATUS, ME), (JWT,))
    make(gateway, wanted)
    writes = gateway.writes
    make(gateway, wanted)
    assert gateway.writes == writes
    assert len(gateway.authorizers) == 1


def test_a_route_that_moved_to_another_function_is_made_anew(gateway: FakeApiGateway) -> None:
    make(gateway, HttpApi((STATUS,), ()))
    moved = Route("GET /status", ARN + "health")
    make(gateway, HttpApi((moved,), ()))
    assert gateway.behind("GET /status") == moved.function_arn
    assert len(gateway.routes) == 1


def test_a_route_that_the_template_no_longer_has_goes(gateway: FakeApiGateway) -> None:
    make(gateway, HttpApi((STATUS, SIGNUP), ()))
    make(gateway, HttpApi((SIGNUP,), ()))
    assert gateway.keys() == {"POST /auth/signup"}


def test_an_open_route_can_be_closed(gateway: FakeApiGateway) -> None:
    make(gateway, HttpApi((Route("GET /me", ME.function_arn),), ()))
    make(gateway, HttpApi((ME,), (JWT,)))
    (route,) = gateway.routes.values()
    assert route["AuthorizationType"] == "JWT"
    assert route["AuthorizationScopes"] == ["read"]
    assert route["AuthorizerId"] in gateway.authorizers


def test_a_route_that_the_emulator_does_not_take_is_not_passed_over(
    gateway: FakeApiGateway,
) -> None:
    gateway.deaf_to = {"GET /status"}
    with pytest.raises(RoutesError, match="GET /status"):
        make(gateway, HttpApi((STATUS, SIGNUP), ()))


def test_cors_takes_a_list_parameter_that_arrives_as_text(gateway: FakeApiGateway) -> None:
    cors = {"allowOrigins": "https://a.example, https://b.example", "maxAge": 600}
    make(gateway, HttpApi((STATUS,), (), cors))
    assert gateway.cors == {
        "AllowOrigins": ["https://a.example", "https://b.example"],
        "MaxAge": 600,
    }


def test_each_http_api_of_a_template_is_found_with_its_id() -> None:
    uri = {"Fn::Sub": URI.replace("{arn}", "${Status.Arn}")}
    integration = {"x-amazon-apigateway-integration": {"uri": uri}}
    body = {"paths": {"/status": {"get": integration}}}
    scope = Scope(
        template={
            "Resources": {
                "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}},
                "Status": {"Type": "AWS::Lambda::Function"},
            }
        },
        parameters={},
        physical_ids={"Api": "abc123", "Status": "status"},
        region="eu-west-1",
        account="000000000000",
        stack_name="matinee",
    )
    assert list(http_apis(scope)) == [("abc123", HttpApi((STATUS,), ()))]
