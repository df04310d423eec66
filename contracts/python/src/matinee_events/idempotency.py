"""Run an action once for an event, however often it is delivered: a sketch to build on.

A repeat that comes after its id has expired is done again: make your own writes conditional.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

from matinee_events.envelope import Event

DONE_TTL_SECONDS = 20 * 24 * 60 * 60
"""Longer than a message can wait in a dead-letter queue before it is redriven."""

CLAIM_TIMEOUT_SECONDS = 15 * 60
"""How long a claim of a process that has died holds: as long as a function may run."""


class IdempotencyStore(Protocol):
    """Stores which events have been handled."""

    def claim(self, key: str) -> bool:
        """Claim a key; return False when it is claimed, because it is done or under way."""
        ...

    def complete(self, key: str) -> None:
        """Mark a key as done."""
        ...

    def release(self, key: str) -> None:
        """Release a key: its action has failed."""
        ...


def run_once(store: IdempotencyStore, event: Event, action: Callable[[Event], None]) -> bool:
    """Run an action for an event unless that was done; return whether it was done now.

    Raises what `action` raises; the event may then be tried again.
    """
    key = event.metadata.event_id
    if not store.claim(key):
        return False
    try:
        action(event)
    except BaseException:
        store.release(key)
        raise
    store.complete(key)
    return True


class InMemoryStore:
    """A store for tests, and for a consumer that is a single process."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def claim(self, key: str) -> bool:
        """Claim a key."""
        if key in self._keys:
            return False
        self._keys.add(key)
        return True

    def complete(self, key: str) -> None:
        """Do nothing: it is claimed."""

    def release(self, key: str) -> None:
        """Release it."""
        self._keys.discard(key)


class DynamoDBStore:
    """A store in a DynamoDB table: key `id` (S), time to live `expires_at`.

    `table` is a boto3 Table. An unfinished claim expires after a quarter of an hour.
    """

    def __init__(self, table: Any, now: Callable[[], float] = time.time) -> None:  # noqa: ANN401
        self._table = table
        self._now = now

    def claim(self, key: str) -> bool:
        """Claim a key, unless it is held."""
        now = int(self._now())
        try:
            self._table.put_item(
                Item={"id": key, "expires_at": now + CLAIM_TIMEOUT_SECONDS},
                ConditionExpression="attribute_not_exists(id) OR expires_at < :now",
                ExpressionAttributeValues={":now": now},
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def complete(self, key: str) -> None:
        """Mark a key as done for twenty days."""
        self._table.put_item(Item={"id": key, "expires_at": int(self._now()) + DONE_TTL_SECONDS})

    def release(self, key: str) -> None:
        """Release a key."""
        self._table.delete_item(Key={"id": key})
