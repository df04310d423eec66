"""The eraser over the tables of the template, as moto plays them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.erasure import BLOCK_TTL
from matinee.events.continuation import ContinuationQueue
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import new_id
from matinee.media import MediaType
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.devices import DynamoDeviceRepository
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.adapters.dynamodb.items import visit_item
from rooms.adapters.dynamodb.tables import Tables
from rooms.api.use_cases import UseCases
from rooms.bootstrap import OtherServices, Repositories, build_repositories, build_use_cases
from rooms.domain.anonymization import anonymize_match
from rooms.domain.errors import AccountDeleted, NotAParticipant, RoomExpired
from rooms.domain.room import DELETED_USER, ROOM_TTL, Room
from rooms.domain.tally import Tally, Vote
from rooms.events.consumed import Handle, UserDeleted, detect_match, erase_user
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.detect_match import MatchDetector
from rooms.use_cases.erase_crews import UserCrewEraser
from rooms.use_cases.erase_devices import DeviceEraser
from rooms.use_cases.erase_user import UserDataEraser
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.record_refused_titles import RefusalRecorder
from tests.fakes.attempts import Unlimited
from tests.fakes.clock import FakeClock
from tests.fakes.devices import a_device
from tests.fakes.rooms import (
    FakeCardReader,
    FakeCatalogClient,
    FakeGroupDeckClient,
    FakeNameDirectory,
    FakeOwnPlatforms,
    FakeOwnScores,
    films,
)
from tools.templates import load_product

REGION = "eu-west-1"
TRACE = Trace("a-correlation-id")
TABLES = Tables(
    rooms="RoomsTable",
    votes="VotesTable",
    matches="MatchesTable",
    user_matches="UserMatchesTable",
    visits="VisitsTable",
    outbox="RoomsOutboxTable",
    feeds="FeedsTable",
    crews="CrewsTable",
)
DEVICES = "DevicesTable"


@dataclass
class Product:
    """The rooms service and its eraser, over the same tables."""

    over: Repositories
    use_cases: UseCases
    eraser: UserDataEraser
    erase_user: Handle
    detect_match: Handle
    dynamodb: DynamoDBClient
    catalog: FakeCatalogClient
    now: FakeClock

    def room(self, *users: str) -> Room:
        room, _ = self.use_cases.create_room(
            users[0], CreateRoom(MediaType.MOVIE, (), 2, 50), TRACE
        )
        for user in users[1:]:
            self.use_cases.join_room(user, room.code, TRACE)
        return self.now_is(room)

    def now_is(self, room: Room) -> Room:
        stored = self.over.rooms.get(room.id)
        assert stored
        return stored

    def vote(self, room: Room, movie_id: int, *users: str, yes: bool = True) -> None:
        for user in users:
            self.use_cases.cast_vote(user, room.id, movie_id, TRACE, yes=yes)

    def tally(self, room: Room, movie_id: int) -> Tally:
        tally = self.over.votes.get_tally(room.id, movie_id)
        assert tally
        return tally

    def erase(self, user_id: str) -> None:
        event = create_envelope(
            UserDeleted(user_id=user_id),
            event_id=new_id(),
            occurred_at=self.now(),
            trace=TRACE,
            idempotency_key=f"user-deleted:{user_id}",
        )
        self.erase_user(event)

    def holding(self, user_id: str) -> list[dict[str, Any]]:
        """Return every stored item with a user's id, but for events: they are in transit."""
        tables = (
            TABLES.rooms,
            TABLES.votes,
            TABLES.matches,
            TABLES.user_matches,
            TABLES.visits,
            DEVICES,
            TABLES.feeds,
            TABLES.crews,
        )
        return [
            cast("dict[str, Any]", item)
            for table in tables
            for item in self.dynamodb.scan(TableName=table)["Items"]
            if user_id in json.dumps(item)
        ]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def product(aws: None) -> Product:  # noqa: ARG001 - it must be there first
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    _make_tables(dynamodb)
    sqs = boto3.client("sqs", region_name=REGION)
    queue_url = sqs.create_queue(QueueName="erasures")["QueueUrl"]
    now = FakeClock()
    over, catalog = build_repositories(TABLES, dynamodb, now), FakeCatalogClient(films(5))
    eraser = UserDataEraser(
        participants=over.rooms,
        votes=over.votes,
        matches=over.matches,
        history=DynamoRoomHistory(TABLES.visits, dynamodb),
        decisions=over.decisions,
        inbox=over.decisions,
        feeds=over.feeds,
        events=over.events,
        reconciler=over.reconciler,
        others=[
            DeviceEraser(DynamoDeviceRepository(DEVICES, TABLES.visits, dynamodb)),
            UserCrewEraser(over.crews, over.invitations),
        ],
        now=now,
    )
    detector = MatchDetector(over.rooms, over.votes, over.matches, over.events, over.reconciler)
    return Product(
        over,
        build_use_cases(
            over,
            OtherServices(
                CandidateFinder(catalog, FakeGroupDeckClient()),
                FakeNameDirectory(),
                FakeCardReader(),
                FakeOwnScores(),
                FakeOwnPlatforms(),
            ),
            Unlimited(),
            now,
        ),
        eraser,
        erase_user(eraser, ContinuationQueue(queue_url, sqs).requeue),
        detect_match(detector, RefusalRecorder(over.rooms, over.votes, over.refused, now)),
        dynamodb,
        catalog,
        now,
    )


