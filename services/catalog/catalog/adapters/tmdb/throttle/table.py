"""The item that shares the rate to TMDB, and its circuit breaker, between all instances.

    table        partition key `bucket` (string), TTL attribute `ttl`
    item         {bucket, free_at, open_until?, trips?, ttl: seconds}

`bucket` is TMDB's host. `free_at` is the next free slot (see `gcra`), `open_until` when an open
circuit lets one request through as a probe; `trips` counts how often in a row the probe failed.
Times are microseconds since the epoch. Each method that changes the item is one conditional write
and raises `StateChanged` with the state that it found instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from catalog.adapters.tmdb.throttle.gcra import MICROSECONDS
from catalog.domain.deadline import Monotonic
from matinee.clock import Clock
from matinee.dynamodb.transactions import error_code
from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ITEM_TTL_SECONDS = 3600
"""After which DynamoDB may delete an idle bucket."""

RETRY_TABLE_AFTER_SECONDS = 10.0
"""How long a table that failed is not used, so that not every request waits for its failure."""

_CLOSED = "attribute_not_exists(open_until)"


@dataclass(frozen=True, slots=True)
class RateState:
    """The item. `open_until` is 0 while the circuit is closed."""

    free_at: int = 0
    open_until: int = 0
    trips: int = 0

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse the item; without a `free_at` there was no request for long."""
        names = ("free_at", "open_until", "trips")
        return cls(*(int(item[name]["N"]) if name in item else 0 for name in names))


class StateChanged(Exception):
    """A condition of a write does not hold; `found` is the present state."""

    def __init__(self, found: RateState) -> None:
        super().__init__(found)
        self.found = found


class RateTable:
    """The item in DynamoDB. The client must have short timeouts: a room waits for it."""

    def __init__(
        self, *, dynamodb: DynamoDBClient, table: str, bucket: str, now: Clock, monotonic: Monotonic
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._bucket = bucket
        self._now = now
        self._monotonic = monotonic
        self._retry_at = 0.0

    async def run[T](self, write: Callable[[], T]) -> T | None:
        """Run a write in a thread; return None when the table fails, or has failed recently."""
        if self._monotonic() < self._retry_at:
            return None
        try:
            return await asyncio.to_thread(write)
        except (BotoCoreError, ClientError) as error:
            self._retry_at = self._monotonic() + RETRY_TABLE_AFTER_SECONDS
            logger.error("rate_table_failed", extra={"reason": error_code(error)})
            count("RateTableFailed")
            return None

    def now(self) -> int:
        """Return the present time."""
        return int(self._now().timestamp() * MICROSECONDS)

    def append(self, cost: int, *, earliest: int, latest: int) -> int:
        """Take the next free slots and return the first; `free_at` must be between the bounds."""
        item = self._write(
            "SET free_at = free_at + :cost",
            f"{_CLOSED} AND free_at BETWEEN :earliest AND :latest",
            cost=cost,
            earliest=earliest,
            latest=latest,
        )
        return RateState.from_item(item).free_at - cost

    def restart(self, to: int, *, earliest: int, furthest: int) -> None:
        """Start the flow anew after a time without requests, or a write by a wrong clock."""
        self._write(
            "SET free_at = :to",
            f"{_CLOSED} AND "
            "(attribute_not_exists(free_at) OR free_at < :earliest OR free_at > :furthest)",
            to=to,
            earliest=earliest,
            furthest=furthest,
        )

    def pause(self, until: int) -> None:
        """Move the next free slot to a time, unless it is later already."""
        self._write(
            "SET free_at = :until",
            "attribute_not_exists(free_at) OR free_at < :until",
            until=until,
        )

    def open(self, until: int) -> None:
        """Open the circuit that is closed."""
        self._write("SET open_until = :until, trips = :one", _CLOSED, until=until, one=1)

    def begin_probe(self, until: int, *, found: RateState, free_at: int) -> None:
        """Take the probe of an open circuit; all others wait for its result."""
        self._write(
            "SET open_until = :until, free_at = :free_at",
            "open_until = :found",
            until=until,
            found=found.open_until,
            free_at=free_at,
        )

    def reopen(self, until: int, *, probing: int) -> None:
        """Keep the circuit open after a failed probe."""
        self._write(
            "SET open_until = :until ADD trips :one",
            "open_until = :probing",
            until=until,
            probing=probing,
            one=1,
        )

    def close(self, *, probing: int) -> None:
        """Close the circuit after a successful probe."""
        self._write("REMOVE open_until, trips", "open_until = :probing", probing=probing)

    def _write(self, update: str, condition: str, **values: int) -> Mapping[str, Any]:
        ttl = self.now() // MICROSECONDS + ITEM_TTL_SECONDS
        update = update.replace("SET ", "SET #ttl = :ttl, ", 1)
        if not update.startswith("SET "):
            update = f"SET #ttl = :ttl {update}"
        try:
            response = self._dynamodb.update_item(
                TableName=self._table,
                Key={"bucket": {"S": self._bucket}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    f":{name}": {"N": str(value)} for name, value in {**values, "ttl": ttl}.items()
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            found: Mapping[str, Any] = error.response.get("Item") or {}  # type: ignore[assignment]
            raise StateChanged(RateState.from_item(found)) from error
        return response["Attributes"]
