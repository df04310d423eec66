"""A temporary listener on the bus: a rule and a queue that exist while they are used."""

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from tools.ops.events.environment import Environment
from tools.ops.events.queues import drain

KEPT_SECONDS = "300"


@contextlib.contextmanager
def listen(environment: Environment, pattern: Mapping[str, Any]) -> Iterator[str]:
    """Copy events that match a pattern into a queue and yield its URL; clean up afterwards."""
    events, sqs = environment.client("events"), environment.client("sqs")
    name = f"{_prefix(environment)}{secrets.token_hex(4)}"
    with contextlib.ExitStack() as undo:
        url = sqs.create_queue(QueueName=name, Attributes={"MessageRetentionPeriod": KEPT_SECONDS})[
            "QueueUrl"
        ]
        undo.callback(sqs.delete_queue, QueueUrl=url)
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        rule = events.put_rule(
            Name=name,
            EventBusName=environment.bus,
            EventPattern=json.dumps(pattern),
            Description="A temporary listener of `make events`.",
        )["RuleArn"]
        undo.callback(events.delete_rule, Name=name, EventBusName=environment.bus)
        sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": _policy(queue["QueueArn"], rule)}
        )
        target = {"Id": "queue", "Arn": queue["QueueArn"]}
        events.put_targets(Rule=name, EventBusName=environment.bus, Targets=[target])
        undo.callback(events.remove_targets, Rule=name, EventBusName=environment.bus, Ids=["queue"])
        yield url


def received(environment: Environment, url: str, wait_seconds: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the events in a listener's queue until none has come for so long."""
    sqs = environment.client("sqs")
    for message in drain(sqs, url, wait_seconds=wait_seconds, empty_answers=1):
        yield json.loads(message["Body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def is_listener(environment: Environment, rule: str) -> bool:
    """Return whether a rule, by its name, is a temporary listener."""
    return rule.startswith(_prefix(environment))


def _prefix(environment: Environment) -> str:
    return f"{environment.name}-live-"


def _policy(queue: str, rule: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
