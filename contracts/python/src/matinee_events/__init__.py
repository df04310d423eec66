"""Matinee's events for those who listen.

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
from matinee_events.once import DynamoDBMemory, Memory, ProcessMemory, once

__all__ = [
    "MODELS",
    "BrokenEvent",
    "DynamoDBMemory",
    "Event",
    "EventData",
    "Memory",
    "Metadata",
    "ProcessMemory",
    "UnknownEvent",
    "example",
    "once",
    "read",
    "schema",
]
