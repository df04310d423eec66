"""The record of refreshes in the Refreshes table.

A list's progress is changed by its own pages alone, one after the other; nothing is shared by all
workers, so none of them waits for another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.adapters.dynamodb.refresh_items import (
    LISTS,
    forgotten_at,
    latest_key,
    list_item,
    list_key,
    page_key,
    read_progress,
    read_run,
    run_item,
    run_key,
    seen_key,
)
from catalog.domain import ListProgress, ListState, PageOfRun, PageState, Run
from catalog.domain.errors import CacheContended
from catalog.ports import PageResult
from catalog.tables import answering
from matinee.clock import Clock, iso
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds; doubled each time that a write meets another one."""

_CONDITION = "ConditionalCheckFailed"


class _Refused(Exception):
    """A condition does not hold: what was to be written is not what there is."""


@dataclass(frozen=True, slots=True)
class DynamoRefreshRecord:
    """`RefreshRecord` in a table."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock
    pause: Callable[[float], None] = time.sleep

    @answering()
    def begin(self, run: Run) -> None:
        """Remember a run with all its lists at once; see the port."""
        puts = [run_item(run), *(list_item(run, progress) for progress in run.lists)]
        latest = latest_key() | to_item({"id": run.id, "startedAt": iso(run.started_at)})
        with suppress(_Refused):  # It is known already.
            self._commit(
                [
                    {
                        "Put": {
                            "TableName": self.table,
                            "Item": item,
                            "ConditionExpression": "attribute_not_exists(part)",
                        }
                    }
                    for item in puts
                ]
                + [{"Put": {"TableName": self.table, "Item": latest}}]
            )

    @answering()
    def latest(self) -> Run | None:
        """Return the run begun last; see the port."""
        item = self._item(latest_key())
        return self.run(from_item(item)["id"]) if item else None

    @answering()
    def run(self, run_id: str) -> Run | None:
        """Return a run with its lists; see the port."""
        item = self._item(run_key(run_id))
        if item is None or "scope" not in item:
            return None
        lists: list[ListProgress] = []
        for page in self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="#run = :run AND begins_with(part, :lists)",
            ProjectionExpression=(
                "part, #state, pages, done, shown, failed, titles, missed, requests, touchedAt"
            ),
            ExpressionAttributeNames={"#run": "run", "#state": "state"},
            ExpressionAttributeValues=to_item({":run": run_id, ":lists": LISTS}),
            ConsistentRead=True,
        ):
            lists += map(read_progress, page["Items"])
        return read_run(item, tuple(lists))

    def progress(self, place: PageOfRun) -> ListProgress | None:
        """Return how far a list has come; see the port."""
        item = self._item(list_key(place))
        return read_progress(item) if item else None

    def seen(self, place: PageOfRun) -> frozenset[int]:
        """Return what a list's pages have shown; see the port."""
        item = self._item(seen_key(place))
        return frozenset(map(int, from_item(item)["seen"])) if item else frozenset()

    def page(self, place: PageOfRun) -> PageState | None:
        """Return what became of a page; see the port."""
        item = self._item(page_key(place))
        return PageState(from_item(item)["state"]) if item else None

    def finish_page(self, place: PageOfRun, before: PageState | None, result: PageResult) -> None:
        """Count a page, and its titles, once; see the port. A page behind the last counts not."""
        counts = place.page <= result.pages
        values: dict[str, object] = {
            ":pages": result.pages,
            ":done": 1 if counts else 0,
            ":failed": -1 if counts and before is PageState.FAILED else 0,
            ":titles": len(result.ids),
            ":missed": result.missed,
            ":requests": result.requests,
            ":now": iso(self.now()),
        }
        counted = {
            "Update": {
                "TableName": self.table,
                "Key": list_key(place),
                "UpdateExpression": (
                    "SET pages = :pages, touchedAt = :now ADD done :done, failed :failed,"
                    " titles :titles, missed :missed, requests :requests"
                ),
                "ConditionExpression": "attribute_exists(part)",
                "ExpressionAttributeValues": to_item(values),
            }
        }
        try:
            self._commit(
                [
                    self._page_action(place, before, PageState.DONE),
                    counted,
                    *self._saw(place, result.ids),
                ]
            )
        except _Refused as error:
            raise CacheContended from error

    def fail_page(self, place: PageOfRun) -> None:
        """Count a page as failed; see the port."""
        with suppress(_Refused):  # It is done, or has been counted.
            self._commit(
                [
                    self._page_action(place, None, PageState.FAILED),
                    {
                        "Update": {
                            "TableName": self.table,
                            "Key": list_key(place),
                            "UpdateExpression": "SET touchedAt = :now ADD failed :one",
                            "ConditionExpression": "attribute_exists(part)",
                            "ExpressionAttributeValues": to_item(
                                {":one": 1, ":now": iso(self.now())}
                            ),
                        }
                    },
                ]
            )

    def count_requests(self, place: PageOfRun, requests: int) -> None:
        """Count requests in vain; see the port."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=list_key(place),
            UpdateExpression="ADD requests :requests",
            ExpressionAttributeValues=to_item({":requests": requests}),
        )

    def keep(self, place: PageOfRun) -> None:
        """Let a list end unshown, unless it has ended; see the port."""
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.table,
                Key=list_key(place),
                UpdateExpression="SET #state = :kept, touchedAt = :now",
                ConditionExpression="#state = :running",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=to_item(
                    {
                        ":kept": ListState.KEPT,
                        ":running": ListState.RUNNING,
                        ":now": iso(self.now()),
                    }
                ),
            )

    def complete(self, run_id: str) -> Run | None:
        """End a run; see the port."""
        run = self.run(run_id)
        if run is None or not run.is_over or run.completed_at:
            return None
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=run_key(run_id),
                UpdateExpression="SET completedAt = :now",
                ConditionExpression="attribute_exists(part) AND attribute_not_exists(completedAt)",
                ExpressionAttributeValues=to_item({":now": iso(self.now())}),
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return run

    def _saw(self, place: PageOfRun, ids: frozenset[int]) -> Sequence[Mapping[str, Any]]:
        if not ids:
            return ()
        update = {
            "TableName": self.table,
            "Key": seen_key(place),
            "UpdateExpression": "SET #ttl = :ttl ADD seen :seen",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": to_item(
                {":seen": set(ids), ":ttl": forgotten_at(place.started_at)}
            ),
        }
        return ({"Update": update},)

    def _page_action(
        self, place: PageOfRun, before: PageState | None, after: PageState
    ) -> Mapping[str, Any]:
        item = page_key(place) | to_item({"state": after, "ttl": forgotten_at(place.started_at)})
        action: dict[str, Any] = {"TableName": self.table, "Item": item}
        if before is None:
            action["ConditionExpression"] = "attribute_not_exists(part)"
        else:
            action["ConditionExpression"] = "#state = :before"
            action["ExpressionAttributeNames"] = {"#state": "state"}
            action["ExpressionAttributeValues"] = to_item({":before": before})
        return {"Put": action}

    def _item(self, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answer = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _commit(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """Write together; raises _Refused for a condition, CacheContended when others go on."""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.pause(FIRST_PAUSE * 2 ** (attempt - 1))
            try:
                self.dynamodb.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
            except ClientError as error:
                if _CONDITION in cancellation_reasons(error):
                    raise _Refused from error
                if not is_conflict(error):
                    raise
            else:
                return
        raise CacheContended
