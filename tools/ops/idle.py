"""Whether the product has nothing left to do: no unpublished event, no message waiting or handled.

Who says "nothing more comes" waits for this instead of for a time.
"""

from collections.abc import Callable
from typing import Any

type Aws = Callable[[str], Any]

COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def is_idle(aws: Aws) -> bool:
    """Return whether every outbox and every consumer's queue is empty."""
    return not _unpublished(aws("dynamodb")) and not _waiting(aws("lambda"), aws("sqs"))


def _unpublished(dynamodb: Any) -> bool:  # noqa: ANN401 - one of many types
    """Return whether an outbox holds an event that the relay has not published or rejected."""
    pages = dynamodb.get_paginator("list_tables").paginate()
    return any(
        dynamodb.scan(
            TableName=table,
            ConsistentRead=True,
            FilterExpression="attribute_not_exists(rejected_because)",
        )["Count"]
        for page in pages
        for table in page["TableNames"]
        if "Outbox" in table
    )


def _waiting(lambda_: Any, sqs: Any) -> bool:  # noqa: ANN401
    """Return whether a queue with a running consumer holds a message."""
    for page in lambda_.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            arn = mapping["EventSourceArn"]
            if ":sqs:" not in arn or mapping.get("State") == "Disabled":
                continue
            url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
            if any(int(count) for count in counts.values()):
                return True
    return False
