"""The item that shares the rate to TMDB, and its circuit, between all instances.

    table        partition key `bucket` (string), TTL attribute `ttl`
    item         {bucket, free_at, open_until?, trips?, ttl: seconds}

`bucket` is the host that is asked. `free_at` is the next free place in the flow (see
`throttle.gcra`), `open_until` when a broken circuit lets one request through to try; `trips` counts
how often in a row that one failed. Moments are microseconds since the epoch. Each method is one
conditional write and raises `Refused` with what it found instead.
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
from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_FOR = 3600
"""Seconds after which DynamoDB may forget an idle bucket."""

WITHOUT_TABLE_FOR = 10.0
"""Seconds without the table after it failed, so that each failure is not waited for."""

_CLOSED = "attribute_not_exists(open_until)"


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the item. `open_until` is 0 while the circuit is closed."""

    free_at: int = 0
    open_until: int = 0
    trips: int = 0

    @classmethod
    def in_item(cls, item: Mapping[str, Any]) -> Self:
        """Read the item; a place that nobody has written lies long ago."""
        names = ("free_at", "open_until", "trips")
        return cls(*(int(item[name]["N"]) if name in item else 0 for name in names))


class Refused(Exception):
    """A condition did not hold; `found` is what stands there."""

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self.found = found


class RateTable:
    """The item, through a client that must be quick to give up: a room waits for it."""

    def __init__(
        self, *, dynamodb: DynamoDBClient, table: str, bucket: str, now: Clock, monotonic: Monotonic
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._bucket = bucket
        self._now = now
        self._monotonic = monotonic
        self._back_at = 0.0

    async def ask[T](self, call: Callable[[], T]) -> T | None:
        """Ask the table in a thread; return None when it fails, or failed a moment ago."""
        if self._monotonic() < self._back_at:
            return None
        try:
            return await asyncio.to_thread(call)
        except (BotoCoreError, ClientError) as error:
            self._back_at = self._monotonic() + WITHOUT_TABLE_FOR
            logger.error("rate_table_failed", extra={"reason": _reason(error)})
            count("RateTableFailed")
            return None

    def now(self) -> int:
        """Return the present moment."""
        return int(self._now().timestamp() * MICROSECONDS)

    def queue(self, cost: int, *, earliest: int, latest: int) -> int:
        """Take places behind the others'; return the first. `free_at` must lie between the two."""
        item = self._write(
            "SET free_at = free_at + :cost",
            f"{_CLOSED} AND free_at BETWEEN :earliest AND :latest",
            cost=cost,
            earliest=earliest,
            latest=latest,
        )
        return Found.in_item(item).free_at - cost

    def restart(self, to: int, *, earliest: int, furthest: int) -> None:
        """Begin the flow anew after nobody asked for a while, or a broken clock had written."""
        self._write(
            "SET free_at = :to",
            f"{_CLOSED} AND "
            "(attribute_not_exists(free_at) OR free_at < :earliest OR free_at > :furthest)",
            to=to,
            earliest=earliest,
            furthest=furthest,
        )

    def pause(self, until: int) -> None:
        """Let nobody have a place before a moment, unless that is so already."""
        self._write(
            "SET free_at = :until",
            "attribute_not_exists(free_at) OR free_at < :until",
            until=until,
        )

    def trip(self, until: int) -> None:
        """Open the circuit that is closed."""
        self._write("SET open_until = :until, trips = :one", _CLOSED, until=until, one=1)

    def probe(self, until: int, *, found: Found, free_at: int) -> None:
        """Be the one that tries a circuit whose time is over; others wait until it has tried."""
        self._write(
            "SET open_until = :until, free_at = :free_at",
            "open_until = :found",
            until=until,
            found=found.open_until,
            free_at=free_at,
        )

    def reopen(self, until: int, *, probing: int) -> None:
        """Say that the request that was let through has failed."""
        self._write(
            "SET open_until = :until ADD trips :one",
            "open_until = :probing",
            until=until,
            probing=probing,
            one=1,
        )

    def close(self, *, probing: int) -> None:
        """Say that the request that was let through has been answered."""
        self._write("REMOVE open_until, trips", "open_until = :probing", probing=probing)

    def _write(self, update: str, condition: str, **values: int) -> Mapping[str, Any]:
        ttl = self.now() // MICROSECONDS + KEPT_FOR
        update = update.replace("SET ", "SET #ttl = :ttl, ", 1)
        if not update.startswith("SET "):
            update = f"SET #ttl = :ttl {update}"
        try:
            answer = self._dynamodb.update_item(
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
        except self._dynamodb.exceptions.ConditionalCheckFailedException as refusal:
            stands: Mapping[str, Any] = refusal.response.get("Item") or {}  # type: ignore[assignment]
            raise Refused(Found.in_item(stands)) from refusal
        return answer["Attributes"]


def _reason(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
