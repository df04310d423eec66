"""What stands before the interfaces, and what a new account can hold."""

from typing import Any

from tests.template.stacks import Stacks, target

NEW_ACCOUNT_S_MEMORY = 3008
"""Megabytes that a function of a new account may have, until more is asked for."""


def throttle(settings: dict[str, Any]) -> tuple[int, int]:
    return settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]


def test_no_open_route_can_use_up_what_all_share(stacks: Stacks) -> None:
    stage = stacks.resources["ApiStage"]["Properties"]
    rate, burst = throttle(stage["DefaultRouteSettings"])
    throttled = stage["RouteSettings"]

    open_ones = {key for key, route in stacks.routes.items() if route.is_public}

    assert open_ones
    assert set(throttled) == open_ones
    for route, settings in throttled.items():
        own_rate, own_burst = throttle(settings)
        assert (own_rate <= rate / 2, own_burst <= burst / 2) == (True, True), route


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


def test_the_web_acl_stands_where_visitors_come_with_their_own_addresses(stacks: Stacks) -> None:
    """Before the user pool it would see our functions' addresses: everybody's, and one."""
    guarded = stacks.of_type("AWS::WAFv2::WebACLAssociation")

    assert [target(each["ResourceArn"]) for each in guarded.values()] == ["RoomsApi"]


def test_the_web_acl_neither_counts_our_own_calls_nor_a_cinema_full_of_phones(
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


def test_every_function_fits_into_a_new_account(stacks: Stacks) -> None:
    parameters = stacks.template["Parameters"]
    memory = {
        name: parameters[asked["Ref"]]["Default"] if isinstance(asked, dict) else asked
        for name, function in stacks.functions.items()
        if (asked := function.get("MemorySize"))
    }

    assert "TrainerFunction" in memory
    assert {name: most for name, most in memory.items() if most > NEW_ACCOUNT_S_MEMORY} == {}


def test_a_changed_key_can_be_read_again_from_where_it_is_kept(stacks: Stacks) -> None:
    """CloudFormation resolves a reference again only when something of the resource changes."""
    secret = stacks.resources["TmdbSecret"]["Properties"]

    assert "${TmdbKeyVersion}" in secret["Description"]["Fn::Sub"]
    assert "${TmdbKeyReference}" in str(secret["SecretString"])
