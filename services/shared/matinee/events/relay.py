"""The relay: from the outbox table's stream to the bus, at least once.

The only caller of PutEvents. An event is sent after its contract and its size have been checked, in
chunks of ten; FailedEntryCount is read and only the failed entries are sent again. A published
event's item is deleted, so the table holds the events still to be published, and a scheduled sweep
publishes what the stream could not: the stream repeats a batch STREAM_RETRIES times, which takes
minutes, and then sends a note to the dead-letter queue, while the items stay in the table.

    crash before sending     the stream delivers the records again; if it cannot, the sweep does
    crash before deleting    the sweep publishes once more; consumers know the event_id
    a refused entry          the stream continues from there; what came after it and was accepted
                             is not published again, as long as this process remembers it
    a broken event           goes to the dead-letter queue with its reason; the others go on
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3
from pydantic import Field

from matinee.clock import Clock, iso, utc_now
from matinee.dynamodb.items import to_item
from matinee.events.contract import ContractViolation, Registry
from matinee.events.outbox import OutboxItem
from matinee.observability import count, logger
from matinee.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from mypy_boto3_sqs import SQSClient

ENTRIES_PER_CALL = 10
BYTES_PER_CALL = 256 * 1024
"""EventBridge counts source, detail-type and detail of all entries of a call together."""

ATTEMPTS = 4
INITIAL_BACKOFF_SECONDS = 0.1
"""Before failed entries are sent again; doubled each time."""

STREAM_RETRIES = 10
"""How often a stream repeats a batch, by the templates."""

SWEEP_AFTER = timedelta(minutes=1)
"""An item younger than this is left to the stream."""

MAX_REMEMBERED_EVENTS = 1_000
"""Published events that a process does not publish again: ten batches of a stream."""

type StreamResponse = dict[str, list[dict[str, str]]]
"""The response of a stream's function: the record to continue from, if not after the batch."""


class RelaySettings(Settings):
    """The environment of a service's relay."""

    outbox_table: str
    event_bus: str
    dead_letter_url: str = Field(description="The queue of events that can never be published.")


class NotPublished(Exception):
    """The bus refused some events. Their `items` stay in the table."""

    def __init__(self, items: Sequence[OutboxItem]) -> None:
        self.items = items
        super().__init__(f"{len(items)} events were refused by the bus")


