"""The OpenAPI document says what the functions do, and the samples are what it says."""

import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

import auth.domain.errors
from auth import bootstrap
from auth.api.routes import (
    CHECK_USERNAME,
    DELETE_ACCOUNT,
    FORGOT_PASSWORD,
    GET_PROFILE,
    PUT_PROFILE,
    REFRESH,
    RESEND_CODE,
    RESET_PASSWORD,
    ROUTES,
    SIGNIN,
    SIGNOUT,
    SIGNUP,
    TAKE_USERNAME,
    UPGRADE_GUEST,
)
from auth.domain.account import Account
from matinee.errors import InvalidInput, MatineeError
from matinee.http.routes import Route
from tests.contract.breaking import faults, rewrite
from tests.unit.auth.fakes import CALLER, CODE, AuthApp
from tools.contracts import openapi
from tools.contracts.documents import from_yaml
from tools.contracts.paths import ROOT
from tools.contracts.project import Project
from tools.contracts.refusals import REFUSALS
from tools.templates import load_product, routes_of

# Powertools warns when a function counted nothing.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

EVENTS = ROOT / "events" / "auth"
NO_ROUTE = "unknown-path"  # what no route serves is in no document
SAMPLES = sorted(file for file in EVENTS.glob("*.http.*.json") if NO_ROUTE not in file.stem)
REFUSED = {
    Path(name).stem: refusal.error
    for name, refusal in REFUSALS.items()
    if name.startswith("auth/") and ".http." in name
}
SUB = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
GUEST = "d4e91b07-52a6-4f3c-9e18-63c0a7f25b8d"
GOOD_SAMPLES = {
    SIGNUP: "SignupFunction.http.register",
    RESEND_CODE: "SignupFunction.http.resend-code",
    SIGNIN: "SigninFunction.http.valid",
    REFRESH: "SessionFunction.http.refresh",
    SIGNOUT: "SessionFunction.http.signout",
    FORGOT_PASSWORD: "PasswordFunction.http.forgot",
    RESET_PASSWORD: "PasswordFunction.http.reset",
    CHECK_USERNAME: "UsernamesFunction.http.check",
    TAKE_USERNAME: "UsernamesFunction.http.take",
    GET_PROFILE: "ProfileFunction.http.get",
    PUT_PROFILE: "ProfileFunction.http.put",
    DELETE_ACCOUNT: "AccountFunction.http.delete",
    UPGRADE_GUEST: "UpgradeGuestFunction.http.begin",
}
USE_CASES = (
    "sign_up",
    "sign_in",
    "refresh_session",
    "sign_out",
    "change_password",
    "change_username",
    "edit_profile",
    "delete_account",
    "upgrade_guest",
)
ENVIRONMENT = {
    "STAGE": "local",
    "ALLOWED_ORIGINS": "http://localhost:3000",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
}
DOCUMENT = from_yaml(openapi.DOCUMENT.read_text())
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]

type Json = dict[str, Any]


class Context(LambdaContext):
    function_name = "Function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:Function"
    aws_request_id = "UZk2ljpfDoEEMRw="


TEMPLATE = load_product()


def function_routes() -> dict[str, set[str]]:
    """Return the routes of each function behind the REST API, as the templates have them."""
    routes: dict[str, set[str]] = {}
    for route in routes_of(TEMPLATE):
        routes.setdefault(route.function, set()).add(route.key)
    return routes


def validator(schema: Json) -> Draft202012Validator:
    return _validator(json.dumps(schema))


@cache
def _validator(schema: str) -> Draft202012Validator:
    """Return a schema's validator, made once: it reads through all the components."""
    return Draft202012Validator(
        {**json.loads(schema), "components": DOCUMENT["components"]},
        format_checker=FormatChecker(),
    )


def documented(route_key: str) -> Json:
    method, _, path = route_key.partition(" ")
    operation: Json = DOCUMENT["paths"][path][method.lower()]
    return operation


def check_answer(route_key: str, answer: Json) -> None:
    """Assert that an answer of a function is one that the document promises."""
    promised = documented(route_key)["responses"][str(answer["statusCode"])]
    content = promised["content"][answer["headers"]["Content-Type"]]
    validator(content["schema"]).validate(json.loads(answer["body"]))
    assert set(promised.get("headers", {})) <= set(answer["headers"])


