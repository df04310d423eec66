"""A refresh over moto's tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from catalog.adapters.dynamodb.leases import DynamoLeases
from catalog.adapters.dynamodb.lists import DynamoLists, DynamoListVersions
from catalog.adapters.dynamodb.refresh_runs import DynamoRefreshRuns
from catalog.adapters.dynamodb.titles import DynamoTitles
from catalog.domain import ListKey, PageTask
from catalog.domain import refresh as refresh_domain
from catalog.use_cases import refresh_page
from catalog.use_cases.refresh_page import PageRefresher
from matinee.dynamodb.items import from_item
from matinee.events.envelope import Trace
from matinee.events.outbox import OutboxItem
from matinee.retry import Backoff
from tests.fakes import refreshing
from tests.fakes.clock import FakeClock
from tests.fakes.refreshing import FakeTitleStore, FakeWorkQueue
from tests.integration.catalog.catalog_tables import (
    MEDIA,
    OUTBOX,
    REFRESHES,
    create_tables,
    everything,
)
from tests.unit.catalog.conftest import log_lines

__all__ = ["log_lines"]

TRACE = Trace("a-refresh")
NO_PAUSE = Backoff(attempts=8, sleep=lambda _: None)
NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)


@dataclass
class RefreshScenario:
    """The catalogue's tables with a worker over them."""

    dynamodb: DynamoDBClient
    now: FakeClock
    tmdb: FakeTitleStore
    queue: FakeWorkQueue

    @property
    def titles(self) -> DynamoTitles:
        return DynamoTitles(MEDIA, OUTBOX, self.dynamodb, self.now, NO_PAUSE)

    @property
    def lists(self) -> DynamoLists:
        return DynamoLists(MEDIA, self.dynamodb, self.now)

    @property
    def versions(self) -> DynamoListVersions:
        return DynamoListVersions(MEDIA, REFRESHES, OUTBOX, self.dynamodb, self.now, NO_PAUSE)

    @property
    def runs(self) -> DynamoRefreshRuns:
        return DynamoRefreshRuns(REFRESHES, self.dynamodb, self.now, NO_PAUSE)

    @property
    def worker(self) -> PageRefresher:
        return PageRefresher(
            tmdb=self.tmdb,
            titles=self.titles,
            versions=self.versions,
            runs=self.runs,
            lists=self.runs,
            pages=self.runs,
            leases=DynamoLeases(REFRESHES, self.dynamodb, self.now, NO_PAUSE),
            queue=self.queue,
            now=self.now,
        )

    def work(self) -> None:
        """Read every page that is asked for, until none is."""
        while self.queue.waiting:
            task, trace = self.queue.waiting.popleft()
            self.worker.refresh(task, trace)

    def events(self, detail_type: str) -> list[OutboxItem]:
        """Return the events of a type that are in the outbox."""
        items = (OutboxItem.read(item) for item in everything(self.dynamodb, OUTBOX))
        return [item for item in items if item.detail_type == detail_type]

    def shown(self, key: ListKey) -> list[int]:
        """Return the ids of what a list shows."""
        page = self.lists.get_page(key, 100)
        return [title.id for title in page.titles] if page else []

    def contents(self) -> list[Mapping[str, Any]]:
        """Return all of the cache, but for what differs between two runs of the same lists."""
        items = [from_item(item) for item in everything(self.dynamodb, MEDIA)]
        kept = [
            {name: value for name, value in item.items() if name not in _OF_THE_MOMENT}
            for item in items
        ]
        return sorted(kept, key=str)


_OF_THE_MOMENT = {"cachedAt", "refreshedAt", "startedAt", "ttl"}


@pytest.fixture
def scenario(monkeypatch: pytest.MonkeyPatch) -> Iterator[RefreshScenario]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_tables(client)
        yield RefreshScenario(client, FakeClock(NOW), FakeTitleStore({}), FakeWorkQueue())


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a page three titles: a test that refreshes a hundred times takes its time."""
    for module, name in (
        (refresh_page, "TITLES_PER_PAGE"),
        (refresh_domain, "TITLES_PER_PAGE"),
        (refreshing, "PAGE"),
    ):
        monkeypatch.setattr(module, name, 3)


def task_of(key: ListKey, run: str = "run-1", page: int = 1, pages: int = 3) -> PageTask:
    """Return a page of a run; a run with a higher number begins a minute later."""
    later = timedelta(minutes=int(run.rpartition("-")[2]))
    return PageTask(run, key, page, pages, NOW + later)
