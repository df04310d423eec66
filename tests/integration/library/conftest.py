"""The library's tables in moto and in the emulator, as its template has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from library.domain.titles import ListName
from library.erasable import DynamoErasable
from library.events import Announcer
from library.ports import Erasable, Lists, PreferenceRows
from library.preference_rows import DynamoPreferences
from library.preferences import PreferenceService
from library.repository import DynamoLists, Tables
from library.service import ListService, Mover
from matinee.events.outbox import OutboxItem
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.emulator import running_emulator
from tests.fakes.library import FakeErasable, FakeLists, FakePreferences, Shelves
from tools.templates import load_product

PREFERENCES = "UserPreferencesTable"
LISTS = {ListName.FAVOURITES: "FavouritesTable", ListName.WATCHLIST: "WatchlistTable"}
OUTBOX = "LibraryOutboxTable"
NAMES = (PREFERENCES, *LISTS.values(), OUTBOX, "LibraryIdempotencyTable")
TABLES = Tables(LISTS, OUTBOX)
_WANTED = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


@dataclass
class Store:
    """The ports over one kind of tables, and the use cases over the ports."""

    lists: Lists
    rows: PreferenceRows
    erasable: Erasable
    shelves: Shelves | None = None
    client: DynamoDBClient | None = None
    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        announce = Announcer(self.now, FakeIds(self.now))
        self.favourites = ListService(ListName.FAVOURITES, self.lists, announce)
        self.watchlist = ListService(ListName.WATCHLIST, self.lists, announce)
        self.mover = Mover(self.lists, announce)
        self.preferences = PreferenceService(self.rows, announce, self.now)

    @property
    def told(self) -> list[str]:
        """The types of all events ever stored, in the order of their ids."""
        if self.client is None:
            assert self.shelves is not None
            return self.shelves.told
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
    """The ports over fakes, moto and the emulator in turn: all keep the same promises."""
    if request.param == "fake":
        shelves = Shelves()
        return Store(FakeLists(shelves), FakePreferences(shelves), FakeErasable(shelves), shelves)
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    return dynamodb_store(request.getfixturevalue(name))


def dynamodb_store(client: DynamoDBClient) -> Store:
    """Answer the ports over DynamoDB's tables."""
    return Store(
        DynamoLists(TABLES, client),
        DynamoPreferences(PREFERENCES, OUTBOX, client),
        DynamoErasable(PREFERENCES, LISTS, client),
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
