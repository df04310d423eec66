"""The three kinds of tables that the ports' contracts are held against."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.events.outbox import OutboxItem
from rooms.adapters.dynamodb.decisions import DynamoDecisionRepository
from rooms.adapters.dynamodb.feeds import DynamoFeedRepository
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.adapters.dynamodb.life import DynamoRoomLifeRepository
from rooms.adapters.dynamodb.matches import DynamoMatchRepository
from rooms.adapters.dynamodb.presence import DynamoPresenceRepository
from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
from rooms.adapters.dynamodb.votes import DynamoVoteRepository
from rooms.ports import (
    DecisionInbox,
    DecisionRepository,
    DeckRepository,
    ExpiringRooms,
    FeedEraser,
    FeedReader,
    FeedRepository,
    MatchReader,
    MatchRepository,
    ParticipantRepository,
    PresenceRepository,
    ReckonedDeckRepository,
    RoomHistory,
    RoomLifeRepository,
    RoomRepository,
    VoteCounter,
    VoteReader,
    VoteRepository,
)
from tests.fakes.clock import FakeClock
from tests.fakes.emulator import running_emulator
from tests.fakes.rooms import (
    FakeDecisionRepository,
    FakeFeedRepository,
    FakeMatchRepository,
    FakePresenceRepository,
    FakeRoomHistory,
    FakeRoomRepository,
    FakeVoteRepository,
    InMemoryTables,
)
from tests.integration.rooms.tables import TABLES, create_tables, delete_tables


class Feeds(FeedRepository, FeedReader, FeedEraser, Protocol):
    """The feeds, for those who write, read and erase them."""


@dataclass
class Store:
    """The ports over one kind of tables. `published` returns the types of all stored events."""

    rooms: RoomRepository
    decks: DeckRepository
    reckoned: ReckonedDeckRepository
    participants: ParticipantRepository
    votes: VoteRepository
    vote_reader: VoteReader
    matches: MatchRepository
    match_reader: MatchReader
    decisions: DecisionRepository
    inbox: DecisionInbox
    life: RoomLifeRepository
    expiring: ExpiringRooms
    now: FakeClock
    published: Callable[[], list[str]]
    presence: PresenceRepository
    feeds: Feeds
    history: RoomHistory
    counter: VoteCounter


@dataclass
class CountedCalls:
    """How often each DynamoDB operation was called."""

    operations: list[str] = field(default_factory=list)

    def watch(self, client: DynamoDBClient) -> None:
        """Count a client's calls from here on."""
        client.meta.events.register("before-call.dynamodb", self._called)

    def _called(self, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own
        self.operations.append(model.name)


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator."""
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def emulated(emulator_url: str) -> Iterator[DynamoDBClient]:
    """The emulator's empty tables."""
    config = Config(max_pool_connections=60, retries={"total_max_attempts": 1}, proxies={})
    client = boto3.client("dynamodb", endpoint_url=emulator_url, config=config)
    create_tables(client)
    yield client
    delete_tables(client)
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
    """The ports over fakes, moto and the emulator in turn: all keep the same contract."""
    now = FakeClock()
    if request.param == "fake":
        return fake_store(now)
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    return dynamodb_store(request.getfixturevalue(name), now)


def fake_store(now: FakeClock) -> Store:
    """Return the ports over the fakes that the unit tests use."""
    tables = InMemoryTables(now)
    return Store(
        FakeRoomRepository(tables),
        FakeRoomRepository(tables),
        FakeRoomRepository(tables),
        FakeRoomRepository(tables),
        FakeVoteRepository(tables),
        FakeVoteRepository(tables),
        FakeMatchRepository(tables),
        FakeMatchRepository(tables),
        FakeDecisionRepository(tables),
        FakeDecisionRepository(tables),
        FakeRoomRepository(tables),
        FakeRoomRepository(tables),
        now,
        lambda: [event.metadata.event_type for event in tables.outbox],
        FakePresenceRepository(tables),
        FakeFeedRepository(tables),
        FakeRoomHistory(tables),
        FakeVoteRepository(tables),
    )


def dynamodb_store(client: DynamoDBClient, now: FakeClock) -> Store:
    """Return the ports over DynamoDB's tables."""
    return Store(
        DynamoRoomRepository(TABLES, client, now),
        DynamoRoomRepository(TABLES, client, now),
        DynamoRoomRepository(TABLES, client, now),
        DynamoRoomRepository(TABLES, client, now),
        DynamoVoteRepository(TABLES, client, now),
        DynamoVoteRepository(TABLES, client, now),
        DynamoMatchRepository(TABLES, client),
        DynamoMatchRepository(TABLES, client),
        DynamoDecisionRepository(TABLES, client),
        DynamoDecisionRepository(TABLES, client),
        DynamoRoomLifeRepository(TABLES, client, now),
        DynamoRoomLifeRepository(TABLES, client, now),
        now,
        lambda: sorted_types(client),
        DynamoPresenceRepository(TABLES, client),
        DynamoFeedRepository(TABLES.feeds, client),
        DynamoRoomHistory(TABLES.visits, client),
        DynamoVoteRepository(TABLES, client, now),
    )


def sorted_types(client: DynamoDBClient) -> list[str]:
    """Return the types of the events in the outbox, in the order of their ids."""
    pages = client.get_paginator("scan").paginate(TableName=TABLES.outbox)
    items = [OutboxItem.read(item) for page in pages for item in page["Items"]]
    return [item.detail_type for item in sorted(items, key=lambda item: item.event_id)]
