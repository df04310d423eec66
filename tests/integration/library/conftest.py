"""The library's tables in moto and in the emulator, as its template has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables
from library.adapters.dynamodb.erasure import DynamoDBErasureRepository
from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository
from library.adapters.dynamodb.titles import DynamoDBTitleFacts
from library.domain.titles import ListName
from library.events.factory import LibraryEventFactory
from library.ports import (
    EntryRepository,
    ErasureRepository,
    OtherStore,
    PreferencesRepository,
    ProviderRepository,
    TitleFactsRepository,
    TitleFactsWriter,
)
from library.ports import Store as AnyStore
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.preferences import PreferencesService
from matinee.events.outbox import OutboxItem
from tests.fakes.clock import NOON, FakeClock, FakeIds
from tests.fakes.emulator import running_emulator
from tests.fakes.library import (
    FakeEntryRepository,
    FakeErasureRepository,
    FakePreferencesRepository,
    FakeTitleFacts,
    InMemoryTables,
    RequestsOfList,
)
from tools.templates import load_product

PREFERENCES = "UserPreferencesTable"
IMPORTS = "ImportsTable"
LISTS = {
    ListName.FAVOURITES: "FavouritesTable",
    ListName.WATCHLIST: "WatchlistTable",
    ListName.SEEN: "SeenTitlesTable",
    ListName.DISMISSED: "DismissedTitlesTable",
}
OUTBOX = "LibraryOutboxTable"
TITLES = "LibraryTitlesTable"
NOTICES = "NoticesTable"
STORES: dict[AnyStore, str] = {OtherStore.IMPORTS: IMPORTS, OtherStore.NOTICES: NOTICES}
STORES.update(LISTS.items())
NAMES = (PREFERENCES, IMPORTS, NOTICES, *LISTS.values(), OUTBOX, TITLES, "LibraryIdempotencyTable")
TABLES = Tables(LISTS, OUTBOX)
_WANTED = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


class TitleFacts(TitleFactsRepository, TitleFactsWriter, ProviderRepository, Protocol):
    """All sides of the projection of titles."""


@dataclass
class Store:
    """The ports over one kind of tables, and the use cases over the ports."""

    entries: EntryRepository
    stored_preferences: PreferencesRepository
    erasure: ErasureRepository
    facts: TitleFacts
    tables: InMemoryTables | None = None
    client: DynamoDBClient | None = None
    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.events = LibraryEventFactory(now=self.now, new_id=FakeIds(self.now))
        titles = DescribeTitles(self.facts)
        parts = (self.entries, self.events, titles, self.now)
        self.favourites = RequestsOfList.over(ListName.FAVOURITES, *parts)
        self.watchlist = RequestsOfList.over(ListName.WATCHLIST, *parts)
        self.move = MoveToFavourites(self.entries, self.events, self.now)
        self.preferences = PreferencesService(self.stored_preferences, self.events, self.now)

    @property
    def published(self) -> list[str]:
        """The types of all events ever stored, in the order of their ids."""
        if self.client is None:
            assert self.tables is not None
            return self.tables.published
        pages = self.client.get_paginator("scan").paginate(TableName=OUTBOX)
        items = [OutboxItem.read(item) for page in pages for item in page["Items"]]
        return [item.detail_type for item in sorted(items, key=lambda item: item.event_id)]


@dataclass
class CountedCalls:
    """Which DynamoDB operations were called."""

    operations: list[str] = field(default_factory=list)

    def watch(self, client: DynamoDBClient) -> None:
        client.meta.events.register("before-call.dynamodb", self._called)

    def _called(self, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own
        self.operations.append(model.name)


@pytest.fixture(scope="session")
def library_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def emulated(library_emulator: str) -> Iterator[DynamoDBClient]:
    """The emulator's empty tables."""
    config = Config(max_pool_connections=60, retries={"total_max_attempts": 1}, proxies={})
    client = boto3.client("dynamodb", endpoint_url=library_emulator, config=config)
    create_tables(client)
    yield client
    for name in NAMES:
        client.delete_table(TableName=name)
    client.close()


@pytest.fixture
def moto_dynamodb() -> Iterator[DynamoDBClient]:
    """Moto's empty tables."""
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client)
        yield client


@pytest.fixture(params=["fake", "moto", "emulator"])
def store(request: pytest.FixtureRequest) -> Store:
    """The ports over fakes, moto and the emulator in turn: all fulfil the same contract."""
    if request.param == "fake":
        tables = InMemoryTables()
        return Store(
            FakeEntryRepository(tables),
            FakePreferencesRepository(tables),
            FakeErasureRepository(tables),
            FakeTitleFacts(),
            tables,
        )
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    return dynamodb_store(request.getfixturevalue(name))


def dynamodb_store(client: DynamoDBClient) -> Store:
    """Return the ports over DynamoDB's tables."""
    return Store(
        DynamoDBEntryRepository(TABLES, client),
        DynamoDBPreferencesRepository(PREFERENCES, OUTBOX, client),
        DynamoDBErasureRepository(PREFERENCES, STORES, client),
        DynamoDBTitleFacts(TITLES, client, now=lambda: NOON),
        client=client,
    )


def create_tables(client: DynamoDBClient) -> None:
    """Create the service's tables as the template defines them, named by their logical ids."""
    resources = load_product()["Resources"]
    for name in NAMES:
        properties = resources[name]["Properties"]
        client.create_table(
            TableName=name, **{key: properties[key] for key in _WANTED if key in properties}
        )
