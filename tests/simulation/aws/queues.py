"""SQS: standard queues, which deliver at least once and in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.aws.errors import AwsError


@dataclass(eq=False)
class Message:
    """A message. `receipt` is that of its latest delivery."""

    message_id: str
    body: str
    attributes: Mapping[str, Any]
    sent_at: float
    visible_at: float
    received: int = 0
    receipt: str = ""


@dataclass(eq=False)
class Queue:
    """A queue. `listen` is told when a message is to be looked for, in so many seconds."""

    name: str
    visibility: float
    limit: int | None = None
    dead_letters: Queue | None = None
    messages: list[Message] = field(default_factory=list)
    listen: Callable[[float], None] | None = None

    def send(self, message: Message) -> None:
        """Store a message."""
        self.messages.append(message)
        self._announce(message)

    def receive(self, most: int, now: float, chance: Random) -> list[Message]:
        """Deliver some visible messages, or none of them; bury those delivered too often."""
        visible = [message for message in self.messages if message.visible_at <= now]
        chance.shuffle(visible)
        delivered = []
        for message in visible[: chance.randint(0, most)]:
            if self.limit is not None and message.received >= self.limit:
                assert self.dead_letters is not None
                self.messages.remove(message)
                message.visible_at = now
                self.dead_letters.send(message)
                continue
            message.received += 1
            message.receipt = f"{message.message_id}/{message.received}"
            is_doubled = chance.random() < 0.02
            message.visible_at = now if is_doubled else now + self.visibility
            self._announce(message)
            delivered.append(message)
        return delivered

    def find(self, receipt: str) -> Message | None:
        """Return the message of a delivery, unless it is gone or was delivered again."""
        return next((message for message in self.messages if message.receipt == receipt), None)

    def delete(self, receipt: str) -> None:
        """Delete the message of its latest delivery; an older receipt deletes nothing."""
        if message := self.find(receipt):
            self.messages.remove(message)

    def _announce(self, message: Message) -> None:
        if self.listen:
            self.listen(message.visible_at)


class Queues:
    """All queues, by their logical ids."""

    def __init__(self, queues: Mapping[str, Queue], now: Callable[[], float]) -> None:
        self.queues = queues
        self._now = now
        self._sent = 0

    def __getitem__(self, url: str) -> Queue:
        """Return a queue by its name, URL or ARN."""
        return self.queues[url.rpartition("/")[2].rpartition(":")[2]]

    def send(
        self,
        url: str,
        body: str,
        attributes: Mapping[str, Any] | None = None,
        delay: float = 0.0,
    ) -> str:
        """Send a message; return its id."""
        self._sent += 1
        now = self._now()
        message = Message(f"message-{self._sent}", body, attributes or {}, now, now + delay)
        self[url].send(message)
        return message.message_id

    def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a function asks for."""
        match operation:
            case "SendMessage":
                attributes = params.get("MessageAttributes")
                delay = params.get("DelaySeconds", 0)
                return {
                    "MessageId": self.send(
                        params["QueueUrl"], params["MessageBody"], attributes, delay
                    )
                }
            case "SendMessageBatch":
                for entry in params["Entries"]:
                    self.send(params["QueueUrl"], entry["MessageBody"])
                return {"Successful": [{"Id": it["Id"]} for it in params["Entries"]], "Failed": []}
            case "ChangeMessageVisibility":
                queue = self[params["QueueUrl"]]
                message = queue.find(params["ReceiptHandle"])
                if message is None:
                    raise AwsError("InvalidParameterValue", "the message is not available")
                message.visible_at = self._now() + params["VisibilityTimeout"]
                queue._announce(message)  # noqa: SLF001 - the queue's own
                return {}
        raise AwsError("UnknownOperation", operation)