@pytest.fixture
def app() -> AuthApp:
    return AuthApp(auto_confirm=True)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, app: AuthApp) -> Iterator[Callable[[str, Json], Json]]:
    """Calls a function of the service, by the name that it has in template.yaml."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in USE_CASES:
        monkeypatch.setattr(bootstrap, name, lambda name=name: getattr(app, name))
    bootstrap.edge.cache_clear()

    def call(function: str, event: Json) -> Json:
        handler = TEMPLATE["Resources"][function]["Properties"]["Handler"]
        module = importlib.import_module(handler.rpartition(".")[0])
        module.handler.cache_clear()
        try:
            answer: Json = module.handler(event, Context())
        finally:
            module.handler.cache_clear()
        return answer

    yield call
    bootstrap.edge.cache_clear()


# ── the document ──────────────────────────────────────────────────────────────────────────────────


def test_the_document_is_what_the_code_says() -> None:
    assert openapi.DOCUMENT.read_text() == openapi.text(), "make contracts"


def test_a_document_that_has_drifted_is_noticed(copy: Project) -> None:
    document = copy.root / "contracts" / "http" / "openapi.yaml"
    assert faults(openapi.outdated, copy) == ""
    rewrite(document, "Email is already registered", "Taken")
    assert "openapi.yaml: is not what the code says" in faults(openapi.outdated, copy)
    document.unlink()
    assert "openapi.yaml: is not what the code says" in faults(openapi.outdated, copy)


def test_the_document_keeps_the_openapi_specification() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_no_bound_is_lost_to_clients() -> None:
    """Generators know JSON Schema's words, not those of the models that it is made from."""
    of_models = {"ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of"}
    limit = next(
        parameter["schema"]
        for parameter in DOCUMENT["paths"]["/media"]["get"]["parameters"]
        if parameter["name"] == "limit"
    )

    assert not [node for node in walk(DOCUMENT) if isinstance(node, dict) and of_models & set(node)]
    assert limit == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}


def test_each_default_is_a_value_of_its_schema() -> None:
    defaults = [node for node in walk(DOCUMENT) if isinstance(node, dict) and "default" in node]
    schemas = [node for node in defaults if {"type", "anyOf", "$ref"} & set(node)]

    assert schemas
    for schema in schemas:
        validator(schema).validate(schema["default"])


def test_each_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_each_reference_leads_somewhere() -> None:
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    references = {
        node["$ref"] for node in walk(DOCUMENT) if isinstance(node, dict) and "$ref" in node
    }
    assert references == known, "a schema that nothing refers to, or a reference to none"


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for *_, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_each_example_of_an_error_is_a_problem_of_its_status(
    method: str, path: str, operation: Json
) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/problem+json")
        if content is None:
            gateways = {"401", "403", "429"} if operation["security"] else {"429"}
            assert status in {"200", "201", "202", "204", "304", "default"} | gateways, (
                f"{method} {path} {status}"
            )
            continue
        for code, example in content["examples"].items():
            validator(content["schema"]).validate(example["value"])
            assert (str(example["value"]["status"]), example["value"]["code"]) == (status, code)


def test_the_documents_routes_are_the_templates() -> None:
    served = {route.key for route in routes_of(TEMPLATE) if route.method != "HEAD"}
    assert {f"{method} {path}" for method, path, _ in OPERATIONS} == served


def test_head_is_served_wherever_get_is() -> None:
    routes = list(routes_of(TEMPLATE))
    asked = {
        method: {replace(route, key=route.path) for route in routes if route.method == method}
        for method in ("GET", "HEAD")
    }
    assert asked["HEAD"] == asked["GET"]


def test_the_documents_security_is_the_templates() -> None:
    protected = {
        route.key for route in routes_of(TEMPLATE) if not route.is_public and route.method != "HEAD"
    }
    assert protected == {
        f"{method} {path}" for method, path, operation in OPERATIONS if operation["security"]
    }


def test_each_error_of_the_service_is_documented_somewhere() -> None:
    declared = {error for route in ROUTES for error in route.errors}
    defined = {
        error
        for _, error in inspect.getmembers(auth.domain.errors, inspect.isclass)
        if error.__module__ == auth.domain.errors.__name__
    }
    assert defined <= declared


