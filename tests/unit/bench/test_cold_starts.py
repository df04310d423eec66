"""Cold starts are measured with what Lambda does, and with a request that touches a table."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import cold
from bench.aws_stub import response
from matinee.settings import LAMBDA_VARIABLE
from tools.lambda_runtime import machine
from tools.lambda_runtime.built import Function
from tools.lambda_runtime.invocation import EVENTS

FUNCTION = Function("RoomsApiFunction", "rooms.handlers.api.handler", 1024, 20, Path(), (), {})


def test_an_instance_is_prepared_as_on_lambda(tmp_path: Path) -> None:
    assert machine._environment(FUNCTION, tmp_path)[LAMBDA_VARIABLE] == "on-demand"  # noqa: SLF001


def test_both_parts_of_a_start_count() -> None:
    starts = cold.Starts(init=[100.0, 300.0, 200.0], answer=[10.0, 10.0, 40.0])

    assert starts.processor == 240.0


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("DynamoDB_20120810.GetItem", {}, {}),
        ("DynamoDB_20120810.Query", {}, {"Items": []}),
        ("DynamoDB_20120810.BatchGetItem", {}, {"Responses": {}, "UnprocessedKeys": {}}),
        ("AmazonSQS.SendMessage", {"MessageBody": "hello"}, {"MessageId": "1"}),
        ("AWSEvents.PutEvents", {"Entries": [{}, {}]}, {"FailedEntryCount": 0}),
        ("secretsmanager.GetSecretValue", {}, {"SecretString": '{"api_key": "invented"}'}),
        ("/3/discover/movie", {}, {}),
    ],
)
def test_an_empty_account_answers(
    operation: str, body: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    assert response(operation, json.dumps(body).encode()).items() >= expected.items()


class FakeAws:
    """Records what the fake instances ask for."""

    environment: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.calls: list[str] = []


@pytest.mark.parametrize(("touches", "chosen"), [("joinRoom", "joinRoom"), ("none", "createRoom")])
def test_the_first_request_touches_a_table_if_a_sample_does(
    touches: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = FakeAws()

    class Instance:
        def invoke(self, event: Mapping[str, Any]) -> None:
            field = event.get("info", {}).get("fieldName")
            if field:
                aws.calls.append("DynamoDB_20120810.GetItem" if field == touches else "Lambda")

    @contextlib.contextmanager
    def running(*_: object) -> Iterator[Instance]:
        yield Instance()

    monkeypatch.setattr(machine.Machine, "running", running)
    names = [EVENTS / "rooms" / f"F.appsync.{name}.json" for name in ("a", "b")]
    monkeypatch.setattr(cold, "samples", lambda _: names)
    texts = dict(zip(names, ("createRoom", "joinRoom"), strict=True))
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, **_: json.dumps({"info": {"fieldName": texts[path]}}),
    )

    found: Any = cold.first_request(FUNCTION, aws)  # type: ignore[arg-type]

    assert found["info"]["fieldName"] == chosen