def _make_tables(dynamodb: DynamoDBClient) -> None:
    """Make the tables as the template has them; a table is named like its resource."""
    for name, resource in load_product()["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            wanted = [
                *("AttributeDefinitions", "KeySchema", "BillingMode"),
                *("GlobalSecondaryIndexes", "LocalSecondaryIndexes"),
            ]
            properties = resource["Properties"]
            dynamodb.create_table(
                TableName=name, **{key: properties[key] for key in wanted if key in properties}
            )


def test_nothing_but_the_block_holds_the_user_s_id(product: Product) -> None:
    open_room, left = product.room("ann", "bob"), product.room("ann", "bob", "cid")
    own = product.room("bob")
    product.vote(open_room, 101, "ann", "bob")
    product.vote(open_room, 102, "bob")
    product.vote(left, 103, "bob", "cid", yes=False)
    product.use_cases.leave_room("bob", left.id, TRACE)
    closed = product.room("bob", "ann", "dee")
    product.vote(closed, 104, "bob", "ann", "dee")
    product.vote(closed, 105, "bob")
    phones = DynamoDeviceRepository(DEVICES, TABLES.visits, product.dynamodb)
    for device in ("phone", "tablet"):
        phones.save(a_device("bob", device), None)
    crews = product.use_cases.crews
    crew = crews.create("ann", open_room.id, "A", TRACE.correlation_id)
    theirs = crews.create("bob", closed.id, "B", TRACE.correlation_id)
    invited, _ = crews.start_room("ann", crew.id, None, TRACE)
    crews.start_room("bob", theirs.id, None, TRACE)

    product.erase("bob")

    [mark] = product.holding("bob")
    assert int(mark["ttl"]["N"]) == int((product.now() + BLOCK_TTL).timestamp())
    assert product.now_is(open_room).participants == ("ann",)
    assert product.now_is(own).host_id == DELETED_USER
    assert [it.members for it in crews.queries.list_by_user("ann", 9, None)] == [
        *([("ann", "dee"), ("ann",)] if theirs.id > crew.id else [("ann",), ("ann", "dee")])
    ]
    assert invited.crew_id == crew.id
    assert product.tally(left, 103).dislikes == {"cid"}
    [newest, oldest] = product.use_cases.matches.list_by_user("ann", 50, None)
    assert newest.matched_users == (DELETED_USER, "ann", "dee")
    assert oldest.matched_users == ("ann", DELETED_USER)
    assert product.tally(closed, 104).likes == {"ann", "dee"}


def test_in_a_closed_room_the_placeholder_takes_the_place(product: Product) -> None:
    product.catalog.offers = films(50)
    room = product.room("bob", "ann", "cid")
    for movie in films(50):
        product.vote(room, movie.id, "ann", "cid")
        product.vote(room, movie.id, "bob", yes=False)
    product.now.advance(days=ROOM_TTL.days)

    product.erase("bob")

    assert product.now_is(room).participants == (DELETED_USER, "ann", "cid")
    assert product.now_is(room).host_id == "ann"
    assert len(product.holding("bob")) == 1
    assert product.use_cases.matches.list_by_user("ann", 50, None) == []


