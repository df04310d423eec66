"""The AWS clients that the plumbing uses, as far as it uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from matinee.dynamodb.items import to_item

REFUSED = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}


class Refused(Exception):  # noqa: N818 - named as botocore names it
    """A condition does not hold."""


@dataclass
class FakeBus:
    """Takes every entry unless `refuses` says otherwise; `crash` is raised by the next call."""

    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    refuses: Callable[[dict[str, Any]], bool] = lambda _: False
    crash: Exception | None = None

    def __len__(self) -> int:
        return len(self.taken)

    def put_events(self, *, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        if self.crash:
            raise self.crash
        self.calls.append(list(Entries))
        answers = []
        for entry in Entries:
            if self.refuses(entry):
                answers.append(REFUSED)
            else:
                self.taken.append(entry)
                answers.append({"EventId": str(len(self.taken))})
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"FailedEntryCount": failed, "Entries": answers}


@dataclass
class FakeQueue:
    """Remembers what it was sent."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.messages)

    @property
    def reasons(self) -> list[str]:
        """Return why each message was sent here."""
        return [one["MessageAttributes"]["reason"]["StringValue"] for one in self.messages]

    def change_message_visibility(self, **call: Any) -> None:  # noqa: ANN401 - as boto3 has it
        """Keep the seconds for which a message is hidden."""
        self.hidden.append(call["VisibilityTimeout"])

    def send_message(self, **message: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 has it
        self.messages.append(message)
        return {"MessageId": str(len(self.messages))}


@dataclass
class FakeOutboxTable:
    """An outbox table; `crash` is raised by the next delete. Understands the relay's scan."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    crash: Exception | None = None
    page_size: int = 3
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(ConditionalCheckFailedException=Refused)
    )

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, event_id: object) -> bool:
        return event_id in self.items

    def put(self, item: dict[str, Any]) -> None:
        """Store an item."""
        self.items[item["event_id"]["S"]] = item

    def get_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 has it
        item = self.items.get(request["Key"]["event_id"]["S"])
        return {"Item": item} if item else {}

    def delete_item(self, **request: Any) -> None:  # noqa: ANN401 - as boto3 has it
        if self.crash:
            raise self.crash
        self.items.pop(request["Key"]["event_id"]["S"], None)

    def update_item(self, **request: Any) -> None:  # noqa: ANN401 - as boto3 has it
        assert request["UpdateExpression"] == "SET rejected_because = :reason"
        assert request["ConditionExpression"] == "attribute_exists(event_id)"
        event_id = request["Key"]["event_id"]["S"]
        if event_id not in self.items:
            raise Refused
        reason = request["ExpressionAttributeValues"][":reason"]
        self.items[event_id] = self.items[event_id] | {"rejected_because": reason}

    def get_paginator(self, operation: str) -> FakeOutboxTable:
        assert operation == "scan"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as boto3 has it
        assert request["FilterExpression"] == (
            "occurred_at < :before AND attribute_not_exists(rejected_because)"
        )
        before = request["ExpressionAttributeValues"][":before"]["S"]
        everything = list(self.items.values())
        for start in range(0, len(everything), self.page_size):
            page = everything[start : start + self.page_size]
            yield {
                "Items": [
                    item
                    for item in page
                    if item["occurred_at"]["S"] < before and "rejected_because" not in item
                ]
            }


def stream_record(item: dict[str, Any], event_name: str = "INSERT") -> dict[str, Any]:
    """Return what a table's stream shows of an item. Its place in the stream is its event's id."""
    image = {} if event_name == "REMOVE" else {"NewImage": item}
    event_id = item["event_id"]["S"]
    keys = to_item({"event_id": event_id})
    return {
        "eventName": event_name,
        "dynamodb": {"Keys": keys, "SequenceNumber": event_id, **image},
    }


def sqs_record(body: str, message_id: str = "1") -> dict[str, Any]:
    """Return a queue's message as Lambda shows it."""
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:queue",
        "awsRegion": "eu-west-1",
    }


class FakeLambdaContext:
    """What Lambda says about an invocation."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:function"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """Return that there is enough time."""
        return 30_000
