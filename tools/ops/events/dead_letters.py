"""Dead letters: what is in a dead-letter queue and why, and discarding one for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.ops.events.environment import Environment, EnvironmentNotFound
from tools.ops.events.queues import MESSAGES_PER_CALL, drain
from tools.ops.inventory import DLQ_SUFFIX

_UNEXPLAINED = "no attempt succeeded: the consumer's log says why"
_UNDELIVERED = ("ERROR_CODE", "ERROR_MESSAGE")
"""EventBridge's attributes of what it could not deliver."""

_ALL = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nobody could handle. `sent_at` is an ISO 8601 instant in UTC."""

    id: str
    sent_at: str
    reason: str
    body: str


def dead_letters(environment: Environment, queue: str) -> list[DeadLetter]:
    """Return up to ten messages of a dead-letter queue (its logical id), which stay where they are.

    Raises EnvironmentNotFound.
    """
    sqs = environment.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=_url(environment, sqs, queue),
        MaxNumberOfMessages=MESSAGES_PER_CALL,
        WaitTimeSeconds=1,
        VisibilityTimeout=0,  # they can be redriven, or looked at again, at once
        **_ALL,
    )
    found = {message["MessageId"]: message for message in answer.get("Messages", ())}
    return [_letter(message) for message in found.values()]


def discard(environment: Environment, queue: str, message_id: str) -> str:
    """Delete one message of a dead-letter queue for good; return what was done.

    Raises EnvironmentNotFound when it is not there.
    """
    sqs = environment.client("sqs")
    url = _url(environment, sqs, queue)
    found = False
    others: list[str] = []
    try:
        for message in drain(sqs, url, wait_seconds=1, empty_answers=1):
            if message["MessageId"] == message_id:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found = True
            else:
                others.append(message["ReceiptHandle"])
    finally:
        for handle in others:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    if not found:
        gone = f"{queue} has no message {message_id}: it was redriven or discarded meanwhile"
        raise EnvironmentNotFound(gone)
    return f"the message {message_id} of {queue} is discarded"


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    attributes = {
        name: str(value.get("StringValue", ""))
        for name, value in message.get("MessageAttributes", {}).items()
    }
    undelivered = [attributes[name] for name in _UNDELIVERED if name in attributes]
    sent = int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
    return DeadLetter(
        message["MessageId"],
        datetime.fromtimestamp(sent, UTC).isoformat(timespec="milliseconds"),
        attributes.get("reason") or ": ".join(undelivered) or _UNEXPLAINED,
        message["Body"],
    )


def _url(environment: Environment, sqs: Any, queue: str) -> str:  # noqa: ANN401 - boto3's client
    if not queue.endswith(DLQ_SUFFIX):
        message = f"{queue} is no dead-letter queue: they are called <Consumer>{DLQ_SUFFIX}"
        raise EnvironmentNotFound(message)
    return str(sqs.get_queue_url(QueueName=environment.physical(queue))["QueueUrl"])
