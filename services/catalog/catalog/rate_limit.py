"""The shared rate in DynamoDB: one item, one conditional write for a whole batch of requests.

    table        partition key `bucket` (string), TTL attribute `ttl`
    item         {bucket: "tmdb", free_at: microseconds since the epoch, ttl: seconds}

`free_at` is the next free place in the flow (see `catalog.pace`). Reserving moves it forward; so
does a 429 of TMDB, and with it everybody's next place. A table that fails stops nobody: the
failure is logged, and TMDB's own limit remains.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.deadline import Deadline, Monotonic
from catalog.errors import TmdbRateLimited
from catalog.pace import MICROSECONDS, Pace
from matinee.clock import Clock
from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BUCKET = "tmdb"

LONGEST_PAUSE = 60.0
"""Seconds. A longer Retry-After is asked for again rather than believed for hours."""

FURTHEST = 2 * LONGEST_PAUSE
"""Seconds. A place further ahead was written by a broken clock and is not believed."""

KEPT_FOR = 3600
"""Seconds after which DynamoDB may forget an idle bucket."""

ANSWER_TAKES = 0.25
"""Seconds between a request's place and its answer: a later place would be of no use."""

WITHOUT_TABLE_FOR = 10.0
"""Seconds without the table after it failed, so that each failure is not waited for."""

ATTEMPTS = 5

CONTENDED_GRACE = 100_000
"""Microseconds."""


class DynamoRequestRate:
    """A `RequestRate` in a table. The client must be quick to give up: a room waits for it."""

    def __init__(
        self, *, dynamodb: DynamoDBClient, table: str, pace: Pace, now: Clock, monotonic: Monotonic
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._pace = pace
        self._now = now
        self._monotonic = monotonic
        self._table_back_at = 0.0
        self._busy = False

    async def reserve(self, requests: int, deadline: Deadline) -> Sequence[float]:
        """Take places with one write; see the port."""
        try:
            answer = await self._unless_broken(
                lambda: self._reserve(requests, deadline.remaining() - ANSWER_TAKES)
            )
        except TmdbRateLimited:
            count("TmdbRateLimited")
            raise
        return answer if answer is not None else [0.0] * requests

    async def pause(self, seconds: float) -> None:
        """Move everybody's next place behind the pause; see the port."""
        await self._unless_broken(lambda: self._pause(min(seconds, LONGEST_PAUSE)))

    async def _unless_broken[T](self, call: Callable[[], T]) -> T | None:
        """Ask the table in a thread; answers None when it fails or failed a moment ago."""
        if self._monotonic() < self._table_back_at:
            return None
        try:
            return await asyncio.to_thread(call)
        except (BotoCoreError, ClientError) as error:
            self._table_back_at = self._monotonic() + WITHOUT_TABLE_FOR
            logger.error("rate_table_failed", extra={"reason": _reason(error)})
            count("RateTableFailed")
            return None

    def _reserve(self, requests: int, patience: float) -> Sequence[float]:
        """Move `free_at` forward: from itself while the flow is busy, from now when it was idle.

        Which of the two it is, the last answer foretells; a wrong guess costs one more write.
        """
        busy = self._busy
        for attempt in range(ATTEMPTS):
            now = self._microseconds()
            # Writers that meet at the edge of idleness get more room each time.
            earliest = now - self._pace.grace - attempt * CONTENDED_GRACE
            # The last of the requests must get its place before the deadline.
            latest = now + int(patience * MICROSECONDS) + self._pace.lead
            latest -= self._pace.cost(requests - 1)
            try:
                first = (
                    self._continue(requests, now, earliest, latest)
                    if busy
                    else self._restart(requests, now)
                )
            except self._dynamodb.exceptions.ConditionalCheckFailedException as refusal:
                found = _free_at(refusal)
                if latest < found <= now + FURTHEST * MICROSECONDS:
                    wait = self._pace.waits(found, now, requests)[-1]
                    raise TmdbRateLimited(retry_after=wait) from refusal
                busy = found >= self._microseconds() - self._pace.grace
            else:
                self._busy = True
                return self._pace.waits(first, now, requests)
        logger.warning("rate_contended")
        return [0.0] * requests

    def _continue(self, requests: int, now: int, earliest: int, latest: int) -> int:
        """Queue behind the others; answers the first free place."""
        cost = self._pace.cost(requests)
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key={"bucket": {"S": BUCKET}},
            UpdateExpression="SET free_at = free_at + :cost, #ttl = :ttl",
            ConditionExpression="free_at BETWEEN :earliest AND :latest",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={
                ":cost": _number(cost),
                ":earliest": _number(earliest),
                ":latest": _number(max(now, latest)),
                ":ttl": _number(now // MICROSECONDS + KEPT_FOR),
            },
            ReturnValues="UPDATED_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return int(answer["Attributes"]["free_at"]["N"]) - cost

    def _restart(self, requests: int, now: int) -> int:
        """Begin the flow anew after nobody asked for a while; answers the first free place."""
        self._move(
            to=now + self._pace.cost(requests),
            now=now,
            condition="attribute_not_exists(free_at) OR free_at < :earliest OR free_at > :furthest",
            values={
                ":earliest": _number(now - self._pace.grace),
                ":furthest": _number(now + int(FURTHEST * MICROSECONDS)),
            },
        )
        return now

    def _pause(self, seconds: float) -> None:
        now = self._microseconds()
        # A burst may run ahead of the flow; after a pause it must not run into the pause.
        until = now + int(seconds * MICROSECONDS) + self._pace.lead
        try:
            self._move(
                to=until,
                now=now,
                condition="attribute_not_exists(free_at) OR free_at < :until",
                values={":until": _number(until)},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            logger.info("pause_already_longer")
        self._busy = True

    def _move(self, *, to: int, now: int, condition: str, values: Mapping[str, Any]) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key={"bucket": {"S": BUCKET}},
            UpdateExpression="SET free_at = :to, #ttl = :ttl",
            ConditionExpression=condition,
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={
                ":to": _number(to),
                ":ttl": _number(now // MICROSECONDS + KEPT_FOR),
                **values,
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _microseconds(self) -> int:
        return int(self._now().timestamp() * MICROSECONDS)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _free_at(refusal: ClientError) -> int:
    """Read the place that a refused write found; 0, long ago, when there was none."""
    item: Mapping[str, Any] = refusal.response.get("Item") or {}  # type: ignore[assignment]
    return int(item["free_at"]["N"]) if "free_at" in item else 0


def _reason(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
