"""The OpenAPI document says what the functions do, and the samples are what it says."""

import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

import auth.errors
from auth import bootstrap
from auth.domain import USERS
from auth.routes import ROUTES, SIGNUP, Route
from auth.service import Accounts
from matinee.errors import MatineeError
from tests.unit.auth.fakes import FakeProfiles, FakeUserPool
from tools import openapi

# Powertools warns when a function counted nothing.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

ROOT = openapi.ROOT
EVENTS = ROOT / "events" / "auth"
NO_ROUTE = "unknown-path"  # what no route serves is in no document
SAMPLES = sorted(file for file in EVENTS.glob("*.json") if NO_ROUTE not in file.stem)
ENVIRONMENT = {
    "STAGE": "local",
    "ALLOWED_ORIGINS": "http://localhost:3000",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
    "USER_PROFILES_TABLE": "UserProfiles",
}
DOCUMENT = yaml.safe_load(openapi.DOCUMENT.read_text())
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


class Template(yaml.SafeLoader):
    """Reads template.yaml; what its functions (!Ref and the like) come to is not asked."""


Template.add_multi_constructor("!", lambda *_: None)


def function_routes() -> dict[str, str]:
    """The route of each function behind the HTTP API, as template.yaml has it."""
    template = yaml.load((ROOT / "template.yaml").read_text(), Template)  # noqa: S506 - a SafeLoader
    return {
        name: f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}"
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }


def validator(schema: Json) -> Draft202012Validator:
    return Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]}, format_checker=FormatChecker()
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
def pool() -> FakeUserPool:
    return FakeUserPool()


@pytest.fixture
def invoke(
    monkeypatch: pytest.MonkeyPatch, pool: FakeUserPool
) -> Iterator[Callable[[str, Json], Json]]:
    """Calls a function of the service, by the name that it has in template.yaml."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    accounts = Accounts(user_pool=pool, profiles=FakeProfiles())
    monkeypatch.setattr(bootstrap, "accounts", lambda: accounts)
    bootstrap.settings.cache_clear()

    def call(function: str, event: Json) -> Json:
        module = importlib.import_module(
            f"auth.handlers.{function.removesuffix('Function').lower()}"
        )
        module._api.cache_clear()
        try:
            answer: Json = module.handler(event, Context())
        finally:
            module._api.cache_clear()
        return answer

    yield call
    bootstrap.settings.cache_clear()


# ── the document ──────────────────────────────────────────────────────────────────────────────────


def test_the_document_is_what_the_code_says() -> None:
    assert openapi.DOCUMENT.read_text() == openapi.text(), "python -m tools.openapi write"


def test_a_document_that_has_drifted_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openapi, "DOCUMENT", tmp_path / "openapi.yaml")
    assert openapi.main(["check"]) == 1
    assert openapi.main(["write"]) == 0
    assert openapi.main(["check"]) == 0
    changed = openapi.DOCUMENT.read_text().replace("Email is already registered", "Taken")
    openapi.DOCUMENT.write_text(changed)
    assert openapi.main(["check"]) == 1


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
        content = response["content"].get("application/problem+json")
        if content is None:
            assert status in ("200", "default"), f"{method} {path} {status}"
            continue
        for code, example in content["examples"].items():
            validator(content["schema"]).validate(example["value"])
            assert (str(example["value"]["status"]), example["value"]["code"]) == (status, code)


def test_the_documents_routes_are_the_templates() -> None:
    assert {f"{method} {path}" for method, path, _ in OPERATIONS} == set(function_routes().values())


def test_each_error_of_the_service_is_documented_somewhere() -> None:
    declared = {error for route in ROUTES for error in route.errors}
    defined = {
        error
        for _, error in inspect.getmembers(auth.errors, inspect.isclass)
        if error.__module__ == auth.errors.__name__
    }
    assert defined <= declared


# ── the functions ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("route", "error"),
    [(route, error) for route in ROUTES for error in route.errors],
    ids=lambda value: value.name if isinstance(value, Route) else value.__name__,
)
def test_each_documented_error_is_answered_as_documented(
    route: Route,
    error: type[MatineeError],
    invoke: Callable[[str, Json], Json],
    pool: FakeUserPool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a user pool that refuses whatever it is asked
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(pool, "register", refuse)
    monkeypatch.setattr(pool, "authenticate", refuse)
    # When the route is called as it should be
    sample = "SignupFunction.http.register" if route is SIGNUP else "SigninFunction.http.valid"
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
    assert function_routes()[function] == event["routeKey"]
    http = event["requestContext"]["http"]
    assert f"{http['method']} {http['path']}" == event["routeKey"]
    assert event["rawPath"] == http["path"]
    assert event["version"] == "2.0"
    assert event["headers"].get("content-length", "0") == str(len(event.get("body", "")))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_each_sample_gets_an_answer_that_is_documented(
    sample: Path, invoke: Callable[[str, Json], Json], pool: FakeUserPool
) -> None:
    # Given the user who signs in
    if sample.stem != "SignupFunction.http.register":
        account = pool.register("ann@example.com", "Popcorn4two", None)
        pool.confirm(account.user_id)
        pool.join(USERS, account.user_id)
    # When the sample is invoked
    event = json.loads(sample.read_text())
    answer = invoke(sample.stem.partition(".")[0], event)
    # Then its answer is documented, and good unless the sample is a bad one
    check_answer(event["routeKey"], answer)
    bad = sample.stem.endswith(("bad-email", "missing-password"))
    assert answer["statusCode"] == (400 if bad else 200)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_each_samples_body_is_as_documented_unless_it_is_a_bad_one(sample: Path) -> None:
    event = json.loads(sample.read_text())
    if "body" not in event:
        assert "requestBody" not in documented(event["routeKey"])
        return
    content = documented(event["routeKey"])["requestBody"]["content"]["application/json"]
    bad = sample.stem.endswith(("bad-email", "missing-password"))
    assert validator(content["schema"]).is_valid(json.loads(event["body"])) is not bad


@pytest.mark.parametrize("function", sorted(set(function_routes())))
def test_each_function_behind_the_api_has_a_sample(function: str) -> None:
    assert [sample for sample in SAMPLES if sample.stem.startswith(f"{function}.")]


def walk(node: object) -> Iterator[object]:
    """Every part of a document, itself included."""
    yield node
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in parts:
        yield from walk(part)
