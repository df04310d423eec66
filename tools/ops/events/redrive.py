"""Redrives: what ended in a dead-letter queue goes back to where it belongs."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tools.ops.events.environment import Environment, EnvironmentNotFound
from tools.ops.events.queues import drain

_RELAY = "RelayDlq"
_UNDELIVERED = "DeliveryDlq"
_ENDINGS = (_UNDELIVERED, "Dlq")
_NO_TASKS = frozenset({"InvalidAction", "UnknownOperation"})
"""The emulator's errors: it cannot move messages by itself."""


def redrive(environment: Environment, dead_letters: str) -> str:
    """Retry the messages of a dead-letter queue (its logical id); return what was done.

    A consumer's messages, the bus's undelivered ones included, go to its own queue. A relay's are
    only the names of events: these are in the outbox still, and are made ready for the sweep,
    which is then called. Raises EnvironmentNotFound.
    """
    if dead_letters.endswith(_RELAY):
        return _reopen(environment, dead_letters)
    consumer = next(
        (dead_letters.removesuffix(end) for end in _ENDINGS if dead_letters.endswith(end)), ""
    )
    if not consumer:
        message = f"{dead_letters} is no dead-letter queue: they are called <Consumer>Dlq"
        raise EnvironmentNotFound(message)
    sqs = environment.client("sqs")
    source = _url(environment, sqs, dead_letters)
    target = _url(environment, sqs, f"{consumer}Queue")
    if not dead_letters.endswith(_UNDELIVERED) and _starts_to_move(sqs, source, target):
        return f"the messages of {dead_letters} are being moved to {consumer}Queue"
    moved = _move(sqs, source, target)
    return f"{moved} messages were moved from {dead_letters} to {consumer}Queue"


def _starts_to_move(sqs: Any, source: str, target: str) -> bool:  # noqa: ANN401 - boto3's client
    """Have SQS move the messages, which it does for another queue's dead letters only."""
    try:
        sqs.start_message_move_task(SourceArn=_arn(sqs, source), DestinationArn=_arn(sqs, target))
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_TASKS:
            raise
        return False
    return True


def _move(sqs: Any, source: str, target: str) -> int:  # noqa: ANN401 - boto3's client
    """Move message by message; each is in one of the two queues, or for a moment in both.

    What has been moved and comes back, because it fails again at once, stays: it would go in a
    circle. It has another id by then, and the same body.
    """
    moved: set[str] = set()
    for message in drain(sqs, source):
        if message["Body"] in moved:
            continue
        sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        moved.add(message["Body"])
    return len(moved)


def _reopen(environment: Environment, dead_letters: str) -> str:
    service = dead_letters.removesuffix(_RELAY)
    sqs, dynamodb = environment.client("sqs"), environment.client("dynamodb")
    table = environment.physical(f"{service}OutboxTable")
    url = _url(environment, sqs, dead_letters)
    reopened = 0
    for message in drain(sqs, url):
        event_id = json.loads(message["Body"]).get("event_id")
        if event_id:  # Else Lambda says that a batch of the stream is over; the sweep has it.
            reopened += _forgiven(dynamodb, table, event_id)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    environment.client("lambda").invoke(
        FunctionName=environment.physical(f"{service}RelayFunction"), Payload=b'{"sweep": true}'
    )
    return f"{reopened} events of {table} are tried again, and the sweep was called"


def _forgiven(dynamodb: Any, table: str, event_id: str) -> int:  # noqa: ANN401 - boto3's client
    try:
        dynamodb.update_item(
            TableName=table,
            Key={"event_id": {"S": event_id}},
            UpdateExpression="REMOVE rejected_because",
            ConditionExpression="attribute_exists(event_id)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return 0  # It was removed or published meanwhile.
    return 1


def _url(environment: Environment, sqs: Any, logical_id: str) -> str:  # noqa: ANN401 - boto3's client
    return str(sqs.get_queue_url(QueueName=environment.physical(logical_id))["QueueUrl"])


def _arn(sqs: Any, url: str) -> str:  # noqa: ANN401 - boto3's client
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])