def test_all_participants_are_erased_one_by_one(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")

    for user in ("ann", "bob", "cid"):
        product.erase(user)
        assert len(product.holding(user)) == 1

    match = product.over.matches.get(room.id, 101)
    assert match
    assert match.matched_users == (DELETED_USER,) * 3


def test_an_old_event_after_all_are_erased_changes_nothing(product: Product) -> None:
    """The detector finds an agreement that names nobody, and the match that it became."""
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")
    for user in ("ann", "bob", "cid"):
        product.erase(user)
    tally = product.tally(room, 101)
    vote = Vote(room.id, "ann", 101, yes=True, at=product.now())
    before = product.holding("")

    product.detect_match(product.over.events.vote_cast(vote, tally, TRACE))

    assert product.holding("") == before


def test_a_full_room_can_be_left(product: Product) -> None:
    people = [f"user-{number:02}" for number in range(50)]
    room = product.room(*people)
    product.vote(room, 101, *people)

    product.erase(people[0])

    assert product.now_is(room).participants == tuple(people[1:])
    assert product.now_is(room).host_id == people[1]
    assert len(product.holding(people[0])) == 1
    [match] = product.use_cases.matches.list_by_user(people[49], 50, None)
    assert match.matched_users == (DELETED_USER, *people[1:])


def test_a_blocked_user_cannot_create_or_join(product: Product) -> None:
    room = product.room("ann")
    own = product.room("bob")
    product.erase("bob")

    with pytest.raises(AccountDeleted):
        product.room("bob")
    with pytest.raises(AccountDeleted):
        product.use_cases.join_room("bob", room.code, TRACE)
    with pytest.raises((NotAParticipant, RoomExpired)):
        product.vote(own, 101, "bob")
    assert len(product.holding("bob")) == 1


def test_a_repeated_erasure_changes_nothing(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, 101, "ann", "bob")
    product.erase("bob")
    before = product.holding("")

    product.erase("bob")

    assert product.holding("") == before


def test_deleting_votes_from_a_stale_tally_is_refused(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, 101, "bob")
    seen = product.tally(room, 101)
    product.vote(room, 101, "ann")

    with pytest.raises(WriteConflict):
        product.over.votes.delete_votes("bob", [replace(seen, version=seen.version + 1)])

    assert product.tally(room, 101).likes == {"ann", "bob"}
    assert product.over.votes.get_vote(room.id, "bob", 101)


def test_anonymizing_a_stale_match_is_refused(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")
    product.erase("ann")
    product.over.reconciler.reconcile(product.now_is(room), TRACE)
    match = product.over.matches.get(room.id, 101)
    assert match
    stale = replace(match, matched_users=("ann", "bob", "cid"))

    with pytest.raises(WriteConflict):
        product.over.matches.anonymize("bob", anonymize_match(stale, "bob"), stale)

    assert product.over.matches.get(room.id, 101) == match


def test_the_history_is_paged_and_omits_the_block(product: Product) -> None:
    visits = DynamoRoomHistory(TABLES.visits, product.dynamodb)
    rooms = [product.room("ann") for _ in range(5)]
    visits.block("ann", product.now())

    first = visits.list_by_user("ann", 3, None)

    assert first == [room.id for room in rooms[:3]]
    assert visits.list_by_user("ann", 3, first[-1]) == [room.id for room in rooms[3:]]
    ttl = int(visit_item(rooms[0], "ann")["ttl"]["N"])
    assert ttl > rooms[0].expires_at.timestamp()


def test_a_continuation_is_a_new_event_of_the_same_trace(
    product: Product,
    aws: None,  # noqa: ARG001 - as above
) -> None:
    product.room("ann")
    product.room("ann")
    sqs = boto3.client("sqs", region_name=REGION)
    queue_url = sqs.get_queue_url(QueueName="erasures")["QueueUrl"]
    ticks: Callable[[], float] = iter((0.0, 0.0, *[1e9] * 100)).__next__
    object.__setattr__(product.eraser, "timer", ticks)

    product.erase("ann")

    [message] = sqs.receive_message(QueueUrl=queue_url)["Messages"]
    detail = json.loads(message["Body"])["detail"]
    assert detail["data"] == {"user_id": "ann"}
    assert detail["metadata"]["correlation_id"] == TRACE.correlation_id
    assert detail["metadata"]["causation_id"] != detail["metadata"]["event_id"]