@dataclass(frozen=True, slots=True)
class Relay:
    """Publishes outbox items to one bus."""

    bus: str
    outbox_table: str
    dead_letter_url: str
    contracts: Registry
    events: EventBridgeClient
    dynamodb: DynamoDBClient
    sqs: SQSClient
    now: Clock = utc_now
    pause: Callable[[float], None] = time.sleep
    _published: dict[str, None] = field(default_factory=dict)

    def handle(self, event: dict[str, Any]) -> StreamResponse:
        """Publish the records of a stream event; without records (a schedule's event) sweep.

        Returns to a stream the first record that could not be published, to be delivered again
        with those after it. Raises NotPublished to a schedule.
        """
        if "Records" not in event:
            self.publish(self._overdue())
            return {"batchItemFailures": []}
        records = {
            record["dynamodb"]["SequenceNumber"]: OutboxItem.read(record["dynamodb"]["NewImage"])
            for record in event["Records"]
            if record["eventName"] == "INSERT"
        }
        try:
            self.publish(records.values())
        except NotPublished as error:
            refused = {item.event_id for item in error.items}
            first = next(number for number, item in records.items() if item.event_id in refused)
            return {"batchItemFailures": [{"itemIdentifier": first}]}
        return {"batchItemFailures": []}

    def publish(self, items: Iterable[OutboxItem]) -> int:
        """Publish items in their order and delete them; return how many.

        Raises NotPublished when the bus refuses some of them every time: those stay in the table.
        """
        published = 0
        refused: list[OutboxItem] = []
        for chunk in _chunks(item for item in items if self._is_sound(item)):
            new = [item for item in chunk if item.event_id not in self._published]
            failed = self._send(new) if new else []
            accepted = [item for item in new if item not in failed]
            self._remember(accepted)
            self._delete(item for item in chunk if item not in failed)
            published += len(accepted)
            refused += failed
        count("EventsPublished", published)
        if refused:
            raise NotPublished(refused)
        return published

    def _is_sound(self, item: OutboxItem) -> bool:
        if _size(item) > BYTES_PER_CALL:
            self._reject(item, f"{_size(item)} bytes are more than the bus accepts")
            return False
        try:
            metadata = self.contracts.read(json.loads(item.detail)).metadata
        except (ContractViolation, json.JSONDecodeError) as error:
            self._reject(item, str(error))
            return False
        if (metadata.event_type, metadata.source) != (item.detail_type, item.source):
            self._reject(item, "the item's names are not those of the event in it")
            return False
        return True

    def _send(self, chunk: Sequence[OutboxItem]) -> list[OutboxItem]:
        """Send a chunk, and its failed entries again; return those that failed every time."""
        left = list(chunk)
        for attempt in range(ATTEMPTS):
            if attempt:
                self.pause(INITIAL_BACKOFF_SECONDS * 2 ** (attempt - 1))
            response = self.events.put_events(Entries=[self._entry(item) for item in left])
            if response["FailedEntryCount"] == 0:
                return []
            left = [
                item
                for item, entry in zip(left, response["Entries"], strict=True)
                if entry.get("ErrorCode")
            ]
            logger.warning("entries_failed", extra={"failed": len(left), "attempt": attempt + 1})
        return left

    def _remember(self, items: Iterable[OutboxItem]) -> None:
        """Keep the ids of the latest published events and drop the oldest."""
        self._published.update(dict.fromkeys(item.event_id for item in items))
        for event_id in list(self._published)[:-MAX_REMEMBERED_EVENTS]:
            del self._published[event_id]

    def _entry(self, item: OutboxItem) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self.bus,
            "Source": item.source,
            "DetailType": item.detail_type,
            "Detail": item.detail,
            "Time": item.occurred_at,
        }

    def _delete(self, items: Iterable[OutboxItem]) -> None:
        for item in items:
            self.dynamodb.delete_item(TableName=self.outbox_table, Key=_key(item))

    def _reject(self, item: OutboxItem, reason: str) -> None:
        """Send an event that can never be published to the dead-letter queue, once."""
        stored = self.dynamodb.get_item(
            TableName=self.outbox_table, Key=_key(item), ConsistentRead=True
        ).get("Item")
        if stored is None or "rejected_because" in stored:
            return
        logger.error("event_rejected", extra={"event_id": item.event_id, "reason": reason})
        count("EventsRejected")
        self.sqs.send_message(
            QueueUrl=self.dead_letter_url,
            MessageBody=json.dumps({"event_id": item.event_id, "detail_type": item.detail_type}),
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1024]}},
        )
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):  # gone already
            self.dynamodb.update_item(
                TableName=self.outbox_table,
                Key=_key(item),
                UpdateExpression="SET rejected_because = :reason",
                ConditionExpression="attribute_exists(event_id)",
                ExpressionAttributeValues={":reason": {"S": reason}},
            )

    def _overdue(self) -> Iterator[OutboxItem]:
        """Yield the items that have waited too long. The table is empty apart from them."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.outbox_table,
            FilterExpression="occurred_at < :before AND attribute_not_exists(rejected_because)",
            ExpressionAttributeValues={":before": {"S": iso(self.now() - SWEEP_AFTER)}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from (OutboxItem.read(item) for item in page["Items"])


def build_relay(contracts: Registry, settings: RelaySettings) -> Relay:
    """Build the relay of a service that publishes these contracts."""
    return Relay(
        bus=settings.event_bus,
        outbox_table=settings.outbox_table,
        dead_letter_url=settings.dead_letter_url,
        contracts=contracts,
        events=boto3.client("events"),
        dynamodb=boto3.client("dynamodb"),
        sqs=boto3.client("sqs"),
    )


def _key(item: OutboxItem) -> dict[str, Any]:
    return to_item({"event_id": item.event_id})


def _size(item: OutboxItem) -> int:
    """Return the size of an entry as EventBridge counts it, in bytes; 14 of them are its time."""
    texts = (item.source, item.detail_type, item.detail)
    return 14 + sum(len(text.encode()) for text in texts)


def _chunks(items: Iterable[OutboxItem]) -> Iterator[Sequence[OutboxItem]]:
    """Split into calls of at most ten entries and 256 KiB, in the same order."""
    for ten in batched(items, ENTRIES_PER_CALL, strict=False):
        chunk: list[OutboxItem] = []
        for item in ten:
            if chunk and sum(map(_size, chunk)) + _size(item) > BYTES_PER_CALL:
                yield chunk
                chunk = []
            chunk.append(item)
        if chunk:
            yield chunk
