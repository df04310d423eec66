"""Every sample event, given to its function in the product, ends as its name says."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import audit
from tests.e2e.bus_record import client
from tests.e2e.conftest import eventually
from tools.contracts.refusals import REFUSALS
from tools.lambda_runtime.invocation import EVENTS, samples
from tools.local.emulator import Aws
from tools.local.invocation import Invocation, invoke
from tools.local.stack import LocalStack
from tools.ops.client import Stack
from tools.ops.events.queues import drain
from tools.ops.idle import COUNTS, is_idle
from tools.ops.samples.scene import PASSWORD, Scene

ENDS_A_SCENE = {"close-room", "leave-room", "remove-participant", "reset", "user-deleted"}
"""Cases after which a scene is no longer what it was; so it is after any of auth that succeeds."""

ATTEMPTS = 20
REPEATED = ('"statusCode": 429', '"statusCode": 503', '"itemIdentifier"', '"AccountsUnavailable"')
"""What an app asks again for, and a message that its queue would hand out again."""

PROBLEM = "urn:matinee:problem:"

type Client = Callable[[str], Any]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stack]:
    """A product of its own: the samples begin to refresh the catalogue, and erase people.

    Its accounts wait for a code: a sample brings one.
    """
    with LocalStack.start(tmp_path, verify=True) as local:
        yield Stack.load(local.folders.stack_file)


async def test_every_sample_ends_as_its_name_says(fresh: Stack) -> None:
    aws = partial(client, fresh)

    faults = await asyncio.to_thread(_invoke_all, fresh, aws)

    assert not faults, "\n".join(faults)

    async def nothing_left() -> bool:
        _leave_unread(fresh, aws)
        return await asyncio.to_thread(is_idle, aws)

    assert await eventually(nothing_left)
    assert _dead_letters(aws) == {}
    assert list(audit.log_faults(audit.log_lines(aws("logs")), {PASSWORD})) == []


def _invoke_all(stack: Stack, aws: Client) -> list[str]:
    """Return what did not end as its name says; take out what bad samples leave behind."""
    emulator, scene, faults = Aws(stack.emulator_url), Scene(stack), []
    functions = {
        name.removesuffix("FunctionName") + "Function": value
        for name, value in stack.outputs.items()
        if name.endswith("FunctionName")
    }
    for path in samples():
        key = path.relative_to(EVENTS).as_posix()
        function, trigger, case = path.stem.split(".")
        expected = REFUSALS.get(key)
        event = scene.prepare(path)
        is_broken_item = trigger == "stream" and expected is not None
        letters = _refused_by_the_stream(stack, aws, event, path) if is_broken_item else []
        done = _invoke(emulator, functions[function], event)
        if is_broken_item:
            _clear_outbox(stack, aws, event, path)
        wanted = expected.error if expected else ""
        if trigger in {"sqs", "stream"}:
            found = json.loads(done.answer)
            url = dead_letters_of(stack, aws, function)
            letters += _taken(aws, url, at_least=bool(expected) and not letters)
            if found != {"batchItemFailures": []} or bool(letters) != bool(expected):
                faults.append(f"{key}: {done.answer[:200]}, dead letters {letters}")
        elif (ended := _error(done)) != wanted and not (trigger == "cognito" and ended and wanted):
            faults.append(f"{key}: {ended or 'accepted'}, not {wanted or 'accepted'}")
        if function == "RefreshPlannerFunction":
            _leave_unread(stack, aws)
        if expected is None and (path.parent.name == "auth" or case in ENDS_A_SCENE):
            scene = Scene(stack)
    return faults


def _leave_unread(stack: Stack, aws: Client) -> None:
    """Take back the pages that a refresh has asked for: to read all of them is another's test."""
    url = aws("sqs").get_queue_url(QueueName=stack.outputs["RefreshQueueName"])["QueueUrl"]
    aws("sqs").purge_queue(QueueUrl=url)


def _invoke(emulator: Aws, function: str, event: Any) -> Invocation:  # noqa: ANN401 - any JSON value
    """Invoke a function, and again while it is too slow, or as an app or a queue would."""
    for _ in range(ATTEMPTS):
        done = invoke(emulator, function, event)
        too_slow = done.failed and "timed out" in done.answer
        if not too_slow and not any(code in done.answer for code in REPEATED):
            break
        time.sleep(1)
    return done


def _error(done: Invocation) -> str:
    """Return the code of an error, or nothing when an invocation has succeeded."""
    answer = json.loads(done.answer)
    if done.failed:
        return str(answer["errorMessage"])
    if not isinstance(answer, dict):
        return ""
    if int(answer.get("statusCode", 200)) >= 400:
        return str(json.loads(answer["body"])["type"]).removeprefix(PROBLEM)
    error = answer.get("error")
    return str(error["type"]) if error else ""


def _refused_by_the_stream(stack: Stack, aws: Client, event: Any, path: Path) -> list[str]:  # noqa: ANN401 - any JSON value
    """Store the items of a broken sample, and return the letter that the relay writes of them.

    The stream tells the relay of them. Given to it by hand they are refused already, and a relay
    passes over what is no longer in the table.
    """
    table = stack.outputs[f"{path.parent.name.title()}OutboxTableName"]
    for record in event["Records"]:
        aws("dynamodb").put_item(TableName=table, Item=record["dynamodb"]["NewImage"])
    return _taken(aws, dead_letters_of(stack, aws, path.name.partition(".")[0]), at_least=True)


def _clear_outbox(stack: Stack, aws: Client, event: Any, path: Path) -> None:  # noqa: ANN401 - any JSON value
    """Remove what the relay has refused: an operator would mend it."""
    table = stack.outputs[f"{path.parent.name.title()}OutboxTableName"]
    for record in event["Records"]:
        aws("dynamodb").delete_item(TableName=table, Key=record["dynamodb"]["Keys"])


def dead_letters_of(stack: Stack, aws: Client, function: str) -> str:
    """Return the URL of a function's dead-letter queue."""
    name = stack.outputs[f"{function}Name"]
    variables = aws("lambda").get_function_configuration(FunctionName=name)["Environment"]
    return str(variables["Variables"]["DEAD_LETTER_URL"])


def _taken(aws: Client, url: str, *, at_least: bool) -> list[str]:
    """Take the letters out of a queue; wait for the first one if there is to be one."""
    sqs = aws("sqs")
    found = []
    for letter in drain(sqs, url, wait_seconds=int(at_least), empty_answers=20 if at_least else 1):
        found.append(letter["Body"][:200])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
        if at_least:
            break
    return found


def _dead_letters(aws: Client) -> dict[str, str]:
    """Return how many letters there are, by dead-letter queue."""
    sqs = aws("sqs")
    counts = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
        for url in sqs.list_queues()["QueueUrls"]
        if "Dlq" in url
    }
    return {url: str(count) for url, count in counts.items() if set(count.values()) != {"0"}}
