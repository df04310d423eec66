"""Where titles are stored and announced: each transaction has titles, their genres and the event.

a title moves to other genres     its rows there are put and deleted by the same transaction
two store the same title          the condition on what was read before lets one of them win;
                                  the other reads again, and keeps what was fetched later
crash at any point                what is stored has been announced, what is not has not
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.adapters.dynamodb.media_cache import DynamoMediaCache
from catalog.adapters.dynamodb.media_items import genre_item, genre_key, title_item
from catalog.domain import CachedTitle, TitleId
from catalog.domain.errors import CacheContended
from catalog.events.factory import size_in_event, titles_cached
from catalog.tables import answering
from matinee.clock import iso
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from matinee.events.envelope import Trace
from matinee.events.outbox import put_event
from matinee.observability import count

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_ACTIONS = 100
"""DynamoDB's limit for a transaction; the event is one of them."""

MOST_TITLES = 25
"""Of an event: about 60 KB, a quarter of what the bus takes."""

MOST_BYTES = 200_000
"""Of an event's titles, whatever they say: the bus takes 256 KiB of an event."""

ATTEMPTS = 8
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds between attempts; doubled each time."""

_REFUSED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class DynamoTitleStore:
    """`TitleStore` in the tables that `cache` reads and the outbox."""

    table: str
    outbox: str
    dynamodb: DynamoDBClient
    cache: DynamoMediaCache
    pause: Callable[[float], None] = time.sleep

    @answering()
    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        """Store and announce titles; see the port."""
        left = {title.id: title for title in titles if not title.title.adult}
        for attempt in range(ATTEMPTS):
            if attempt:
                self.pause(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)))
            for chunk in self._chunks(left):
                if self._commit(chunk, trace):
                    for title, _ in chunk:
                        del left[title.id]
            if not left:
                return
        raise CacheContended

    def _chunks(self, left: dict[TitleId, CachedTitle]) -> Iterator[Sequence[_Change]]:
        """Cut what is newer than what is stored into transactions; forgets the rest of `left`."""
        chunk: list[_Change] = []
        actions, size = 1, 0
        for batch in _hundreds(list(left.values())):
            stored = self.cache.titles([title.id for title in batch])
            for title in batch:
                before = stored.get(title.id)
                if before and before.cached_at >= title.cached_at:
                    del left[title.id]
                    continue
                needed = len(_actions(self.table, title, before))
                grown = size + size_in_event(title)
                full = actions + needed > MOST_ACTIONS or len(chunk) == MOST_TITLES
                if chunk and (full or grown > MOST_BYTES):
                    yield chunk
                    chunk, actions, grown = [], 1, size_in_event(title)
                chunk.append((title, before))
                actions, size = actions + needed, grown
        if chunk:
            yield chunk

    def _commit(self, chunk: Sequence[_Change], trace: Trace) -> bool:
        """Write one transaction; tells whether it was not refused for somebody else's sake."""
        actions = [
            action for title, before in chunk for action in _actions(self.table, title, before)
        ]
        event = titles_cached([title for title, _ in chunk], trace)
        try:
            self.dynamodb.transact_write_items(
                TransactItems=[*actions, put_event(self.outbox, event)]  # type: ignore[list-item]
            )
        except ClientError as error:
            if _REFUSED in cancellation_reasons(error) or is_conflict(error):
                return False
            raise
        count("TitlesCached", len(chunk))
        return True


type _Change = tuple[CachedTitle, CachedTitle | None]
"""A title to store, and the one that it replaces."""


def _actions(
    table: str, title: CachedTitle, before: CachedTitle | None
) -> Sequence[Mapping[str, Any]]:
    genres = set(title.title.genre_ids)
    left = set(before.title.genre_ids) - genres if before else set()
    return [
        _put_title(table, title, before),
        *({"Put": {"TableName": table, "Item": genre_item(title, id_)}} for id_ in sorted(genres)),
        *(
            {"Delete": {"TableName": table, "Key": genre_key(title.id, id_)}}
            for id_ in sorted(left)
        ),
    ]


def _put_title(table: str, title: CachedTitle, before: CachedTitle | None) -> Mapping[str, Any]:
    action: dict[str, Any] = {"TableName": table, "Item": title_item(title)}
    if before is None:
        # What has expired counts as absent, though it may still be there.
        action["ConditionExpression"] = "attribute_not_exists(mediaId) OR #ttl <= :now"
        action["ExpressionAttributeNames"] = {"#ttl": "ttl"}
        action["ExpressionAttributeValues"] = to_item({":now": int(title.cached_at.timestamp())})
    else:
        action["ConditionExpression"] = "cachedAt = :seen"
        action["ExpressionAttributeValues"] = to_item({":seen": iso(before.cached_at)})
    return {"Put": action}


def _hundreds(titles: Sequence[CachedTitle]) -> Iterator[Sequence[CachedTitle]]:
    for start in range(0, len(titles), 100):
        yield titles[start : start + 100]
