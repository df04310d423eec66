"""The transactional outbox: an event is an item, written in one transaction with the state change.

The table's stream invokes the relay (`matinee.events.relay`), which publishes the item and then
deletes it. What is still in the table has not been published yet.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Self

from matinee.clock import epoch_seconds, iso
from matinee.dynamodb.items import from_item, to_item
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail

OUTBOX_TTL = timedelta(days=30)
"""Long enough to repair what keeps an event from being published."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An event on its way to the bus. `detail` is the JSON that PutEvents takes."""

    event_id: str
    source: str
    detail_type: str
    detail: str
    occurred_at: str

    @classmethod
    def read(cls, item: dict[str, Any]) -> Self:
        """Parse a stored item, or its image in a stream record.

        Missing attributes stay empty: the relay rejects such an item with a reason.
        """
        values = from_item(item)
        return cls(*(str(values.get(field.name, "")) for field in fields(cls)))


def put_event(table: str, envelope: Envelope[Contract]) -> dict[str, Any]:
    """Return the transaction's action that stores an event in the outbox table."""
    metadata = envelope.metadata
    return {
        "Put": {
            "TableName": table,
            "Item": to_item(
                {
                    "event_id": metadata.event_id,
                    "source": metadata.source,
                    "detail_type": metadata.event_type,
                    "detail": detail(envelope),
                    "occurred_at": iso(metadata.occurred_at),
                    "ttl": epoch_seconds(metadata.occurred_at + OUTBOX_TTL),
                }
            ),
            "ConditionExpression": "attribute_not_exists(event_id)",
        }
    }
