"""The outbox: an event is an item, written in the same transaction as the state it speaks of.

Its table's stream wakes the relay (`matinee.relay`), which publishes the item and then deletes it.
What is still in the table has not been published yet.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Self

from matinee.clock import epoch_seconds, iso
from matinee.contract import Contract, Envelope
from matinee.dynamodb import from_item, to_item
from matinee.envelope import detail

UNPUBLISHED_KEPT_FOR = timedelta(days=30)
"""Long enough to repair what keeps an event from being published, whoever is on holiday."""


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
        """Read a stored item, or the image of one in a stream record.

        What is missing in it is left empty: the relay finds such an item broken and says so.
        """
        values = from_item(item)
        return cls(*(str(values.get(field.name, "")) for field in fields(cls)))


def put_event(table: str, envelope: Envelope[Contract]) -> dict[str, Any]:
    """Answer the transaction's action that stores an event in the outbox table."""
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
                    "ttl": epoch_seconds(metadata.occurred_at + UNPUBLISHED_KEPT_FOR),
                }
            ),
            "ConditionExpression": "attribute_not_exists(event_id)",
        }
    }
