"""Matinee's events for their consumers.

event = read(message["body"])
if isinstance(event.data, matinee_events.rooms.MatchFound): ...
"""

from matinee_events.catalogue import MODELS, example, schema
from matinee_events.envelope import (
    BrokenEvent,
    Event,
    EventData,
    Metadata,
    UnknownEvent,
    read,
)
from matinee_events.idempotency import (
    DynamoDBStore,
    IdempotencyStore,
    InMemoryStore,
    run_once,
)

__all__ = [
    "MODELS",
    "BrokenEvent",
    "DynamoDBStore",
    "Event",
    "EventData",
    "IdempotencyStore",
    "Metadata",
    "InMemoryStore",
    "UnknownEvent",
    "example",
    "run_once",
    "read",
    "schema",
]
