"""The running product's catalogue, seen from outside: its table, its TMDB, its workers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from matinee.dynamodb.items import from_item
from tools.local.workers import workers_of
from tools.ops.client import Stack

WORKER = "RefreshWorkerFunction"
QUICK = 20
"""Seconds: a test does not wait as long as the product for the message of a worker that died."""

FILL_SECONDS = 240

_OF_THE_MOMENT = {"cachedAt", "refreshedAt", "startedAt", "ttl"}


@dataclass
class Catalogue:
    """What the catalogue's tests look at and do."""

    stack: Stack
    tmdb: httpx.Client
    dynamodb: Any
    sqs: Any
    functions: Any

    def clear(self) -> None:
        """Forget every title, list and run, and what TMDB was asked."""
        for output in ("MediaTableName", "RefreshesTableName", "CatalogIdempotencyTableName"):
            self._clear(self.stack.outputs[output])
        self.tmdb.post("/__stats/reset").raise_for_status()

    def contents(self) -> dict[str, Mapping[str, Any]]:
        """Return everything that readers can find, but for moments and the names of versions."""
        items = [from_item(item) for item in self._items(self.stack.outputs["MediaTableName"])]
        heads = {item["mediaId"]: item["version"] for item in items if item["mediaType"] == "head"}
        shown = {f"{head}#{version}": head for head, version in heads.items()}
        found: dict[str, Mapping[str, Any]] = {}
        for item in items:
            media_id = item["mediaId"]
            if media_id.startswith("list#"):
                if media_id not in shown:
                    continue
                media_id = shown[media_id]
            kept = {name: value for name, value in item.items() if name not in _OF_THE_MOMENT}
            found[f"{media_id} {item['mediaType']}"] = kept | {"mediaId": media_id}
        return found

    def asked(self) -> dict[str, Any]:
        """Return what the stand-in has counted."""
        stats: dict[str, Any] = self.tmdb.get("/__stats").json()
        return stats

    def disturb(self, **faults: object) -> None:
        """Make TMDB fail in the given way."""
        self.tmdb.post("/__control", json=faults).raise_for_status()

    def kill_a_worker(self, random: Random) -> bool:
        """Kill one of the workers; tells whether there was one."""
        workers = workers_of(WORKER, self.stack.emulator_url)
        if not workers:
            return False
        try:
            os.kill(random.choice(workers).pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Make a dead worker's message return after twenty seconds."""
        url = self.sqs.get_queue_url(QueueName=self.stack.outputs["RefreshQueueName"])["QueueUrl"]
        name = self.stack.outputs[f"{WORKER}Name"]

        def wait(visibility: int, timeout: int) -> None:
            self.sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"VisibilityTimeout": str(visibility)}
            )
            self.functions.update_function_configuration(FunctionName=name, Timeout=timeout)

        wait(QUICK + 2, QUICK)
        try:
            yield
        finally:
            wait(360, 60)

    def _items(self, table: str) -> Iterator[dict[str, Any]]:
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from page["Items"]

    def _clear(self, table: str) -> None:
        schema = self.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        keys = [
            {part["AttributeName"]: item[part["AttributeName"]] for part in schema}
            for item in self._items(table)
        ]
        for start in range(0, len(keys), 25):
            deletes = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + 25]]
            self.dynamodb.batch_write_item(RequestItems={table: deletes})


def fill(stack: Stack) -> None:
    """Refresh a page of each list, as an operator does."""
    subprocess.run(
        [
            *(sys.executable, "-m", "tools.ops.refresh", "--pages", "1"),
            *("--stack-file", str(Path(stack.state).parent / "stack.json")),
        ],
        check=True,
        timeout=FILL_SECONDS,
    )