# ── the functions ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("route", "error"),
    [
        (route, error)
        for route in ROUTES
        for error in route.errors
        if route in GOOD_SAMPLES or error is not InvalidInput  # without a use case: of its query
    ],
    ids=lambda value: value.name if isinstance(value, Route) else value.__name__,
)
def test_each_documented_error_is_answered_as_documented(
    route: Route,
    error: type[MatineeError],
    invoke: Callable[[str, Json], Json],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given use cases that refuse whatever they are asked
    def refuse(*_: object) -> None:
        raise error

    class Refusing:
        def __getattr__(self, _: str) -> Callable[..., None]:
            return refuse

    for name in USE_CASES:
        monkeypatch.setattr(bootstrap, name, Refusing)
    # When the route is called as it should be
    sample = GOOD_SAMPLES[route]
    answer = invoke(sample.partition(".")[0], json.loads((EVENTS / f"{sample}.json").read_text()))
    # Then the answer is the one in the document
    assert json.loads(answer["body"])["code"] == error.__name__
    check_answer(f"{route.method} {route.path}", answer)


def test_an_answer_that_is_not_documented_is_noticed() -> None:
    undocumented = {
        "statusCode": 409,
        "headers": {"Content-Type": "application/problem+json"},
        "body": json.dumps({"message": "taken"}),
    }
    with pytest.raises(ValidationError):
        check_answer("POST /auth/signup", undocumented)
    with pytest.raises(KeyError):
        check_answer("POST /auth/signin", undocumented)


# ── the samples ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_each_sample_is_for_a_function_of_the_template_and_its_route(sample: Path) -> None:
    function, trigger, case = sample.stem.split(".")
    event = json.loads(sample.read_text())
    assert (trigger, bool(case)) == ("http", True)
    assert event["routeKey"] in function_routes()[function]
    http = event["requestContext"]["http"]
    path = event["routeKey"].partition(" ")[2].format(**event.get("pathParameters", {}))
    assert (http["method"], http["path"]) == (event["routeKey"].partition(" ")[0], path)
    assert event["rawPath"] == path
    assert event["version"] == "2.0"
    assert event["headers"].get("content-length", "0") == str(len(event.get("body", "")))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_each_sample_gets_an_answer_that_is_documented(
    sample: Path, invoke: Callable[[str, Json], Json], app: AuthApp
) -> None:
    # Given Ann, unless it is she who registers, with all that she was sent
    if sample.stem != "SignupFunction.http.register":
        app.sign_up.register("ann@example.com", "Popcorn4two", "ann.frames", CALLER)
        ann = app.pool.users["ann@example.com"]
        app.tables.profiles[SUB] = replace(
            app.tables.profiles.pop(ann.user_id), account=Account(SUB, ann.email)
        )
        app.tables.usernames["ann.frames"] = SUB
        ann.user_id, ann.reset_code = SUB, CODE
        ann.confirmed = sample.stem != "SignupFunction.http.verify"
        ann.refresh_tokens.add("a.refresh.token")
    # And Cleo, a guest
    cleo = app.pool.users[app.create_guest("Cleo", CALLER.trace).email]
    app.tables.profiles[GUEST] = replace(
        app.tables.profiles.pop(cleo.user_id), account=Account(GUEST)
    )
    cleo.user_id = GUEST
    cleo.access_tokens.add("a.guests.token")
    # When the sample is invoked
    event = json.loads(sample.read_text())
    answer = invoke(sample.stem.partition(".")[0], event)
    # Then its answer is documented, and good unless the sample is a bad one
    check_answer(event["routeKey"], answer)
    assert json.loads(answer["body"]).get("code") == REFUSED.get(sample.stem)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_each_samples_body_is_as_documented_unless_it_is_a_bad_one(sample: Path) -> None:
    event = json.loads(sample.read_text())
    if "body" not in event:
        assert "requestBody" not in documented(event["routeKey"])
        return
    content = documented(event["routeKey"])["requestBody"]["content"]["application/json"]
    is_documented = validator(content["schema"]).is_valid(json.loads(event["body"]))
    assert is_documented is (sample.stem not in REFUSED)


@pytest.mark.parametrize("function", sorted(set(function_routes())))
def test_each_function_behind_the_api_has_a_sample(function: str) -> None:
    assert list((ROOT / "events").glob(f"*/{function}.http.*.json"))


def walk(node: object) -> Iterator[object]:
    """Every part of a document, itself included."""
    yield node
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in parts:
        yield from walk(part)
