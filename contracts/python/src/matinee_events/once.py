"""Doing a thing once for an event, however often it is delivered: a sketch to build on.

A repeat that comes when its id is forgotten is done again: let your own writes be conditional.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

from matinee_events.envelope import Event

DONE_TTL_SECONDS = 20 * 24 * 60 * 60
"""Longer than a message can wait in a dead-letter queue before somebody redrives it."""

CLAIMED_SECONDS = 15 * 60
"""How long a claim holds if whoever made it has died: as long as a function may run."""


class Memory(Protocol):
    """Remembers what has been done."""

    def claim(self, key: str) -> bool:
        """Claim a key; return False when it is claimed, because it is done or under way."""
        ...

    def done(self, key: str) -> None:
        """Remember that what the key stands for is done."""
        ...

    def forget(self, key: str) -> None:
        """Release a key: what it stands for has failed."""
        ...


def once(memory: Memory, event: Event, action: Callable[[Event], None]) -> bool:
    """Run an action for an event unless that was done; return whether it was done now.

    Raises what `action` raises; the event may then be tried again.
    """
    key = event.metadata.event_id
    if not memory.claim(key):
        return False
    try:
        action(event)
    except BaseException:
        memory.forget(key)
        raise
    memory.done(key)
    return True


class ProcessMemory:
    """A memory for tests, and for a consumer that is one process and may forget when it ends."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def claim(self, key: str) -> bool:
        """Claim a key."""
        if key in self._keys:
            return False
        self._keys.add(key)
        return True

    def done(self, key: str) -> None:
        """Do nothing: it is claimed."""

    def forget(self, key: str) -> None:
        """Release it."""
        self._keys.discard(key)


class DynamoDBMemory:
    """A memory in a DynamoDB table of yours: key `id` (S), time to live `expires_at`.

    `table` is a boto3 Table. A claim that nobody finished holds for a quarter of an hour.
    """

    def __init__(self, table: Any, now: Callable[[], float] = time.time) -> None:  # noqa: ANN401
        self._table = table
        self._now = now

    def claim(self, key: str) -> bool:
        """Claim a key, unless it is held."""
        now = int(self._now())
        try:
            self._table.put_item(
                Item={"id": key, "expires_at": now + CLAIMED_SECONDS},
                ConditionExpression="attribute_not_exists(id) OR expires_at < :now",
                ExpressionAttributeValues={":now": now},
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def done(self, key: str) -> None:
        """Mark a key as done for twenty days."""
        self._table.put_item(Item={"id": key, "expires_at": int(self._now()) + DONE_TTL_SECONDS})

    def forget(self, key: str) -> None:
        """Release a key."""
        self._table.delete_item(Key={"id": key})
