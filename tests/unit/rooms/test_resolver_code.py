"""The resolvers' own code, run as AppSync runs it: who may subscribe, and what a call becomes."""

from typing import Any

import pytest
from graphql import GraphQLObjectType

from tests.fakes.appsync import service_role, signed_in
from tools.appsync.javascript import JavaScript, Outcome
from tools.contracts.graphql_schema import read_schema
from tools.contracts.paths import ROOT
from tools.templates import load_product

ALL_SUBSCRIPTIONS = {
    resolver["FieldName"]: resolver["CodeS3Location"]
    for resolver in (
        it["Properties"]
        for it in load_product()["Resources"].values()
        if it["Type"] == "AWS::AppSync::Resolver"
    )
    if resolver["TypeName"] == "Subscription"
}
SUBSCRIPTIONS = {
    field: code for field, code in ALL_SUBSCRIPTIONS.items() if not code.endswith("lambda.js")
}
"""Those of a user's own events; the function itself decides about the others."""

ANN = signed_in("ann")


def with_claims(**claims: object) -> dict[str, Any]:
    return ANN | {"claims": ANN["claims"] | claims}


def subscribe(field: str, identity: object, args: dict[str, Any]) -> Outcome:
    """Run the resolver of a subscription, as AppSync does when somebody subscribes."""
    javascript = JavaScript()
    javascript.define(field, (ROOT / SUBSCRIPTIONS[field]).read_text(encoding="utf-8"))
    context = {"args": args, "identity": identity, "stash": {}}
    return javascript.call(field, "request", "User Pool Authorization", context)


def test_every_subscription_is_held_by_these_tests() -> None:
    schema = read_schema(ROOT / "contracts/graphql/schema.graphql")
    assert isinstance(schema.subscription_type, GraphQLObjectType)
    assert ALL_SUBSCRIPTIONS.keys() == schema.subscription_type.fields.keys()
    assert ALL_SUBSCRIPTIONS.keys() - SUBSCRIPTIONS.keys() == {"roomFeed"}


def answered(result: dict[str, Any]) -> Outcome:
    """Run the response of a field whose function has answered."""
    javascript = JavaScript()
    code = (ROOT / ALL_SUBSCRIPTIONS["roomFeed"]).read_text(encoding="utf-8")
    javascript.define("lambda", code)
    context = {"args": {}, "identity": ANN, "stash": {}, "result": result}
    return javascript.call("lambda", "response", "User Pool Authorization", context)


def test_the_function_says_what_ends_the_subscription_that_begins() -> None:
    ending: dict[str, Any] = {"filterGroup": [{"filters": []}]}

    outcome = answered({"data": None, "invalidationFilter": ending})

    assert (outcome.value, outcome.invalidation_filter) == (None, ending)
    assert outcome.invalidations == ()


def test_the_function_says_whose_subscriptions_end() -> None:
    ended = {"subscriptionField": "roomFeed", "payload": {"userId": "bob"}}

    outcome = answered({"data": {"seq": 1}, "invalidate": ended})

    assert (outcome.value, outcome.invalidations) == ({"seq": 1}, (ended,))
    assert answered({"data": 1}).invalidations == ()


@pytest.mark.parametrize("field", SUBSCRIPTIONS)
@pytest.mark.parametrize(
    ("identity", "args"),
    [
        (ANN, {"userId": "bob"}),
        (ANN, {"userId": "Ann"}),
        (ANN, {"userId": ""}),
        (ANN, {"userId": None}),
        (ANN, {}),
        (ANN | {"sub": "", "username": ""}, {"userId": ""}),
        (ANN | {"sub": None}, {"userId": None}),
        (ANN | {"sub": None, "username": "bob"}, {"userId": "bob"}),
        (service_role(), {"userId": "ann"}),
        ({}, {}),
        (None, {"userId": "ann"}),
        (None, {}),
    ],
)
def test_nobody_subscribes_to_anothers_events(
    field: str, identity: object, args: dict[str, Any]
) -> None:
    outcome = subscribe(field, identity, args)

    assert outcome.error is not None
    assert outcome.error.type == "Unauthorized"


@pytest.mark.parametrize("field", SUBSCRIPTIONS)
@pytest.mark.parametrize(
    "identity",
    [
        with_claims(token_use="id"),
        with_claims(token_use=None),
        with_claims(scope="openid"),
        with_claims(scope=None),
        ANN | {"claims": None},
    ],
    ids=str,
)
def test_only_an_access_token_subscribes(field: str, identity: dict[str, Any]) -> None:
    outcome = subscribe(field, identity, {"userId": "ann"})

    assert outcome.error is not None
    assert outcome.error.type == "Unauthorized"


@pytest.mark.parametrize("field", SUBSCRIPTIONS)
def test_a_user_subscribes_to_their_own_events(field: str) -> None:
    outcome = subscribe(field, ANN, {"userId": "ann"})

    assert (outcome.error, outcome.value) == (None, {"payload": None})
