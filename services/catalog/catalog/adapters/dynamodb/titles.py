"""The titles in the MediaCache table: each transaction has some of them and their event.

two store the same title      the condition on what was read before lets one of them win; the other
                              reads again and keeps what was fetched later
a crash at any point          what is stored has its events in the outbox, what is not has none
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from catalog.adapters.dynamodb.media_items import is_alive, read_title, title_item, title_key
from catalog.domain import CachedTitle
from catalog.domain.availability import availability_changes
from catalog.domain.errors import CatalogBusy, CatalogUnavailable
from catalog.events.factory import availability_changed, size_in_event, titles_cached
from matinee.clock import Clock, iso
from matinee.dynamodb.batches import MAX_BATCH_READS, UnprocessedItems, batch_get
from matinee.dynamodb.transactions import (
    NO_RETRY,
    Action,
    ConditionFailed,
    WriteConflict,
    put,
    transact_write,
    translate_client_errors,
)
from matinee.events.envelope import Trace
from matinee.events.outbox import put_event
from matinee.media import TitleKey
from matinee.observability import count
from matinee.retry import Backoff, OptimisticRetry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_TITLES_PER_EVENT = 25
"""About 60 KB, a quarter of what the bus accepts."""

MAX_BYTES_PER_EVENT = 200_000
"""Of an event's titles, whatever they contain: the bus accepts 256 KiB."""

BACKOFF = Backoff(attempts=8, initial=0.05, longest=1.0)


@dataclass(frozen=True, slots=True)
class DynamoTitles:
    """`TitleRepository` in the MediaCache and outbox tables."""

    table: str
    outbox: str
    dynamodb: DynamoDBClient
    now: Clock
    backoff: Backoff = field(default=BACKOFF)

    @translate_client_errors(CatalogUnavailable)
    def get(self, key: TitleKey, *, consistent: bool = False) -> CachedTitle | None:
        """Read one item; see the port."""
        response = self.dynamodb.get_item(
            TableName=self.table, Key=title_key(key), ConsistentRead=consistent
        )
        item = response.get("Item")
        return read_title(item) if item and is_alive(item, self.now()) else None

    @translate_client_errors(CatalogUnavailable)
    def get_many(self, keys: Collection[TitleKey]) -> Mapping[TitleKey, CachedTitle]:
        """Read some items in one batch; see the port."""
        if not keys:
            return {}
        wanted = {"Keys": [title_key(key) for key in keys], "ConsistentRead": True}
        try:
            found = batch_get(self.dynamodb, {self.table: wanted}, self.backoff.sleep)
            titles = [read_title(item) for _, item in found if is_alive(item, self.now())]
        except UnprocessedItems as error:
            raise CatalogBusy from error
        return {cached.key: cached for cached in titles}

    @translate_client_errors(CatalogUnavailable)
    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        """Store titles with their events; see the port."""
        left = {title.key: title for title in titles if not title.title.adult}

        def store_rest() -> None:
            conflicts = 0
            for chunk in self._chunks(left):
                if self._write(chunk, trace):
                    for title, _ in chunk:
                        del left[title.key]
                else:
                    conflicts += 1
            if conflicts:
                raise WriteConflict

        OptimisticRetry(WriteConflict, CatalogBusy, self.backoff)(store_rest)

    def _chunks(self, left: dict[TitleKey, CachedTitle]) -> Iterator[Sequence[_Change]]:
        """Split titles newer than what is stored into transactions; delete others from `left`."""
        chunk: list[_Change] = []
        size = 0
        for batch in batched(list(left.values()), MAX_BATCH_READS, strict=False):
            stored = self.get_many([title.key for title in batch])
            for fetched in batch:
                title, before = fetched, stored.get(fetched.key)
                if before and before.cached_at >= title.cached_at:
                    del left[title.key]
                    continue
                if before:
                    title = title.replacing(before)
                bytes_ = size_in_event(title)
                is_full = len(chunk) == MAX_TITLES_PER_EVENT or size + bytes_ > MAX_BYTES_PER_EVENT
                if chunk and is_full:
                    yield chunk
                    chunk, size = [], 0
                chunk.append((title, before))
                size += bytes_
        if chunk:
            yield chunk

    def _write(self, chunk: Sequence[_Change], trace: Trace) -> bool:
        """Commit one transaction; return False if another writer was first."""
        changed = [
            availability_changed(title, changes, trace)
            for title, before in chunk
            if before and (changes := availability_changes(before.facts, title.facts))
        ]
        events = [titles_cached([title for title, _ in chunk], trace), *changed]
        actions = [self._put(title, before) for title, before in chunk]
        actions += [put_event(self.outbox, event) for event in events]
        try:
            transact_write(self.dynamodb, actions, NO_RETRY)
        except (ConditionFailed, WriteConflict):
            return False
        count("TitlesCached", len(chunk))
        count("AvailabilitiesChanged", len(changed))
        return True

    def _put(self, title: CachedTitle, before: CachedTitle | None) -> Action:
        if before is None:
            # An expired item counts as absent, although it may still be there.
            return put(
                self.table,
                title_item(title),
                condition="attribute_not_exists(mediaId) OR #ttl <= :now",
                names={"#ttl": "ttl"},
                values={":now": int(title.cached_at.timestamp())},
            )
        return put(
            self.table,
            title_item(title),
            condition="cachedAt = :seen",
            values={":seen": iso(before.cached_at)},
        )


type _Change = tuple[CachedTitle, CachedTitle | None]
"""A title to store, and the version that it replaces."""
