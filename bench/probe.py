"""A listener on the event bus: when which event was on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import boto3
from botocore.config import Config

from tools.ops.client import Stack

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

SOURCE = "matinee.rooms"
_MILLISECONDS = 1000
_UUID7_TIME_BITS = 80
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event. Both moments are seconds since the epoch.

    `made` is when its function made it, just before the transaction that stores it, exact to the
    few milliseconds by which an id may be dated ahead; `published` when the bus gave it to the
    queue, exact to one.
    """

    event_type: str
    detail: dict[str, Any]
    made: float
    published: float

    @property
    def data(self) -> dict[str, Any]:
        """What the event tells, without its metadata."""
        data: dict[str, Any] = self.detail["data"]
        return data


@dataclass(slots=True)
class Probe:
    """What has been seen on the bus so far."""

    seen: list[Sighting] = field(default_factory=list)

    def of_film(self, event_type: str, room_id: str, movie_id: int) -> list[Sighting]:
        """Return the events of one type on one film of a room, in the order of their coming."""
        return [
            sighting
            for sighting in self.seen
            if sighting.event_type == event_type
            and (sighting.data["room_id"], sighting.data["movie_id"]) == (room_id, movie_id)
        ]

    async def wait_for(
        self, number: int, event_type: str, room_id: str, movie_id: int
    ) -> list[Sighting]:
        """Wait until so many events of a type on a film have come. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE):
            while len(found := self.of_film(event_type, room_id, movie_id)) < number:
                await asyncio.sleep(0.01)
        return found

    def take(self, message: dict[str, Any]) -> None:
        """Record the event in a queue's message."""
        detail = json.loads(message["Body"])["detail"]
        metadata = detail["metadata"]
        self.seen.append(
            Sighting(
                metadata["event_type"],
                detail,
                made_at(metadata["event_id"]),
                int(message["Attributes"]["SentTimestamp"]) / _MILLISECONDS,
            )
        )


def made_at(event_id: str) -> float:
    """Return when an identifier (a UUID of version 7) was made, in seconds since the epoch."""
    return (UUID(event_id).int >> _UUID7_TIME_BITS) / _MILLISECONDS


@contextlib.asynccontextmanager
async def listening(stack: Stack) -> AsyncIterator[Probe]:
    """Listen to the rooms' votes and matches, by a rule and a queue that go away again."""
    sqs: SQSClient = client(stack, "sqs")
    events: EventBridgeClient = client(stack, "events")
    bus, name = stack.outputs["EventBusName"], f"bench-{uuid4().hex[:12]}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    pattern = {"source": [SOURCE], "detail-type": ["VoteCast", "MatchFound"]}
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "probe", "Arn": arn}])
    probe = Probe()
    receiving = asyncio.create_task(_receive(sqs, queue, probe))
    try:
        yield probe
    finally:
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await receiving
        events.remove_targets(Rule=name, EventBusName=bus, Ids=["probe"])
        events.delete_rule(Name=name, EventBusName=bus)
        sqs.delete_queue(QueueUrl=queue)


def client(stack: Stack, service: str) -> Any:  # noqa: ANN401 - one factory for many types
    """Return a client of one of the emulator's services."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=stack.emulator_url,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's
        config=Config(proxies={}),
    )


async def _receive(sqs: SQSClient, queue: str, probe: Probe) -> None:
    while True:
        answer = await asyncio.to_thread(
            sqs.receive_message,
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp"],
        )
        for message in answer.get("Messages", ()):
            probe.take(dict(message))
            await asyncio.to_thread(
                sqs.delete_message, QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"]
            )
