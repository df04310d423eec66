"""The running product: started once a worker, on free ports, in its own folder.

MATINEE_STACK_FILE names the stack.json of a product that already runs, to save the start.
"""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import audit
from tests.e2e.accounts import PATIENCE, SECRETS_SENT, Visitor
from tests.e2e.bus_record import client, deleted_events, record_everything, recorded
from tools.contracts.paths import ROOT
from tools.contracts.project import load_project
from tools.lambda_runtime.finishing import finish
from tools.local.stack import LocalStack
from tools.ops.client import Person, Stack
from tools.ops.idle import is_idle

SENT_SECONDS = 0.2
"""In which what was sent last arrives over a local WebSocket."""

type MakePeople = Callable[..., Awaitable[list[Person]]]
type Idle = Callable[[], Awaitable[None]]


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
        faults = _faults_of_the_session(stack)
    assert faults == []


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of `make build`: sam build, and the finish. It takes long: one file uses it."""
    folder = tmp_path_factory.mktemp("build") / "out"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    command = ["sam", "build", "--build-dir", str(folder), "--no-cached"]
    made = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert made.returncode == 0, made.stderr
    finish(folder)
    return folder


@pytest.fixture
def films(stack: Stack) -> Iterator[Sequence[dict[str, Any]]]:
    """Films of the stand-in whose names nothing else has."""
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with httpx.Client(base_url=origin, timeout=PATIENCE) as tmdb:
        tmdb.post("/__control", json={"rate_limit": 0}).raise_for_status()
        key = {"api_key": "any"}
        page = tmdb.get("/3/movie/popular", params=key).raise_for_status().json()["results"]
        unique = []
        for film in page:
            search = key | {"query": film["title"], "year": film["release_date"][:4]}
            found = tmdb.get("/3/search/movie", params=search).json()["results"]
            if sum(one["title"] == film["title"] for one in found) == 1:
                unique.append(film)
        assert len(unique) >= 6
        yield unique
        tmdb.post("/__control/reset").raise_for_status()


@pytest.fixture
async def people(stack: Stack) -> AsyncIterator[MakePeople]:
    """Signs people up by their names, and closes their connections in the end."""
    async with contextlib.AsyncExitStack() as phones:

        async def make(*names: str) -> list[Person]:
            made = await asyncio.gather(*(Person.sign_up(stack, name) for name in names))
            for person in made:
                SECRETS_SENT.update((person.token, person.email))
                await phones.enter_async_context(person)
            return list(made)

        yield make


@pytest.fixture(scope="session")
def aws(stack: Stack) -> Callable[[str], Any]:
    """Returns a client of one of the emulator's services."""
    return partial(client, stack)


@pytest.fixture(scope="session")
def idle(aws: Callable[[str], Any]) -> Idle:
    """Waits until the product has nothing left to do: what has not come by then never comes."""

    async def nothing_left() -> bool:
        return await asyncio.to_thread(is_idle, aws)

    async def wait() -> None:
        assert await eventually(nothing_left), "the product still has work to do"
        await asyncio.sleep(SENT_SECONDS)

    return wait


@pytest.fixture
def wiretap(
    stack: Stack, aws: Callable[[str], Any]
) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """A queue of another team on the bus: everything that matinee.* publishes."""
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
        heard.extend(deleted_events(sqs, url))
        return heard

    yield listen
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


async def eventually(condition: Callable[[], Awaitable[bool]], patience: float = 180.0) -> bool:
    """Return whether something comes true. A busy machine needs the patience, an idle one does not.

    A condition that is never true costs all of it, so a test waits for what it expects.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while not await condition():
                await asyncio.sleep(0.1)
            return True
    return False


def _faults_of_the_session(stack: Stack) -> list[str]:
    """Return what the whole session's logs and events must not hold, after one more account."""
    visitor = Visitor(stack)
    visitor.sign_up()
    visitor.sign_in()
    visitor.post("/auth/signin", email=visitor.email, password="Wrong1password")
    visitor.signed_in("DELETE", "/auth/account")
    deadline = time.monotonic() + PATIENCE
    while not is_idle(partial(client, stack)) and time.monotonic() < deadline:
        time.sleep(0.2)
    events = recorded(stack)
    published = {event["detail-type"] for event in events}
    return [
        *(f"no {name} was published" for name in {"UserRegistered", "UserDeleted"} - published),
        *audit.event_faults(events, load_project()),
        *audit.faults_in_javascript(events, ROOT / "contracts"),
        *audit.log_faults(audit.log_lines(client(stack, "logs")), SECRETS_SENT),
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the end-to-end tests. Each worker that runs some of them starts its own product."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)
