"""TMDB's responses, cached for all instances in one table, with leases to fetch them.

    table        partition key `question` (string), sort key `page` (number), TTL attribute `ttl`
    item         {question, page, body?, fetched_at?, lease_until?, ttl}

`question` is the cache's key. `body` is compressed; `fetched_at` and `lease_until` are microseconds
since the epoch. A table that fails counts as an empty one, and the failure is logged.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.ports import CachedResponse
from matinee.clock import Clock, epoch_seconds
from matinee.dynamodb.transactions import error_code
from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MICROSECONDS = 1_000_000
LEASE_ITEM_TTL = timedelta(minutes=5)
"""How long the item of a lease that nobody released stays; the lease ends long before."""


@dataclass(frozen=True, slots=True)
class DynamoResponseCache:
    """`ResponseCache` in DynamoDB. The client must have short timeouts: somebody waits."""

    dynamodb: DynamoDBClient
    table: str
    now: Clock

    async def get(self, key: str) -> CachedResponse | None:
        """Return a response; see the port."""
        response = await self._try(
            lambda: self.dynamodb.get_item(TableName=self.table, Key=_key(key))
        )
        return _read(response.get("Item", {}) if response else {})

    async def get_pages(self, key: str) -> Mapping[int, CachedResponse]:
        """Return every page of a key; see the port."""
        items = await self._try(lambda: self._query(key)) or []
        pages = {int(item["page"]["N"]): _read(item) for item in items}
        return {page: cached for page, cached in pages.items() if cached}

    async def put(self, key: str, page: int, body: bytes, ttl: timedelta) -> CachedResponse:
        """Store a response, which ends its lease; see the port."""
        now = self.now()
        item = {
            **_key(key, page),
            "body": {"B": zlib.compress(body)},
            "fetched_at": _moment(now),
            "ttl": {"N": str(epoch_seconds(now + ttl))},
        }
        await self._try(lambda: self.dynamodb.put_item(TableName=self.table, Item=item))
        return CachedResponse(body, _read_moment(item["fetched_at"]))

    async def acquire_lease(self, key: str, until: datetime) -> tuple[bool, CachedResponse | None]:
        """Try to get the lease; see the port."""
        acquired = await self._try(lambda: self._acquire(key, until))
        return acquired if acquired is not None else (True, None)

    async def release_lease(self, key: str, until: datetime) -> None:
        """End a lease; see the port."""
        await self._try(lambda: self._release(key, until))

    def _release(self, key: str, until: datetime) -> None:
        # The item may have expired, or the lease may be another owner's by now.
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(key),
                UpdateExpression="REMOVE lease_until",
                ConditionExpression="lease_until = :mine",
                ExpressionAttributeValues={":mine": _moment(until)},
            )

    def _query(self, key: str) -> list[Mapping[str, Any]]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="question = :question",
            ExpressionAttributeValues={":question": {"S": key}},
        )
        return [item for page in pages for item in page["Items"]]

    def _acquire(self, key: str, until: datetime) -> tuple[bool, CachedResponse | None]:
        now = self.now()
        try:
            response = self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(key),
                UpdateExpression="SET lease_until = :until, #ttl = if_not_exists(#ttl, :ttl)",
                ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":until": _moment(until),
                    ":now": _moment(now),
                    ":ttl": {"N": str(epoch_seconds(now + LEASE_ITEM_TTL))},
                },
                ReturnValues="ALL_NEW",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False, None
        return True, _read(response["Attributes"])

    async def _try[T](self, call: Callable[[], T]) -> T | None:
        """Call the table in a thread; return None when it fails."""
        try:
            return await asyncio.to_thread(call)
        except (BotoCoreError, ClientError) as error:
            logger.error("response_cache_failed", extra={"reason": error_code(error)})
            count("ResponseCacheFailed")
            return None


def _key(key: str, page: int = 1) -> dict[str, Any]:
    return {"question": {"S": key}, "page": {"N": str(page)}}


def _moment(moment: datetime) -> dict[str, str]:
    return {"N": str(int(moment.timestamp() * MICROSECONDS))}


def _read_moment(value: Mapping[str, str]) -> datetime:
    return datetime.fromtimestamp(int(value["N"]) / MICROSECONDS, UTC)


def _read(item: Mapping[str, Any]) -> CachedResponse | None:
    """Parse a response; return None when there is none yet, or a broken one."""
    try:
        return CachedResponse(zlib.decompress(item["body"]["B"]), _read_moment(item["fetched_at"]))
    except KeyError:
        return None
    except (ValueError, zlib.error):
        logger.warning("cached_response_broken")
        return None
