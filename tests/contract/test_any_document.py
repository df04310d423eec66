"""Whatever document is sent to the GraphQL API, the endpoint answers it in AppSync's terms.

The whole way in one process: the endpoint with the product's own schema, resolvers and limits, and
behind it the function's handler over tables in memory.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema
from starlette.applications import Starlette

from matinee.principal import TokenUse
from rooms.handlers import api
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.graphql_schema import schema_text
from tests.fakes.rooms_app import RoomsApp
from tests.unit.tools.appsync.harness import ISSUER, Policies, Pool
from tools.appsync.app import create_app
from tools.appsync.authentication import Authenticator
from tools.appsync.cognito import PoolTokens
from tools.appsync.definition import Stack, read_definition
from tools.appsync.jwt import TokenVerifier
from tools.contracts.paths import ROOT
from tools.local.template import load_template

TEMPLATE = ROOT / "services" / "rooms" / "template.yaml"
HOSTILE = json.loads((ROOT / "tests" / "contract" / "hostile_documents.json").read_text())
TYPES_OF_THE_ENDPOINT = {
    "BadRequestException",
    "MalformedHttpRequestException",
    "RequestEntityTooLargeException",
    "ResolverExecutionLimitReached",
    "Unauthorized",
    "UnsupportedOperation",
}
TYPES_OF_ROOMS = {
    *("RoomNotFound", "RoomExpired", "RoomFull", "NotAParticipant", "NotACandidate"),
    *("NoCandidates", "DeckExhausted", "MatchNotFound", "InvalidInput", "Forbidden"),
    "TooManyAttempts",
}


class Functions:
    """The function of all fields, in this process."""

    def __init__(self) -> None:
        self.calls = 0

    def invoke(self, function_name: str, payload: object, *, wait: bool) -> object:
        """See FunctionInvoker."""
        assert (function_name, wait) == ("RoomsApiFunction", True)
        self.calls += 1
        answer = api.handler(json.loads(json.dumps(payload)), FakeLambdaContext())  # type: ignore[arg-type]
        return json.loads(json.dumps(answer))


class Product:
    """The API as it is deployed outside prod, with one signed-in user."""

    def __init__(self) -> None:
        template = load_template(TEMPLATE)
        names = {name: name for name in template["Resources"]}
        parameters = {name: name for name in template["Parameters"]} | {"Stage": "dev"}
        stack = Stack("rooms", "eu-west-1", "000000000000", names, parameters)
        pool = Pool()
        verifier = TokenVerifier(
            issuer=ISSUER, token_uses=(TokenUse.ACCESS,), fetch_keys=lambda: {"keys": [pool.jwk]}
        )
        self.functions = Functions()
        self.app: Starlette = create_app(
            read_definition(TEMPLATE, stack),
            lambda _: Authenticator(PoolTokens(verifier), None),
            self.functions,
            Policies(),
        )
        self._headers = {"authorization": pool.token()}

    def post(self, document: str) -> httpx.Response:
        """Send a document; return the answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://matinee") as http:
                return await http.post("/graphql", json={"query": document}, headers=self._headers)

        return asyncio.run(send())


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    product = Product()
    yield product
    product.app.state.service.close()


@pytest.fixture(autouse=True)
def _rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = RoomsApp()
    monkeypatch.setattr(api, "use_cases", lambda: rooms.use_cases)


def check(answer: httpx.Response) -> list[dict[str, Any]]:
    """Check that an answer is one of AppSync's; return its errors."""
    assert answer.status_code in {200, 400, 413}
    errors: list[dict[str, Any]] = answer.json().get("errors", [])
    assert answer.status_code == 200 or errors
    for error in errors:
        assert error["message"]
        assert error.get("errorType") in {None, *TYPES_OF_THE_ENDPOINT, *TYPES_OF_ROOMS}
    return errors


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused(
    product: Product, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    calls = product.functions.calls

    errors = check(product.post(HOSTILE[name]["query"]))

    told = " ".join(f"{error.get('errorType')} {error['message']}" for error in errors)
    assert HOSTILE[name]["expected"] in told
    assert errors
    assert product.functions.calls - calls <= 10
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


documents = from_schema(schema_text())
damaged = st.builds(
    lambda text, at, insert, cut: text[:at] + insert + text[at + cut :],
    documents,
    st.integers(0, 400),
    st.text(max_size=3) | st.sampled_from(["{", "}", "(", "$x", "...", "@skip", "on", '"""']),
    st.integers(0, 5),
)


@settings(suppress_health_check=list(HealthCheck))
@given(document=documents | damaged)
def test_any_document_is_answered(product: Product, document: str) -> None:
    check(product.post(document))
