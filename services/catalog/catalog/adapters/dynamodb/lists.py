"""The lists in the MediaCache table, in versions.

A run writes its rows under its own version, which nobody reads. When the list is complete, its head
is replaced in one transaction with the event and the progress: a reader sees the previous version
or the new one. The previous version stays, so that its readers may continue; the one before that is
deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import TYPE_CHECKING, Any

from catalog.adapters.dynamodb.media_items import (
    head_key,
    is_alive,
    rank_text,
    read_row,
    row_item,
    row_key,
    version_partition,
)
from catalog.adapters.dynamodb.refresh_items import list_key
from catalog.domain import (
    CACHE_TTL,
    LAST_PAGE,
    TITLES_PER_PAGE,
    ListKey,
    ListPage,
    ListProgress,
    ListState,
    PageTask,
    Title,
)
from catalog.domain.errors import CatalogBusy, CatalogUnavailable
from catalog.events.factory import list_refreshed
from matinee.clock import Clock, epoch_seconds, from_iso, iso
from matinee.dynamodb.batches import (
    MAX_BATCH_WRITES,
    UnprocessedItems,
    batch_write,
    delete_request,
    put_request,
)
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import (
    NO_RETRY,
    Action,
    ConditionFailed,
    WriteConflict,
    put,
    transact_write,
    translate_client_errors,
    update,
)
from matinee.errors import InvalidInput
from matinee.events.envelope import Trace
from matinee.events.outbox import put_event
from matinee.retry import DEFAULT_BACKOFF, Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_LIST_TITLES = LAST_PAGE * TITLES_PER_PAGE

_VERSION = re.compile(r"[0-9A-Za-z-]{1,64}")
_RANK = re.compile(r"[0-9]{6}")
_MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
"""What a cursor of ours contains: anybody can make one, and DynamoDB refuses some texts as keys."""

_EXPIRED = "is no cursor of this list any more: begin without one"


@dataclass(frozen=True, slots=True)
class DynamoLists:
    """`ListRepository` in the MediaCache table."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock

    @translate_client_errors(CatalogUnavailable)
    def get_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        """Read the next rows of a list; see the port.

        The rows are read consistently: a head that has just been replaced never shows half of its
        version.
        """
        head = after or self._head(key)
        if head is None:
            return None
        version, rank, total, refreshed_at = _position(head)
        items = self._rows(version_partition(key, version), rank, limit + len(exclude) + 1)
        if after and not items:
            raise _cursor_error()
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

    def _head(self, key: ListKey) -> Mapping[str, str | int] | None:
        response = self.dynamodb.get_item(
            TableName=self.table, Key=head_key(key), ConsistentRead=True
        )
        item = response.get("Item")
        if not item or not is_alive(item, self.now()):
            return None
        values = from_item(item)
        return {
            "version": values["version"],
            "rank": rank_text(0),
            "total": values["titles"],
            "refreshed_at": values["refreshedAt"],
        }

    def _rows(self, partition: str, rank: str, limit: int) -> Sequence[Mapping[str, Any]]:
        response = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="mediaId = :version AND mediaType > :rank",
            ExpressionAttributeValues=to_item({":version": partition, ":rank": rank}),
            Limit=limit,
            ConsistentRead=True,
        )
        return response["Items"]


