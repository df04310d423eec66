"""The lists' editions in the MediaCache table.

A run writes its rows under its own edition, where nobody looks. When the list is complete its head
moves, in one transaction with the event and the record: a reader sees the old edition or the new
one. The edition before stays, so that who is reading it may go on; the one before that is deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.adapters.dynamodb.media_items import edition, head_key, rank_text, row_item
from catalog.adapters.dynamodb.refresh_items import list_key
from catalog.batches import delete, put, write_all
from catalog.domain import ListProgress, ListState, PageOfRun, Title
from catalog.domain.errors import CacheContended
from catalog.domain.lists import KEPT_FOR
from catalog.events.factory import list_refreshed
from matinee.clock import Clock, epoch_seconds, iso
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from matinee.events.envelope import Trace
from matinee.events.outbox import put_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REFUSED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class DynamoLists:
    """`Lists` in the MediaCache, Refreshes and outbox tables."""

    table: str
    refreshes: str
    outbox: str
    dynamodb: DynamoDBClient
    now: Clock
    pause: Callable[[float], None] = time.sleep

    def put_page(self, place: PageOfRun, titles: Sequence[Title | None]) -> None:
        """Write a page's rows; see the port. What an earlier attempt left at other ranks goes."""
        until = self.now() + KEPT_FOR
        partition = edition(place.key, place.run_id)
        writes = []
        for rank, title in enumerate(titles, place.first_rank):
            if title is None:
                writes.append(delete(to_item({"mediaId": partition, "mediaType": rank_text(rank)})))
            else:
                writes.append(put(row_item(place.key, place.run_id, rank, title, until)))
        write_all(self.dynamodb, self.table, writes, self.pause)

    def publish(self, place: PageOfRun, progress: ListProgress, trace: Trace) -> bool:
        """Move the list's head; see the port."""
        before = self._head(place)
        if before and before["startedAt"] > iso(place.started_at):
            return False
        complete = replace(progress, touched_at=self.now())
        self._commit(place, complete, before, trace)
        forgotten = before.get("previous") if before else None
        if before and before["edition"] != place.run_id and forgotten:
            self._delete(edition(place.key, forgotten))
        return True

    def _commit(
        self,
        place: PageOfRun,
        progress: ListProgress,
        before: Mapping[str, Any] | None,
        trace: Trace,
    ) -> None:
        actions = [
            self._move(place, progress, before),
            self._end(place, progress),
            put_event(self.outbox, list_refreshed(place, progress, trace)),
        ]
        try:
            self.dynamodb.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except ClientError as error:
            if _REFUSED in cancellation_reasons(error) or is_conflict(error):
                raise CacheContended from error
            raise

    def _move(
        self, place: PageOfRun, progress: ListProgress, before: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """Put the head on condition that it is still the one that was read."""
        previous = None
        if before:
            again = before["edition"] == place.run_id
            previous = before.get("previous") if again else before["edition"]
        refreshed_at = progress.touched_at or place.started_at
        item = head_key(place.key) | to_item(
            {
                "edition": place.run_id,
                "previous": previous,
                "startedAt": iso(place.started_at),
                "refreshedAt": iso(refreshed_at),
                "titles": progress.titles,
                "ttl": epoch_seconds(refreshed_at + KEPT_FOR),
            }
        )
        action: dict[str, Any] = {"TableName": self.table, "Item": item}
        if before:
            action["ConditionExpression"] = "edition = :seen AND refreshedAt = :at"
            action["ExpressionAttributeValues"] = to_item(
                {":seen": before["edition"], ":at": before["refreshedAt"]}
            )
        else:
            action["ConditionExpression"] = "attribute_not_exists(edition)"
        return {"Put": action}

    def _end(self, place: PageOfRun, progress: ListProgress) -> Mapping[str, Any]:
        """End the list on condition that no page was counted meanwhile."""
        return {
            "Update": {
                "TableName": self.refreshes,
                "Key": list_key(place),
                "UpdateExpression": "SET #state = :published, shown = :done, touchedAt = :now",
                "ConditionExpression": "done = :done AND failed = :failed",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": to_item(
                    {
                        ":published": ListState.PUBLISHED,
                        ":done": progress.done,
                        ":failed": progress.failed,
                        ":now": iso(progress.touched_at or place.started_at),
                    }
                ),
            }
        }

    def _head(self, place: PageOfRun) -> Mapping[str, Any] | None:
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=head_key(place.key), ConsistentRead=True
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def _delete(self, partition: str) -> None:
        """Delete an edition that no cursor leads to any more; what a crash leaves, TTL takes."""
        for page in self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="mediaId = :edition",
            ProjectionExpression="mediaId, mediaType",
            ExpressionAttributeValues=to_item({":edition": partition}),
        ):
            write_all(self.dynamodb, self.table, [delete(key) for key in page["Items"]], self.pause)
