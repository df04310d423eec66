"""Whatever is sent to a route of accounts, the answer is one that the OpenAPI document promises."""

import base64
import importlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auth import bootstrap
from tests.contract.test_openapi import (
    DOCUMENT,
    ENVIRONMENT,
    EVENTS,
    OPERATIONS,
    TEMPLATE,
    USE_CASES,
    Context,
    check_answer,
    function_routes,
)
from tests.fakes.examples import examples
from tests.unit.auth.fakes import CALLER, CODE, AuthApp

type Json = dict[str, Any]

FUNCTIONS = {route: name for name, routes in function_routes().items() for route in routes}
MODULES = {
    name: importlib.import_module(
        TEMPLATE["Resources"][name]["Properties"]["Handler"].rpartition(".")[0]
    )
    for name in FUNCTIONS.values()
}
ROUTES = sorted(
    f"{method} {path}"
    for method, path, _ in OPERATIONS
    if MODULES[FUNCTIONS[f"{method} {path}"]].__name__.startswith("auth.")
)
ANN = "ann@example.com"
TELLING: dict[str, list[object]] = {
    "email": [ANN, "ANN@example.com", "bob@example.com", "a@b", "@", "ann@example.com\n"],
    "password": ["Popcorn4two", "popcorn", "\ud800Aa345678", " ", "x" * 257],
    "code": [CODE, "000000", "", "12 34", 123456],
    "username": ["ann", "ANN", "frames", "ab", "a" * 21, "\u200b\u200b\u200b", "ſſſ", "İİİ"],
    "RefreshToken": ["refresh-1", "nonsense", "", "\udfff"],
    "userId": ["sub-1"],
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=5,
)
fields = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(likely) | values for name, likely in TELLING.items()}
)
bodies = st.one_of(
    fields.map(json.dumps),
    st.dictionaries(st.text(), values, max_size=4).map(json.dumps),
    values.map(json.dumps),
    st.text(),
    st.just("[" * 5_000),
    st.none(),
)
headers = st.dictionaries(
    st.sampled_from(["x-correlation-id", "content-type", "origin", "x-user-id", "authorization"]),
    st.text(max_size=200),
)
usernames = st.sampled_from(TELLING["username"]).map(str) | st.text(min_size=1, max_size=40)


@pytest.fixture(scope="module")
def app() -> Iterator[AuthApp]:
    """One product for all requests: what one of them leaves behind, the next finds."""
    app = AuthApp(auto_confirm=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in USE_CASES:
            patch.setattr(bootstrap, name, lambda name=name: getattr(app, name))
        bootstrap.edge.cache_clear()
        for module in MODULES.values():
            module.handler.cache_clear()
        yield app
    bootstrap.edge.cache_clear()
    for module in MODULES.values():
        module.handler.cache_clear()


def request(route: str, body: str | None, sent: dict[str, str], username: str) -> Json:
    """Write a request as the gateway hands it to a function."""
    method, _, pattern = route.partition(" ")
    path = pattern.format(username=quote(username, safe="", errors="replace"))
    event: Json = json.loads((EVENTS / "StatusFunction.http.get.json").read_text())
    event |= {"routeKey": route, "rawPath": path}
    event["headers"] |= sent
    event["requestContext"]["http"] |= {"method": method, "path": path}
    if "{" in pattern:
        event["pathParameters"] = {"username": username}
    if body is not None:
        text = body.encode(errors="replace")
        event |= {"body": base64.b64encode(text).decode(), "isBase64Encoded": True}
    if DOCUMENT["paths"][pattern][method.lower()]["security"]:
        claims = {
            "sub": "sub-1",
            "username": "sub-1",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "cognito:groups": "[Users Guests]",
        }
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": []}}
    return event


@pytest.mark.parametrize("route", ROUTES)
@settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(body=bodies, sent=headers, username=usernames)
@example(body=json.dumps({"email": ANN, "password": "Popcorn4two"}), sent={}, username="ann")
@example(body=json.dumps({"username": "ann", "password": "Popcorn4two"}), sent={}, username="ab")
@example(body=json.dumps({"email": ANN, "code": CODE}), sent={}, username="x")
def test_whatever_is_sent_the_answer_is_documented(
    app: AuthApp, route: str, body: str | None, sent: dict[str, str], username: str
) -> None:
    # Given a product in which Ann has an account, unless she has just deleted it
    if ANN not in app.pool:
        app.sign_up.register(ANN, "Popcorn4two", None, CALLER)
    # When anything is sent to a route
    event = request(route, body, sent, username)
    answer = MODULES[FUNCTIONS[route]].handler(event, Context())
    # Then it is answered as the document says, and never with our own failure
    assert answer["statusCode"] < 500
    check_answer(route, answer)
