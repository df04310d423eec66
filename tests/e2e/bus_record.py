"""A record of every event on the product's bus while the end-to-end tests run.

Taken from the bus itself by a rule that matches everything, whoever published it.
"""

import contextlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3

from tools.ops.client import Stack
from tools.ops.events.queues import drain

NAME = "record-of-everything"
EVERYTHING = {"source": [{"prefix": ""}]}


@contextlib.contextmanager
def record_everything(stack: Stack) -> Iterator[None]:
    """Copy every event to a queue, from now to the end."""
    events, sqs = client(stack, "events"), client(stack, "sqs")
    bus = stack.outputs["EventBusName"]
    url = sqs.create_queue(QueueName=NAME)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    events.put_rule(Name=NAME, EventBusName=bus, EventPattern=json.dumps(EVERYTHING))
    target = {"Id": "queue", "Arn": attributes["Attributes"]["QueueArn"]}
    events.put_targets(Rule=NAME, EventBusName=bus, Targets=[target])
    yield
    events.remove_targets(Rule=NAME, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=NAME, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def recorded(stack: Stack) -> list[dict[str, Any]]:
    """Return the recorded events in the form that subscribers get, and empty the record."""
    sqs = client(stack, "sqs")
    url = sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    return list(deleted_events(sqs, url))


def deleted_events(sqs: Any, url: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - boto3's client
    """Yield the events in a queue, and empty it."""
    for message in drain(sqs, url, wait_seconds=1, empty_answers=1):
        yield json.loads(message["Body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def client(stack: Stack, service: str) -> Any:  # noqa: ANN401 - one factory for many types
    """Return a client of one of the emulator's services: the same one each time.

    To make one takes as long as ten calls.
    """
    return _client(stack.emulator_url, stack.region, service)


@cache
def _client(url: str, region: str, service: str) -> Any:  # noqa: ANN401 - one factory for many types
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
