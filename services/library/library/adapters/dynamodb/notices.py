"""Notices in DynamoDB: an item for each, and one that says up to which they have been read.

What is read is a position, not a mark on each: it can only grow, and costs one write. It is stored
together with a check that its notice is there, so that nothing is left after an erasure, which
deletes notices when no entry of a watchlist is left to be told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import BLOCK_KEY
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.errors import AccountDeleted
from library.domain.notices import NOTICE_TTL, Notice
from matinee.clock import Clock, epoch_seconds, from_iso, utc_now
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import ConditionFailed, check, transact_write, update
from matinee.media import TitleKey
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_KEY = "#read"
"""The noticeKey of the position. It sorts after a block's, and before every notice's."""


@dataclass(frozen=True, slots=True)
class DynamoDBNoticeRepository:
    """`NoticeRepository`: the notices of all users."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = WRITE_BACKOFF

    def page(
        self, user_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[Notice], str | None]:
        """Query the notices, and get the position; see the port."""
        start: dict[str, Any] = {"ExclusiveStartKey": notice_key(user_id, after)} if after else {}
        with translated():
            position = self.client.get_item(
                TableName=self.table, Key=notice_key(user_id, READ_KEY), ConsistentRead=True
            ).get("Item")
            response = self.client.query(
                TableName=self.table,
                KeyConditionExpression="userId = :user AND noticeKey > :position",
                ExpressionAttributeValues=to_item({":user": user_id, ":position": READ_KEY}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
                **start,
            )
        read_until = from_item(position or {}).get("readUntil", "")
        found = [_notice(item, read_until) for item in response["Items"]]
        if not found:
            self._require_account(user_id)
        return found, found[-1].id if "LastEvaluatedKey" in response else None

    def mark_read(self, user_id: str, notice_id: str) -> bool:
        """Move the position in a transaction with a check of the notice; see the port."""
        is_there = check(
            self.table, notice_key(user_id, notice_id), condition="attribute_exists(noticeKey)"
        )
        move = update(
            self.table,
            notice_key(user_id, READ_KEY),
            "SET readUntil = :id, #ttl = :ttl",
            condition="attribute_not_exists(readUntil) OR readUntil < :id",
            names={"#ttl": "ttl"},
            values={":id": notice_id, ":ttl": epoch_seconds(self.now() + NOTICE_TTL)},
        )
        try:
            with translated():
                transact_write(self.client, [is_there, move], self.backoff)
        except ConditionFailed as error:
            if error.failed[0]:
                self._require_account(user_id)
            return not error.failed[0]
        return True

    def _require_account(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user."""
        with translated():
            found = self.client.get_item(
                TableName=self.table, Key=notice_key(user_id, BLOCK_KEY), ConsistentRead=True
            )
        if "Item" in found:
            raise AccountDeleted


def notice_key(user_id: str, key: str) -> Item:
    """Return the key of a notice by its id, or with READ_KEY that of the position."""
    return to_item({"userId": user_id, "noticeKey": key})


def notice_item(user_id: str, notice: Notice) -> Item:
    """Serialize a notice."""
    platforms = [{"id": id_, "name": name} for id_, name in notice.platforms.items()]
    return notice_key(user_id, notice.id) | to_item(
        {
            "title": notice.title,
            "posterPath": notice.poster_path,
            "region": notice.region,
            "platforms": platforms,
            "ttl": epoch_seconds(notice.available_at + NOTICE_TTL),
        }
    )


def _notice(item: Mapping[str, Any], read_until: str) -> Notice:
    values = from_item(item)
    at, _, key = values["noticeKey"].partition("#")
    return Notice(
        key=TitleKey.parse(key),
        title=values["title"],
        poster_path=values.get("posterPath"),
        region=values["region"],
        platforms={platform["id"]: platform["name"] for platform in values["platforms"]},
        available_at=from_iso(at),
        is_read=values["noticeKey"] <= read_until,
    )
