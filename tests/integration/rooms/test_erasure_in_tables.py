"""The eraser over the tables of the template, as moto plays them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.events.continuation import ContinuationQueue
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import new_id
from rooms.contracts import UserDeleted
from rooms.detection import Detector
from rooms.domain import LIFETIME, MediaType, Room, Tally, Vote
from rooms.erased import ERASED, match_without
from rooms.erasure import BARRED_FOR, Eraser
from rooms.errors import AccountDeleted, NotAParticipant, RoomExpired
from rooms.events import Announcer
from rooms.items import visit_item
from rooms.ports import Contended
from rooms.repository import DynamoMatches, DynamoRooms, DynamoVisits, DynamoVotes, Tables
from rooms.service import Opening, RoomService
from rooms.settling import Settler
from tests.fakes.clock import FakeClock
from tests.fakes.rooms import FakeCatalogue, films
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
)


@dataclass
class Product:
    """The rooms service and its eraser, over the same tables."""

    service: RoomService
    eraser: Eraser
    detector: Detector
    dynamodb: DynamoDBClient
    catalogue: FakeCatalogue
    now: FakeClock

    def room(self, *users: str) -> Room:
        room, _ = self.service.open(users[0], Opening(MediaType.MOVIE, (), 2, 50), TRACE)
        for user in users[1:]:
            self.service.join(user, room.code, TRACE)
        return self.now_is(room)

    def now_is(self, room: Room) -> Room:
        stored = self.service.rooms.find(room.id)
        assert stored
        return stored

    def vote(self, room: Room, movie_id: int, *users: str, yes: bool = True) -> None:
        for user in users:
            self.service.vote(user, room.id, movie_id, TRACE, yes=yes)

    def tally(self, room: Room, movie_id: int) -> Tally:
        tally = self.service.votes.tally(room.id, movie_id)
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
        self.eraser.handle(event)

    def holding(self, user_id: str) -> list[dict[str, Any]]:
        """Answer every stored item with a user's id in it, events aside: they are on their way."""
        tables = (
            TABLES.rooms,
            TABLES.votes,
            TABLES.matches,
            TABLES.user_matches,
            TABLES.visits,
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
    announce, catalogue = Announcer(now), FakeCatalogue(films(5))
    rooms = DynamoRooms(TABLES, dynamodb, now)
    votes, matches = DynamoVotes(TABLES, dynamodb, now), DynamoMatches(TABLES, dynamodb)
    settler = Settler(votes, matches, announce, now)
    service = RoomService(
        rooms=rooms,
        votes=votes,
        matches=matches,
        catalogue=catalogue,
        announce=announce,
        settler=settler,
        now=now,
    )
    eraser = Eraser(
        rooms=rooms,
        votes=votes,
        matches=matches,
        visits=DynamoVisits(TABLES.visits, dynamodb),
        announce=announce,
        settler=settler,
        resumption=ContinuationQueue(queue_url, sqs),
        now=now,
    )
    detector = Detector(rooms, votes, matches, announce, settler)
    return Product(service, eraser, detector, dynamodb, catalogue, now)


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


def test_nothing_holds_him_but_that_he_is_barred(product: Product) -> None:
    open_room, left = product.room("ann", "bob"), product.room("ann", "bob", "cid")
    his = product.room("bob")
    product.vote(open_room, 101, "ann", "bob")
    product.vote(open_room, 102, "bob")
    product.vote(left, 103, "bob", "cid", yes=False)
    product.service.leave("bob", left.id, TRACE)
    closed = product.room("bob", "ann", "dee")
    product.vote(closed, 104, "bob", "ann", "dee")
    product.vote(closed, 105, "bob")

    product.erase("bob")

    [mark] = product.holding("bob")
    assert int(mark["ttl"]["N"]) == int((product.now() + BARRED_FOR).timestamp())
    assert product.now_is(open_room).participants == ("ann",)
    assert product.now_is(his).host_id == ERASED
    assert product.tally(left, 103).dislikes == {"cid"}
    [newest, oldest] = product.service.my_matches("ann", 50, None)
    assert newest.matched_users == (ERASED, "ann", "dee")
    assert oldest.matched_users == ("ann", ERASED)
    assert product.tally(closed, 104).likes == {"ann", "dee"}


def test_in_a_closed_room_his_seat_stays_taken_by_nobody(product: Product) -> None:
    product.catalogue.offers = films(50)
    room = product.room("bob", "ann", "cid")
    for movie in films(50):
        product.vote(room, movie.id, "ann", "cid")
        product.vote(room, movie.id, "bob", yes=False)
    product.now.advance(days=LIFETIME.days)

    product.erase("bob")

    assert product.now_is(room).participants == (ERASED, "ann", "cid")
    assert product.now_is(room).host_id == "ann"
    assert len(product.holding("bob")) == 1
    assert product.service.my_matches("ann", 50, None) == []


def test_all_go_one_after_another(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")

    for user in ("ann", "bob", "cid"):
        product.erase(user)
        assert len(product.holding(user)) == 1

    match = product.service.matches.find(room.id, 101)
    assert match
    assert match.matched_users == (ERASED,) * 3


def test_an_old_vote_is_told_again_after_all_have_gone(product: Product) -> None:
    """The detector finds an agreement that names nobody, and the match that it became."""
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")
    for user in ("ann", "bob", "cid"):
        product.erase(user)
    tally = product.tally(room, 101)
    vote = Vote(room.id, "ann", 101, yes=True, at=product.now())
    before = product.holding("")

    product.detector.handle(product.service.announce.vote_cast(vote, tally, TRACE))

    assert product.holding("") == before


def test_a_full_room_can_be_left(product: Product) -> None:
    people = [f"user-{number:02}" for number in range(50)]
    room = product.room(*people)
    product.vote(room, 101, *people)

    product.erase(people[0])

    assert product.now_is(room).participants == tuple(people[1:])
    assert product.now_is(room).host_id == people[1]
    assert len(product.holding(people[0])) == 1
    [match] = product.service.my_matches(people[49], 50, None)
    assert match.matched_users == (ERASED, *people[1:])


def test_whose_account_is_gone_opens_and_joins_nothing(product: Product) -> None:
    room = product.room("ann")
    his = product.room("bob")
    product.erase("bob")

    with pytest.raises(AccountDeleted):
        product.room("bob")
    with pytest.raises(AccountDeleted):
        product.service.join("bob", room.code, TRACE)
    with pytest.raises((NotAParticipant, RoomExpired)):
        product.vote(his, 101, "bob")
    assert len(product.holding("bob")) == 1


def test_doing_it_again_changes_nothing(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, 101, "ann", "bob")
    product.erase("bob")
    before = product.holding("")

    product.erase("bob")

    assert product.holding("") == before


def test_a_withdrawal_is_refused_when_somebody_voted_in_between(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, 101, "bob")
    seen = product.tally(room, 101)
    product.vote(room, 101, "ann")

    with pytest.raises(Contended):
        product.eraser.votes.withdraw("bob", [replace(seen, version=seen.version + 1)])

    assert product.tally(room, 101).likes == {"ann", "bob"}
    assert product.service.votes.find(room.id, "bob", 101)


def test_a_match_is_not_disowned_on_an_old_reading(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    product.vote(room, 101, "ann", "bob", "cid")
    product.erase("ann")
    product.eraser.settler.settle(product.now_is(room), TRACE)
    match = product.service.matches.find(room.id, 101)
    assert match
    stale = replace(match, matched_users=("ann", "bob", "cid"))

    with pytest.raises(Contended):
        product.eraser.matches.disown("bob", match_without(stale, "bob"), stale)

    assert product.service.matches.find(room.id, 101) == match


def test_visits_are_paged_and_do_not_show_the_mark(product: Product) -> None:
    visits = DynamoVisits(TABLES.visits, product.dynamodb)
    rooms = [product.room("ann") for _ in range(5)]
    visits.bar("ann", product.now())

    first = visits.of_user("ann", 3, None)

    assert first == [room.id for room in rooms[:3]]
    assert visits.of_user("ann", 3, first[-1]) == [room.id for room in rooms[3:]]
    ttl = int(visit_item(rooms[0], "ann")["ttl"]["N"])
    assert ttl > rooms[0].expires_at.timestamp()


def test_what_goes_on_later_is_a_new_event_in_the_same_thread(
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
