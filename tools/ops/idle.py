"""Whether the product has nothing left to do: no unpublished event, no message waiting or handled.

Who says "nothing more comes" waits for this instead of for a time.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

type Aws = Callable[[str], Any]
type Place = Callable[[], bool]
"""Where work waits, as a question: whether it does."""

COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def is_idle(aws: Aws) -> bool:
    """Return whether every outbox and every consumer's queue is empty."""
    return not any(waits() for waits in places(aws))


def places(aws: Aws) -> Iterator[Place]:
    """Find the outboxes, and the queues that have a running consumer."""
    yield from _outboxes(aws("dynamodb"))
    yield from _queues(aws("lambda"), aws("sqs"))


def _outboxes(dynamodb: Any) -> Iterator[Place]:  # noqa: ANN401 - one of many types
    for page in dynamodb.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            if "Outbox" in table:
                yield partial(_is_unpublished, dynamodb, table)


def _is_unpublished(dynamodb: Any, table: str) -> bool:  # noqa: ANN401
    """Return whether an outbox holds an event that the relay has not published or rejected."""
    found = dynamodb.scan(
        TableName=table,
        ConsistentRead=True,
        FilterExpression="attribute_not_exists(rejected_because)",
    )
    return bool(found["Count"])


def _queues(lambda_: Any, sqs: Any) -> Iterator[Place]:  # noqa: ANN401
    for page in lambda_.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            arn = mapping["EventSourceArn"]
            if ":sqs:" in arn and mapping.get("State") != "Disabled":
                url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
                yield partial(_holds_messages, sqs, url)


def _holds_messages(sqs: Any, url: str) -> bool:  # noqa: ANN401
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
    return any(int(count) for count in counts.values())
