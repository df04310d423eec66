"""Whatever the document lets anybody send, and what it does not, the product answers as it says.

Requests are made by schemathesis from contracts/http/openapi.yaml, good ones and broken ones, and
sent to the running product through its gateway.
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS as REGISTERED
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.e2e.accounts import Visitor
from tools.contracts.documents import from_yaml
from tools.contracts.openapi import DOCUMENT
from tools.ops.client import Stack

type Operation = APIOperation[Any, Any, Any, Any]

PATIENCE = 60.0
EXAMPLES = 6
"""Of each kind; tests/contract sends the same functions more, without a gateway before them."""
load_all_checks()
CHECKS: list[Any] = [
    check
    for name in REGISTERED.get_all_names()
    # A good request may be refused all the same: a code is wrong, a cursor is nobody's.
    if name != "positive_data_acceptance"
    and not isinstance(check := REGISTERED.get_one(name), type)  # those see whole runs
]
DOCUMENTED = from_yaml(DOCUMENT.read_text())["paths"]
SCHEMA = schemathesis.openapi.from_dict(from_yaml(DOCUMENT.read_text()))
OPERATIONS = {
    operation.ok().label: operation.ok()
    for operation in SCHEMA.get_all_operations()
    if isinstance(operation, Ok)
}


def can_be_broken(label: str) -> bool:
    """Return whether an operation takes anything that could be invalid; a header cannot be."""
    method, path = label.split()
    operation = DOCUMENTED[path][method.lower()]
    places = {parameter["in"] for parameter in operation["parameters"]}
    return bool(operation["security"] or "requestBody" in operation or places - {"header"})


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    visitor = Visitor(stack)
    visitor.sign_up()
    visitor.sign_in()
    return visitor


@pytest.fixture(scope="module", autouse=True)
def forgiven(stack: Stack) -> Iterator[None]:
    """Forgets the attempts that these requests have made: nobody after them is kept out."""
    yield
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=stack.emulator_url,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    table = stack.outputs["AuthAttemptsTableName"]
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            dynamodb.delete_item(TableName=table, Key={"attempt": item["attempt"]})


@pytest.fixture
def token(request: pytest.FixtureRequest, stack: Stack, visitor: Visitor) -> str:
    """An access token; requests that may delete an account use another one."""
    if "DELETE /auth/account" in request.node.name:
        visitor = Visitor(stack)
        visitor.sign_up()
        visitor.sign_in()
    return visitor.tokens["AccessToken"]


def test_every_documented_operation_can_be_called() -> None:
    documented = {
        f"{method.upper()} {path}" for path, item in DOCUMENTED.items() for method in item
    }

    assert set(OPERATIONS) == documented


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        (label, mode)
        for label in sorted(OPERATIONS)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or can_be_broken(label)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name.lower(),
)
def test_every_response_is_documented(
    label: str, mode: GenerationMode, stack: Stack, token: str
) -> None:
    send_any(OPERATIONS[label], mode, stack, token)


def test_an_undocumented_response_is_detected(stack: Stack, visitor: Visitor) -> None:
    document = from_yaml(DOCUMENT.read_text())
    del document["paths"]["/user/favourites"]["post"]["responses"]["400"]
    del document["paths"]["/user/favourites"]["post"]["responses"]["default"]
    operation = schemathesis.openapi.from_dict(document)["/user/favourites"]["POST"]

    with pytest.raises(FailureGroup):
        send_any(operation, GenerationMode.NEGATIVE, stack, visitor.tokens["AccessToken"])


def send_any(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, stack: Stack, token: str
) -> None:
    """Send requests to an operation; raises FailureGroup for an answer that is not documented."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def any_request(case: Case[Any]) -> None:
        # An empty value is left out of the URL: what made the request bad is not sent.
        assume(all(value not in ([], {}, None) for value in (case.query or {}).values()))
        answer = case.call(
            base_url=stack.rest_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )
        case.validate_response(answer, checks=CHECKS)

    any_request()