@dataclass(frozen=True, slots=True)
class DynamoListVersions:
    """`ListVersionRepository` in the MediaCache, Refreshes and outbox tables."""

    table: str
    refreshes: str
    outbox: str
    dynamodb: DynamoDBClient
    now: Clock
    backoff: Backoff = field(default=DEFAULT_BACKOFF)

    def put_page(self, task: PageTask, titles: Sequence[Title | None]) -> None:
        """Write a page's rows, and delete what an earlier attempt left; see the port."""
        expires_at = self.now() + CACHE_TTL
        self._write(
            delete_request(row_key(task.key, task.run_id, rank))
            if title is None
            else put_request(row_item(task.key, task.run_id, rank, title, expires_at))
            for rank, title in enumerate(titles, task.first_rank)
        )

    def publish(self, task: PageTask, progress: ListProgress, trace: Trace) -> bool:
        """Replace the list's head; see the port."""
        before = self._head(task)
        if before and before["startedAt"] > iso(task.started_at):
            return False
        complete = replace(progress, updated_at=self.now())
        actions = [
            self._put_head(task, complete, before),
            self._finish(task, complete),
            put_event(self.outbox, list_refreshed(task, complete, trace)),
        ]
        try:
            transact_write(self.dynamodb, actions, NO_RETRY)
        except (ConditionFailed, WriteConflict) as error:
            raise CatalogBusy from error
        obsolete = before.get("previous") if before else None
        if before and before["version"] != task.run_id and obsolete:
            self._delete(version_partition(task.key, obsolete))
        return True

    def _put_head(
        self, task: PageTask, progress: ListProgress, before: Mapping[str, Any] | None
    ) -> Action:
        """Return the action that replaces the head, if it is still the one that was read."""
        previous = None
        if before:
            again = before["version"] == task.run_id
            previous = before.get("previous") if again else before["version"]
        refreshed_at = progress.updated_at or task.started_at
        item = head_key(task.key) | to_item(
            {
                "version": task.run_id,
                "previous": previous,
                "startedAt": iso(task.started_at),
                "refreshedAt": iso(refreshed_at),
                "titles": progress.titles,
                "ttl": epoch_seconds(refreshed_at + CACHE_TTL),
            }
        )
        if before is None:
            return put(self.table, item, condition="attribute_not_exists(version)")
        return put(
            self.table,
            item,
            condition="version = :seen AND refreshedAt = :at",
            values={":seen": before["version"], ":at": before["refreshedAt"]},
        )

    def _finish(self, task: PageTask, progress: ListProgress) -> Action:
        """Return the action that finishes the list, if no page was counted meanwhile."""
        return update(
            self.refreshes,
            list_key(task),
            "SET #state = :published, publishedPages = :done, updatedAt = :now",
            condition="done = :done AND failed = :failed",
            names={"#state": "state"},
            values={
                ":published": ListState.PUBLISHED,
                ":done": progress.done,
                ":failed": progress.failed,
                ":now": iso(progress.updated_at or task.started_at),
            },
        )

    def _head(self, task: PageTask) -> Mapping[str, Any] | None:
        response = self.dynamodb.get_item(
            TableName=self.table, Key=head_key(task.key), ConsistentRead=True
        )
        return from_item(response["Item"]) if "Item" in response else None

    def _delete(self, partition: str) -> None:
        """Delete a version that no cursor refers to; what a crash leaves expires by its TTL."""
        for page in self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="mediaId = :version",
            ProjectionExpression="mediaId, mediaType",
            ExpressionAttributeValues=to_item({":version": partition}),
        ):
            self._write(map(delete_request, page["Items"]))

    def _write(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """Write items in batches; raise CatalogBusy if some of them could not be written."""
        try:
            for batch in batched(requests, MAX_BATCH_WRITES, strict=False):
                batch_write(self.dynamodb, {self.table: batch}, self.backoff.sleep)
        except UnprocessedItems as error:
            raise CatalogBusy from error


def _position(position: Mapping[str, str | int]) -> tuple[str, str, int, str]:
    """Parse where a page begins; raise InvalidInput for a position that no page had."""
    match position:
        case {
            "version": str(version),
            "rank": str(rank),
            "total": int(total),
            "refreshed_at": str(refreshed_at),
        } if (
            _VERSION.fullmatch(version)
            and _RANK.fullmatch(rank)
            and 0 <= total <= MAX_LIST_TITLES
            and _is_moment(refreshed_at)
        ):
            return version, rank, total, refreshed_at
    raise _cursor_error()


def _cursor_error() -> InvalidInput:
    return InvalidInput(f"cursor: {_EXPIRED}", fields={"cursor": _EXPIRED})


def _is_moment(text: str) -> bool:
    try:
        return _MOMENT.fullmatch(text) is not None and bool(from_iso(text))
    except ValueError:
        return False
