"""The running product: started once for all end-to-end tests, on free ports, in its own folder.

MATINEE_STACK_FILE names the stack.json of a product that already runs, to save the start.
"""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.record import record_everything
from tools.client import Person, Stack
from tools.contracts.paths import ROOT
from tools.lambda_runtime.finishing import finish
from tools.local.stack import LocalStack

type MakePeople = Callable[..., Awaitable[list[Person]]]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = os.environ.get("MATINEE_STACK_FILE")
    with contextlib.ExitStack() as parts:
        path = Path(running or "")
        if not running:
            local = parts.enter_context(LocalStack.start(tmp_path_factory.mktemp("stack")))
            path = local.folders.stack_file
        stack = Stack.load(path)
        parts.enter_context(record_everything(stack))
        yield stack


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make build` makes: sam build, and the finish."""
    folder = tmp_path_factory.mktemp("build") / "out"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    command = ["sam", "build", "--build-dir", str(folder), "--no-cached"]
    made = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert made.returncode == 0, made.stderr
    finish(folder)
    return folder


@pytest.fixture(scope="session")
def everybody() -> list[Person]:
    """All the people of all the tests so far."""
    return []


@pytest.fixture
async def people(stack: Stack, everybody: list[Person]) -> AsyncIterator[MakePeople]:
    """Makes signed-in people by their names, and hangs up for them in the end."""
    async with contextlib.AsyncExitStack() as phones:

        async def make(*names: str) -> list[Person]:
            made = await asyncio.gather(*(Person.sign_up(stack, name) for name in names))
            everybody.extend(made)
            for person in made:
                await phones.enter_async_context(person)
            return list(made)

        yield make


@pytest.fixture(scope="session")
def aws(stack: Stack) -> Callable[[str], Any]:
    """Answers a client of one of the emulator's services."""

    def client(service: str) -> Any:  # noqa: ANN401 - one factory for clients of many types
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=stack.emulator_url,
            region_name=stack.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return client


@pytest.fixture
def wiretap(
    stack: Stack, aws: Callable[[str], Any]
) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Another team's queue on our bus: everything that matinee.* publishes."""
    events, sqs = aws("events"), aws("sqs")
    name = f"wiretap-{secrets.token_hex(4)}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    bus = stack.outputs["EventBusName"]
    pattern = json.dumps({"source": [{"prefix": "matinee."}]})
    events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
    events.put_targets(
        Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}]
    )
    heard: list[dict[str, Any]] = []

    def listen() -> list[dict[str, Any]]:
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            for message in messages:
                heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return heard

    yield listen
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


async def eventually(condition: Callable[[], Awaitable[bool]], patience: float = 30.0) -> bool:
    """Tell whether something comes true within so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while not await condition():
                await asyncio.sleep(0.1)
            return True
    return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and keep it on one worker: there is one product for all of it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("product"))
