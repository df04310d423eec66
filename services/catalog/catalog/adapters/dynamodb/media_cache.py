"""What is cached, read from the MediaCache table."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.adapters.dynamodb.media_items import (
    GENRE_INDEX,
    edition,
    genre,
    head_key,
    is_alive,
    rank_text,
    read_cached,
    read_genre_row,
    read_row,
    title_key,
)
from catalog.domain import (
    LAST_PAGE,
    TITLES_PER_PAGE,
    CachedTitle,
    GenrePage,
    ListKey,
    ListPage,
    MediaType,
    TitleId,
)
from catalog.domain.errors import CacheContended
from catalog.tables import answering
from matinee.clock import Clock, from_iso
from matinee.dynamodb.items import from_item, to_item
from matinee.errors import InvalidInput

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LONGEST_LIST = LAST_PAGE * TITLES_PER_PAGE
MAX_STALLED_ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds; doubled each time that DynamoDB has read nothing of what is left."""

_EDITION = re.compile(r"[0-9A-Za-z-]{1,64}")
_RANK = re.compile(r"[0-9]{6}")
_MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
"""What a cursor of ours has: anybody can make one, and DynamoDB refuses some texts as keys."""

_NO_PLACE = "is no cursor of this list any more: begin without one"


@dataclass(frozen=True, slots=True)
class DynamoMediaCache:
    """`MediaCache` in a table."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock
    pause: Callable[[float], None] = time.sleep

    @answering()
    def title(self, wanted: TitleId, *, just_stored: bool = False) -> CachedTitle | None:
        """Read one title; see the port."""
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=title_key(wanted), ConsistentRead=just_stored
        )
        item = answer.get("Item")
        return read_cached(item) if item and is_alive(item, self.now()) else None

    @answering()
    def titles(self, wanted: Collection[TitleId]) -> Mapping[TitleId, CachedTitle]:
        """Read some titles; see the port. Raises CacheContended when the table leaves some out."""
        keys = [title_key(title) for title in wanted]
        found = (item for item in self._batch(keys) if is_alive(item, self.now()))
        return {cached.id: cached for cached in map(read_cached, found)}

    @answering()
    def list_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        """Read the next titles of a list; see the port.

        The rows are read consistently: a head that has just moved never shows half an edition.
        """
        head = after or self._head(key)
        if head is None:
            return None
        edition_id, rank, total, refreshed_at = _place(head)
        items = self._rows(edition(key, edition_id), rank, limit + len(exclude) + 1)
        if after and not items:
            message = f"cursor: {_NO_PLACE}"
            raise InvalidInput(message, fields={"cursor": _NO_PLACE})
        taken: list[Mapping[str, Any]] = []
        for item in items:
            if len(taken) == limit:
                break
            rank = item["mediaType"]["S"]
            if int(item["id"]["N"]) not in exclude:
                taken.append(item)
        more = bool(items) and items[-1]["mediaType"]["S"] != rank
        return ListPage(
            titles=tuple(read_row(key, item) for item in taken if is_alive(item, self.now())),
            total=total,
            refreshed_at=from_iso(refreshed_at),
            after={**head, "rank": rank} if more else None,
        )

    @answering()
    def best_of_genre(
        self,
        media_type: MediaType,
        genre_id: int,
        limit: int,
        after: Mapping[str, str | int] | None = None,
    ) -> GenrePage:
        """Read the best titles of a genre; see the port."""
        start: dict[str, Any] = {}
        if after:
            start["ExclusiveStartKey"] = {
                **to_item({name: after[name] for name in ("mediaId", "mediaType", "genre")}),
                "quality": {"N": str(after["quality"])},
            }
        answer = self.dynamodb.query(
            TableName=self.table,
            IndexName=GENRE_INDEX,
            KeyConditionExpression="genre = :genre",
            ExpressionAttributeValues=to_item({":genre": genre(media_type, genre_id)}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        position = (
            {name: value.get("S") or value["N"] for name, value in last.items()} if last else None
        )
        alive = (item for item in answer["Items"] if is_alive(item, self.now()))
        return GenrePage(tuple(map(read_genre_row, alive)), position)

    def _head(self, key: ListKey) -> Mapping[str, str | int] | None:
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=head_key(key), ConsistentRead=True
        )
        item = answer.get("Item")
        if not item or not is_alive(item, self.now()):
            return None
        values = from_item(item)
        return {
            "edition": values["edition"],
            "rank": rank_text(0),
            "total": values["titles"],
            "refreshed_at": values["refreshedAt"],
        }

    def _rows(self, partition: str, rank: str, limit: int) -> Sequence[Mapping[str, Any]]:
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="mediaId = :edition AND mediaType > :rank",
            ExpressionAttributeValues=to_item({":edition": partition, ":rank": rank}),
            Limit=limit,
            ConsistentRead=True,
        )
        return answer["Items"]

    def _batch(self, keys: Sequence[Any]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        left: Mapping[str, Any] = {self.table: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(MAX_STALLED_ATTEMPTS):
            if not keys:
                return found
            answer = self.dynamodb.batch_get_item(RequestItems=left)
            found += answer["Responses"].get(self.table, [])
            left = answer["UnprocessedKeys"]
            if not left:
                return found
            self.pause(FIRST_PAUSE * 2**attempt)
        raise CacheContended


def _place(position: Mapping[str, str | int]) -> tuple[str, str, int, str]:
    """Read where a page begins; raises InvalidInput for what no page has ever answered."""
    match position:
        case {
            "edition": str(edition_id),
            "rank": str(rank),
            "total": int(total),
            "refreshed_at": str(refreshed_at),
        } if (
            _EDITION.fullmatch(edition_id)
            and _RANK.fullmatch(rank)
            and 0 <= total <= LONGEST_LIST
            and _is_moment(refreshed_at)
        ):
            return edition_id, rank, total, refreshed_at
    message = f"cursor: {_NO_PLACE}"
    raise InvalidInput(message, fields={"cursor": _NO_PLACE})


def _is_moment(text: str) -> bool:
    try:
        return _MOMENT.fullmatch(text) is not None and bool(from_iso(text))
    except ValueError:
        return False
