"""What stands before the interfaces, and what a new account can hold."""

import re
import tomllib
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from matinee.http.api import HttpApi
from tests.template.stacks import Stacks, target
from tools.appsync.complexity import complexity
from tools.appsync.service import Limits
from tools.contracts.paths import ROOT

CONFIGURATIONS = {
    name: settings
    for name, settings in tomllib.loads((ROOT / "samconfig.toml").read_text()).items()
    if name != "version"
}
"""Every environment of samconfig.toml."""

NEW_ACCOUNT_S_MEMORY = 3008
"""Megabytes that a function of a new account may have, until more is asked for."""


def throttle(settings: dict[str, Any]) -> tuple[int, int]:
    return settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]


def test_public_routes_have_throttles_of_their_own(stacks: Stacks) -> None:
    stage = stacks.resources["ApiStage"]["Properties"]
    rate, burst = throttle(stage["DefaultRouteSettings"])
    throttled = stage["RouteSettings"]

    open_ones = {key for key, route in stacks.routes.items() if route.is_public}

    assert open_ones
    assert set(throttled) == open_ones
    for route, settings in throttled.items():
        own_rate, own_burst = throttle(settings)
        assert (own_rate <= rate / 2, own_burst <= burst / 2) == (True, True), route


def test_pages_of_listed_origins_may_send_credentials(stacks: Stacks) -> None:
    cors = stacks.resources["HttpApi"]["Properties"]["CorsConfiguration"]
    parameter = stacks.product.stack_of("HttpApi").template["Parameters"]["AllowedOrigins"]

    assert cors["AllowCredentials"] is True
    assert cors["AllowOrigins"] == {"Ref": "AllowedOrigins"}
    assert not re.search(parameter["AllowedPattern"], "*")
    for origin in stacks.template["Parameters"]["AllowedOrigins"]["Default"].split(","):
        assert re.search(parameter["AllowedPattern"], origin)


def test_the_gateway_says_what_the_functions_say_to_pages(stacks: Stacks) -> None:
    cors = stacks.resources["HttpApi"]["Properties"]["CorsConfiguration"]
    ours = HttpApi(("https://movierec.net",)).routes._cors
    assert ours is not None
    methods = {route.method for route in stacks.routes.values()}

    assert set(cors["ExposeHeaders"]) == set(ours.expose_headers)
    assert set(cors["AllowHeaders"]) <= set(ours.allow_headers)
    assert set(cors["AllowMethods"]) == {*methods, "OPTIONS"}
    assert cors["AllowCredentials"] is ours.allow_credentials


def test_every_other_route_asks_for_the_scope_of_access_tokens(stacks: Stacks) -> None:
    """ID tokens have no scope: the authorizer alone would let them in."""
    routes = [
        route
        for route in stacks.of_type("AWS::ApiGatewayV2::Route").values()
        if not stacks.routes[route["RouteKey"]].is_public
    ]

    assert len(routes) > 10
    for route in routes:
        assert route["AuthorizationType"] == "JWT"
        assert target(route["AuthorizerId"]) == "Authorizer"
        assert route["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"]


def test_the_authorizer_knows_the_pool_s_own_client_alone(stacks: Stacks) -> None:
    authorizer = stacks.resources["Authorizer"]["Properties"]

    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert [target(client) for client in authorizer["JwtConfiguration"]["Audience"]] == [
        "UserPoolClient"
    ]
    assert authorizer["JwtConfiguration"]["Issuer"]["Fn::Sub"].endswith("/${UserPool}")


def test_the_api_may_invoke_each_function_of_a_route(stacks: Stacks) -> None:
    permitted = {
        permission["FunctionName"]["Ref"].removesuffix("Aliaslive")
        for permission in stacks.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
        and target(permission["SourceArn"]) == "HttpApi"
    }

    assert permitted == {route.function for route in stacks.routes.values()}


def test_web_acl_protects_the_graphql_api_alone(stacks: Stacks) -> None:
    """Before the user pool it would see our functions' addresses: everybody's, and one."""
    guarded = stacks.of_type("AWS::WAFv2::WebACLAssociation")

    assert [target(each["ResourceArn"]) for each in guarded.values()] == ["RoomsApi"]


def test_web_acl_admits_our_own_calls_and_a_shared_address(
    stacks: Stacks,
) -> None:
    rules = stacks.resources["WebAcl"]["Properties"]["Rules"]
    first, *others = sorted(rules, key=lambda rule: rule["Priority"])
    match = first["Statement"]["ByteMatchStatement"]
    [rate] = [
        rule["Statement"]["RateBasedStatement"]
        for rule in others
        if "RateBasedStatement" in rule["Statement"]
    ]

    assert first["Action"] == {"Allow": {}}
    assert match["FieldToMatch"] == {"SingleHeader": {"Name": "authorization"}}
    assert (match["PositionalConstraint"], match["SearchString"]) == (
        "STARTS_WITH",
        "AWS4-HMAC-SHA256",
    )
    assert rate["Limit"] / rate["EvaluationWindowSec"] >= 100


def test_web_acl_refuses_what_is_too_large_for_the_local_endpoint(stacks: Stacks) -> None:
    [large] = [
        rule["Statement"]["SizeConstraintStatement"]
        for rule in stacks.resources["WebAcl"]["Properties"]["Rules"]
        if "SizeConstraintStatement" in rule["Statement"] and "Block" in rule["Action"]
    ]

    assert large["FieldToMatch"] == {"Body": {"OversizeHandling": "MATCH"}}
    assert (large["ComparisonOperator"], large["Size"]) == ("GT", Limits().body_bytes)


def test_graphql_requests_are_bounded_and_may_introspect_where_that_is_on(stacks: Stacks) -> None:
    api = stacks.resources["RoomsApi"]["Properties"]
    in_prod, elsewhere = api["QueryDepthLimit"]["Fn::If"][1:]
    introspection = complexity(parse(get_introspection_query(input_value_deprecation=True)))

    assert api["IntrospectionConfig"] == {"Fn::If": ["IsProd", "DISABLED", "ENABLED"]}
    assert 3 <= in_prod < introspection.depth <= elsewhere - 4  # newer tools ask for two more
    assert 0 < api["ResolverCountLimit"] <= 10


@pytest.mark.parametrize("environment", sorted(CONFIGURATIONS))
def test_every_function_fits_into_a_new_account(environment: str, stacks: Stacks) -> None:
    asked = CONFIGURATIONS[environment]["deploy"]["parameters"]["parameter_overrides"]
    given = dict(pair.split("=", 1) for pair in asked)
    parameters = stacks.template["Parameters"]
    memory = {
        name: int(
            given.get(value["Ref"], parameters[value["Ref"]]["Default"])
            if isinstance(value, dict)
            else value
        )
        for name, function in stacks.functions.items()
        if (value := function.get("MemorySize"))
    }

    assert "TrainerFunction" in memory
    assert {name: most for name, most in memory.items() if most > NEW_ACCOUNT_S_MEMORY} == {}


def test_a_rotated_tmdb_key_can_be_resolved_again(stacks: Stacks) -> None:
    """CloudFormation resolves a reference again only when something of the resource changes."""
    secret = stacks.resources["TmdbSecret"]["Properties"]

    assert "${TmdbKeyVersion}" in secret["Description"]["Fn::Sub"]
    assert "${TmdbKeyReference}" in str(secret["SecretString"])
