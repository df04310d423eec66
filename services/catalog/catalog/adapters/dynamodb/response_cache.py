"""What TMDB has answered, kept for everybody in one table, and who is asking at this moment.

    table        partition key `question` (string), sort key `page` (number), TTL attribute `ttl`
    item         {question, page, body?, fetched_at?, lease_until?, ttl}

`body` is the answer, compressed; `fetched_at` and `lease_until` are microseconds since the epoch.
Nothing here is precious: a table that fails is as good as an empty one, and the failure is logged.
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

from catalog.answer_ports import KeptAnswer
from matinee.clock import Clock, epoch_seconds
from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MICROSECONDS = 1_000_000
CLAIMED_FOR = timedelta(minutes=5)
"""How long the item of a claim that nobody released stays; its lease ends long before."""


@dataclass(frozen=True, slots=True)
class DynamoAnswers:
    """`AnswerTable` in DynamoDB, through a client that is quick to give up: somebody waits."""

    dynamodb: DynamoDBClient
    table: str
    now: Clock

    async def read(self, question: str) -> KeptAnswer | None:
        """Return what is kept; see the port."""
        answer = await self._ask(
            lambda: self.dynamodb.get_item(TableName=self.table, Key=_key(question))
        )
        return _kept(answer.get("Item", {}) if answer else {})

    async def read_all(self, question: str) -> Mapping[int, KeptAnswer]:
        """Return every page that is kept; see the port."""
        items = await self._ask(lambda: self._query(question)) or []
        pages = {int(item["page"]["N"]): _kept(item) for item in items}
        return {page: kept for page, kept in pages.items() if kept}

    async def keep(self, question: str, page: int, body: bytes, kept_for: timedelta) -> KeptAnswer:
        """Store an answer, which ends its claim; see the port."""
        now = self.now()
        item = {
            **_key(question, page),
            "body": {"B": zlib.compress(body)},
            "fetched_at": _moment(now),
            "ttl": {"N": str(epoch_seconds(now + kept_for))},
        }
        await self._ask(lambda: self.dynamodb.put_item(TableName=self.table, Item=item))
        return KeptAnswer(body, _read_moment(item["fetched_at"]))

    async def claim(self, question: str, until: datetime) -> tuple[bool, KeptAnswer | None]:
        """Be the one who asks; see the port."""
        won = await self._ask(lambda: self._claim(question, until))
        return won if won is not None else (True, None)

    async def release(self, question: str, until: datetime) -> None:
        """Let somebody else ask; see the port."""
        await self._ask(lambda: self._release(question, until))

    def _release(self, question: str, until: datetime) -> None:
        # Another one's claim, or an item that has expired meanwhile: not ours to change.
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(question),
                UpdateExpression="REMOVE lease_until",
                ConditionExpression="lease_until = :mine",
                ExpressionAttributeValues={":mine": _moment(until)},
            )

    def _query(self, question: str) -> list[Mapping[str, Any]]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="question = :question",
            ExpressionAttributeValues={":question": {"S": question}},
        )
        return [item for page in pages for item in page["Items"]]

    def _claim(self, question: str, until: datetime) -> tuple[bool, KeptAnswer | None]:
        now = self.now()
        try:
            answer = self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(question),
                UpdateExpression="SET lease_until = :until, #ttl = if_not_exists(#ttl, :ttl)",
                ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":until": _moment(until),
                    ":now": _moment(now),
                    ":ttl": {"N": str(epoch_seconds(now + CLAIMED_FOR))},
                },
                ReturnValues="ALL_NEW",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False, None
        return True, _kept(answer["Attributes"])

    async def _ask[T](self, call: Callable[[], T]) -> T | None:
        """Ask the table in a thread; return None when it fails."""
        try:
            return await asyncio.to_thread(call)
        except (BotoCoreError, ClientError) as error:
            logger.error("answer_table_failed", extra={"reason": _reason(error)})
            count("AnswerTableFailed")
            return None


def _key(question: str, page: int = 1) -> dict[str, Any]:
    return {"question": {"S": question}, "page": {"N": str(page)}}


def _moment(moment: datetime) -> dict[str, str]:
    return {"N": str(int(moment.timestamp() * MICROSECONDS))}


def _read_moment(value: Mapping[str, str]) -> datetime:
    return datetime.fromtimestamp(int(value["N"]) / MICROSECONDS, UTC)


def _kept(item: Mapping[str, Any]) -> KeptAnswer | None:
    """Read an answer; None when there is none yet, or one that is broken."""
    try:
        return KeptAnswer(zlib.decompress(item["body"]["B"]), _read_moment(item["fetched_at"]))
    except KeyError:
        return None
    except (ValueError, zlib.error):
        logger.warning("kept_answer_broken")
        return None


def _reason(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
