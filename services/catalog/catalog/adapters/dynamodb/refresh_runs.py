"""The runs of refreshes, with the progress of their lists and pages, in the Refreshes table.

A list's progress is changed by its own pages alone, one after the other; workers share no item, so
none waits for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from catalog.adapters.dynamodb.refresh_items import (
    LISTS,
    expiry,
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
from catalog.adapters.dynamodb.refreshes_table import RefreshesTable
from catalog.domain import ListProgress, ListState, PageState, PageTask, Run
from catalog.domain.errors import CatalogBusy, CatalogUnavailable
from catalog.ports import PageResult
from matinee.clock import iso
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import (
    Action,
    ConditionFailed,
    put,
    translate_client_errors,
    update,
)


@dataclass(frozen=True, slots=True)
class DynamoRefreshRuns(RefreshesTable):
    """`RefreshRunRepository`, `ListProgressRepository` and `PageStateRepository` in one table."""

    @translate_client_errors(CatalogUnavailable)
    def create(self, run: Run) -> None:
        """Store a run with all its lists in one transaction; see the port."""
        latest = latest_key() | to_item({"id": run.id, "startedAt": iso(run.started_at)})
        items = [run_item(run), *(list_item(run, progress) for progress in run.lists)]
        puts = [put(self.table, item, condition="attribute_not_exists(part)") for item in items]
        with suppress(ConditionFailed):  # It exists.
            self._write([*puts, put(self.table, latest)])

    @translate_client_errors(CatalogUnavailable)
    def get_latest(self) -> Run | None:
        """Return the run started last; see the port."""
        item = self._item(latest_key())
        return self.get_run(from_item(item)["id"]) if item else None

    @translate_client_errors(CatalogUnavailable)
    def get_run(self, run_id: str) -> Run | None:
        """Return a run with its lists; see the port."""
        item = self._item(run_key(run_id))
        if item is None or "scope" not in item:
            return None
        lists: list[ListProgress] = []
        for page in self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="#run = :run AND begins_with(part, :lists)",
            ProjectionExpression=(
                "part, #state, pages, done, publishedPages, failed, titles, missed, requests,"
                " updatedAt"
            ),
            ExpressionAttributeNames={"#run": "run", "#state": "state"},
            ExpressionAttributeValues=to_item({":run": run_id, ":lists": LISTS}),
            ConsistentRead=True,
        ):
            lists += map(read_progress, page["Items"])
        return read_run(item, tuple(lists))

    def complete(self, run_id: str) -> Run | None:
        """Complete a run; see the port."""
        run = self.get_run(run_id)
        if run is None or not run.is_finished or run.completed_at:
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

    def get_progress(self, task: PageTask) -> ListProgress | None:
        """Return the progress of a list; see the port."""
        item = self._item(list_key(task))
        return read_progress(item) if item else None

    def get_title_ids(self, task: PageTask) -> frozenset[int]:
        """Return the ids of the titles of a list's pages; see the port."""
        item = self._item(seen_key(task))
        return frozenset(map(int, from_item(item)["seen"])) if item else frozenset()

    def add_requests(self, task: PageTask, requests: int) -> None:
        """Count requests that led to no result; see the port."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=list_key(task),
            UpdateExpression="ADD requests :requests",
            ExpressionAttributeValues=to_item({":requests": requests}),
        )

    def mark_kept(self, task: PageTask) -> None:
        """Finish a list without publishing it; see the port."""
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.table,
                Key=list_key(task),
                UpdateExpression="SET #state = :kept, updatedAt = :now",
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

    def get_page_state(self, task: PageTask) -> PageState | None:
        """Return the state of a page; see the port."""
        item = self._item(page_key(task))
        return PageState(from_item(item)["state"]) if item else None

    def mark_done(self, task: PageTask, before: PageState | None, result: PageResult) -> None:
        """Count a page, unless it is after the last, and its titles once; see the port."""
        counts = task.page <= result.pages
        counted = update(
            self.table,
            list_key(task),
            "SET pages = :pages, updatedAt = :now ADD done :done, failed :failed,"
            " titles :titles, missed :missed, requests :requests",
            condition="attribute_exists(part)",
            values={
                ":pages": result.pages,
                ":done": 1 if counts else 0,
                ":failed": -1 if counts and before is PageState.FAILED else 0,
                ":titles": len(result.ids),
                ":missed": result.missed,
                ":requests": result.requests,
                ":now": iso(self.now()),
            },
        )
        state = self._put_state(task, before, PageState.DONE)
        try:
            self._write([state, counted, *self._add_title_ids(task, result.ids)])
        except ConditionFailed as error:
            raise CatalogBusy from error

    def mark_failed(self, task: PageTask) -> None:
        """Count a page as failed; see the port."""
        counted = update(
            self.table,
            list_key(task),
            "SET updatedAt = :now ADD failed :one",
            condition="attribute_exists(part)",
            values={":one": 1, ":now": iso(self.now())},
        )
        with suppress(ConditionFailed):  # It is done, or has been counted.
            self._write([self._put_state(task, None, PageState.FAILED), counted])

    def _add_title_ids(self, task: PageTask, ids: frozenset[int]) -> Sequence[Action]:
        if not ids:
            return ()
        return (
            update(
                self.table,
                seen_key(task),
                "SET #ttl = :ttl ADD seen :seen",
                names={"#ttl": "ttl"},
                values={":seen": set(ids), ":ttl": expiry(task.started_at)},
            ),
        )

    def _put_state(self, task: PageTask, before: PageState | None, after: PageState) -> Action:
        item = page_key(task) | to_item({"state": after, "ttl": expiry(task.started_at)})
        if before is None:
            return put(self.table, item, condition="attribute_not_exists(part)")
        return put(
            self.table,
            item,
            condition="#state = :before",
            names={"#state": "state"},
            values={":before": before},
        )

    def _item(self, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        response = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return response.get("Item")
