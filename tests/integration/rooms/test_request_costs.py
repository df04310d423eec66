"""How many requests the tables are asked for, what they refuse, and what one page needs."""

from collections import Counter
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.events.envelope import Trace
from matinee.media import MediaType
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.decisions import DynamoDecisionRepository
from rooms.adapters.dynamodb.feeds import DynamoFeedRepository
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.adapters.dynamodb.life import DynamoRoomLifeRepository
from rooms.adapters.dynamodb.matches import DynamoMatchRepository
from rooms.adapters.dynamodb.presence import DynamoPresenceRepository
from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
from rooms.adapters.dynamodb.votes import DynamoVoteRepository
from rooms.api.use_cases import UseCases
from rooms.bootstrap import OtherServices, build_repositories, build_use_cases
from rooms.domain.errors import RoomBusy
from rooms.domain.match import apply_vote
from rooms.domain.presence import Progress
from rooms.domain.room import Room
from rooms.domain.tally import Vote
from rooms.ports import CodeTaken
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.find_candidates import CandidateFinder
from tests.fakes.attempts import Unlimited
from tests.fakes.clock import NOON, FakeClock, identifier
from tests.fakes.rooms import (
    FakeCardReader,
    FakeCatalogClient,
    FakeGroupDeckClient,
    FakeNameDirectory,
    FakeOwnPlatforms,
    FakeOwnScores,
    films,
)
from tests.fakes.samples import a_room, a_tally
from tests.integration.rooms.conftest import CountedCalls, Store, dynamodb_store, sorted_types
from tests.integration.rooms.tables import NAMES, TABLES, table_definitions
from tests.integration.rooms.test_port_contracts import Scenario

TRACE = Trace("thread-1")


def use_cases_over(client: DynamoDBClient, candidates: int) -> UseCases:
    return build_use_cases(
        build_repositories(TABLES, client),
        OtherServices(
            CandidateFinder(FakeCatalogClient(films(candidates)), FakeGroupDeckClient()),
            FakeNameDirectory(),
            FakeCardReader(),
            FakeOwnScores(),
            FakeOwnPlatforms(),
        ),
        Unlimited(),
    )


def opened(use_cases: UseCases, users: int) -> Room:
    host, *others = [f"user-{n:02}" for n in range(users)]
    room, _ = use_cases.create_room(host, CreateRoom(MediaType.MOVIE, (), 2, 50), TRACE)
    for other in others:
        room = use_cases.join_room(other, room.code, TRACE)
    return room


@pytest.mark.parametrize(("users", "candidates"), [(2, 2), (2, 50), (20, 50)])
def test_a_vote_costs_two_requests(
    moto_dynamodb: DynamoDBClient, users: int, candidates: int
) -> None:
    use_cases = use_cases_over(moto_dynamodb, candidates)
    room = opened(use_cases, users)
    for n in range(users - 1):
        use_cases.cast_vote(f"user-{n:02}", room.id, 101, TRACE, yes=True)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    use_cases.cast_vote(f"user-{users - 1:02}", room.id, 101, TRACE, yes=True)

    use_cases.cast_vote("user-00", room.id, 101, TRACE, yes=None)

    assert calls.operations == ["BatchGetItem", "TransactWriteItems"] * 2


def test_a_heartbeat_is_one_write(moto_dynamodb: DynamoDBClient) -> None:
    use_cases = use_cases_over(moto_dynamodb, 2)
    room = opened(use_cases, 2)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    use_cases.heartbeat("user-01", room.id)

    assert calls.operations == ["UpdateItem"]
    assert Counter(sorted_types(moto_dynamodb)) == {"RoomCreated": 1, "ParticipantJoined": 1}


@pytest.mark.parametrize("users", [2, 50])
def test_presence_and_progress_of_everybody_are_two_requests(
    moto_dynamodb: DynamoDBClient, users: int
) -> None:
    use_cases = use_cases_over(moto_dynamodb, 50)
    room = opened(use_cases, users)
    use_cases.cast_vote("user-00", room.id, 101, TRACE, yes=True)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    people = use_cases.people(room, {}, presence=True, progress=True)

    assert calls.operations == ["BatchGetItem", "Query"]
    assert [one.progress for one in people] == [Progress(1, 50), *[Progress(0, 50)] * (users - 1)]
    assert all(one.presence.joined_at for one in people)


def test_ten_of_three_hundred_matches_are_one_query(emulated: DynamoDBClient) -> None:
    scenario = Scenario(dynamodb_store(emulated, FakeClock()))
    mine = []
    for n in range(300):
        users = ("ann", "bob") if n % 30 == 7 else ("cid", "dee")
        match = scenario.match(*users, movie_id=n)
        scenario.record(match)
        if "ann" in users:
            mine.append(match)
    calls = CountedCalls()
    calls.watch(emulated)

    found = scenario.store.matches.list_by_user("ann", 50, None)

    assert list(found) == mine[::-1]
    assert len(found) == 10
    assert calls.operations == ["Query"]


def test_ten_of_a_hundred_rooms_are_one_query_and_one_read(
    emulated: DynamoDBClient,
) -> None:
    scenario = Scenario(dynamodb_store(emulated, FakeClock()))
    since = scenario.store.now()
    for n in range(100):
        scenario.room("ann" if n % 10 == 3 else "bob", code=f"CODE{n:02}")
    calls = CountedCalls()
    calls.watch(emulated)

    found = scenario.store.rooms.list_by_user("ann", since, 50, None)

    assert len(found) == 10
    assert {room.host_id for room in found} == {"ann"}
    assert calls.operations == ["Query", "BatchGetItem"]


def test_one_hundred_rooms_fit_into_one_page(emulated: DynamoDBClient) -> None:
    scenario = Scenario(dynamodb_store(emulated, FakeClock()))
    for n in range(101):
        scenario.room(code=f"COD{n:03}")

    assert len(scenario.store.rooms.list_by_user("ann", NOON, 100, None)) == 100


def test_a_page_after_an_expired_room_costs_no_request(
    moto_dynamodb: DynamoDBClient,
) -> None:
    scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
    yesterday = scenario.room()
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    page = scenario.store.rooms.list_by_user("ann", NOON + timedelta(hours=1), 10, yesterday.id)

    assert list(page) == []
    assert calls.operations == [], "DynamoDB refuses a start outside of the range"


def test_no_use_case_scans_a_table(moto_dynamodb: DynamoDBClient) -> None:
    use_cases = use_cases_over(moto_dynamodb, 5)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    room = opened(use_cases, 2)
    use_cases.cast_vote("user-00", room.id, 101, TRACE, yes=True)
    use_cases.cast_vote("user-01", room.id, 101, TRACE, yes=True)
    use_cases.get_deck("user-00", room.id, 10, TRACE)
    use_cases.votes.list_by_user("user-00", room.id)
    use_cases.decide_room.propose("user-01", room.id, 101, TRACE)
    use_cases.decide_room.decide("user-00", room.id, 101, TRACE)
    use_cases.decisions.list_by_user("user-00", 20, None)
    use_cases.rooms.get("user-00", room.id)
    use_cases.rooms.get_by_code(room.code)
    use_cases.rooms.list_by_user("user-00", 20, None)
    use_cases.matches.list_by_user("user-00", 20, None)
    use_cases.leave_room("user-00", room.id, TRACE)

    assert Counter(calls.operations)["Scan"] == 0


def test_a_deck_costs_three_requests(
    moto_dynamodb: DynamoDBClient,
) -> None:
    use_cases = use_cases_over(moto_dynamodb, 50)
    room = opened(use_cases, 2)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    use_cases.get_deck("user-00", room.id, 10, TRACE)

    assert calls.operations == ["GetItem", "Query", "GetItem"]


class Refusing:
    """The adapters over a client with prepared responses."""

    def __init__(self) -> None:
        self.client: DynamoDBClient = boto3.client("dynamodb")
        self.stub = Stubber(self.client)
        now = FakeClock()
        self.scenario = Scenario(
            Store(
                DynamoRoomRepository(TABLES, self.client, now),
                DynamoRoomRepository(TABLES, self.client, now),
                DynamoRoomRepository(TABLES, self.client, now),
                DynamoRoomRepository(TABLES, self.client, now),
                DynamoVoteRepository(TABLES, self.client, now),
                DynamoVoteRepository(TABLES, self.client, now),
                DynamoMatchRepository(TABLES, self.client),
                DynamoMatchRepository(TABLES, self.client),
                DynamoDecisionRepository(TABLES, self.client),
                DynamoDecisionRepository(TABLES, self.client),
                DynamoRoomLifeRepository(TABLES, self.client, now),
                DynamoRoomLifeRepository(TABLES, self.client, now),
                now,
                list,
                DynamoPresenceRepository(TABLES, self.client),
                DynamoFeedRepository(TABLES.feeds, self.client),
                DynamoRoomHistory(TABLES.visits, self.client),
                DynamoVoteRepository(TABLES, self.client, now),
            )
        )
        self.stub.activate()

    def refuse(self, code: str, *reasons: str) -> None:
        """Make the next transaction fail."""
        modeled: dict[str, Any] = (
            {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
        )
        self.stub.add_client_error("transact_write_items", code, modeled_fields=modeled)

    def join(self) -> None:
        self.scenario.join(a_room("ann"), "bob")

    def vote(self) -> None:
        self.scenario.vote(a_room("ann", "bob"), "ann", tally=a_tally())

    def reconcile(self) -> None:
        self.scenario.reconcile(a_room("ann", "bob"), a_tally(likes="ab"))


WRITES = ["join", "vote", "reconcile"]


class TestWhatTheTablesRefuse:
    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize(
        "reasons",
        [
            ("None", "TransactionConflict"),
            ("ConditionalCheckFailed", "TransactionConflict"),
            ("ThrottlingError",),
        ],
        ids=str,
    )
    def test_a_cancelled_transaction_is_a_write_conflict(
        self, write: str, reasons: tuple[str, ...]
    ) -> None:
        refusing = Refusing()
        refusing.refuse("TransactionCanceledException", *reasons)

        with pytest.raises(WriteConflict):
            getattr(refusing, write)()
        refusing.stub.assert_no_pending_responses()

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize(
        "code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"]
    )
    def test_a_client_error_is_no_write_conflict(self, write: str, code: str) -> None:
        refusing = Refusing()
        refusing.refuse(code)

        with pytest.raises(refusing.client.exceptions.ClientError):
            getattr(refusing, write)()

    def test_a_match_that_another_records_is_a_conflict_until_stored(self) -> None:
        refusing = Refusing()
        match = refusing.scenario.match("ann", "bob")
        refusing.refuse("TransactionCanceledException", "TransactionConflict")
        refusing.stub.add_response("get_item", {}, {"TableName": ANY, "Key": ANY, **CONSISTENT})

        with pytest.raises(WriteConflict):
            refusing.scenario.record(match)
        refusing.stub.assert_no_pending_responses()

    def test_a_conflict_while_creating_is_no_taken_code(self) -> None:
        refusing = Refusing()
        refusing.refuse("TransactionCanceledException", "None", "TransactionConflict")

        with pytest.raises(WriteConflict):
            refusing.scenario.room()

    def test_a_refused_reservation_is_a_taken_code(self) -> None:
        refusing = Refusing()
        refusing.refuse("TransactionCanceledException", "ConditionalCheckFailed", "None")

        with pytest.raises(CodeTaken):
            refusing.scenario.room()


CONSISTENT = {"ConsistentRead": True}


class TestUnprocessedKeys:
    """What BatchGetItem leaves out is asked for again, as long as it leaves anything out."""

    def test_room_and_tally_in_two_responses(self, moto_dynamodb: DynamoDBClient) -> None:
        scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
        room = scenario.join(scenario.room(), "bob")
        halve_batches(moto_dynamodb)

        assert scenario.store.votes.get_room_and_tally(room.id, 101) == (room, scenario.tally(room))

    def test_a_page_of_rooms_in_many_responses(self, moto_dynamodb: DynamoDBClient) -> None:
        scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
        rooms = [scenario.room(code=f"AAAAA{n}") for n in "2345678"]
        halve_batches(moto_dynamodb)

        assert list(scenario.store.rooms.list_by_user("ann", NOON, 10, None)) == rooms[::-1]

    def test_keys_that_stay_unprocessed_raise_room_busy(
        self, moto_dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
        room = scenario.room()
        pauses: list[float] = []
        monkeypatch.setattr("rooms.adapters.dynamodb.tables.time.sleep", pauses.append)

        def nothing(parsed: dict[str, Any], **_: object) -> None:
            wanted = {TABLES.rooms: {"Keys": [{"id": {"S": room.id}}]}}
            parsed.update(Responses={}, UnprocessedKeys=wanted)

        moto_dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", nothing)

        with pytest.raises(RoomBusy):
            scenario.store.rooms.list_by_user("ann", NOON, 10, None)
        assert pauses == sorted(pauses)
        assert len(pauses) > 2


def halve_batches(client: DynamoDBClient) -> None:
    """Make every BatchGetItem process only the first of its keys."""

    def shorten(params: dict[str, Any], **_: object) -> None:
        requests = params["RequestItems"]
        (table, wanted), *others = requests.items()
        left = dict(others)
        if wanted["Keys"][1:]:
            left[table] = {**wanted, "Keys": wanted["Keys"][1:]}
        pending.append(left)
        params["RequestItems"] = {table: {**wanted, "Keys": wanted["Keys"][:1]}}

    def leave_out(parsed: dict[str, Any], **_: object) -> None:
        parsed["UnprocessedKeys"] = pending.pop()

    pending: list[dict[str, Any]] = []
    client.meta.events.register("provide-client-params.dynamodb.BatchGetItem", shorten)
    client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_out)


def test_the_largest_transactions_stay_within_a_hundred_actions(
    emulated: DynamoDBClient,
) -> None:
    sizes: list[int] = []

    def measure(params: dict[str, Any], **_: object) -> None:
        sizes.append(len(params["TransactItems"]))

    emulated.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", measure)
    scenario = Scenario(dynamodb_store(emulated, FakeClock()))
    room = scenario.room(films_=films(50))
    for n in range(49):
        room = scenario.join(room, f"user-{n:02}")
    scenario.reconcile(room, scenario.tally(room))

    assert max(sizes) <= 60


class TestTemplate:
    def test_all_but_matches_have_a_time_to_live(self) -> None:
        tables = table_definitions()

        ttl = {name: "TimeToLiveSpecification" in tables[name] for name in NAMES}
        assert ttl == {
            TABLES.rooms: True,
            TABLES.votes: True,
            TABLES.matches: False,
            TABLES.user_matches: False,
            TABLES.visits: True,
            TABLES.outbox: True,
            TABLES.feeds: True,
            TABLES.crews: True,
            "RoomsIdempotencyTable": True,
            "RoomsAttemptsTable": True,
            "DevicesTable": False,
        }

    def test_the_outbox_streams_new_items(self) -> None:
        stream = table_definitions()[TABLES.outbox]["StreamSpecification"]

        assert stream["StreamViewType"] in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}


def test_an_expired_room_s_vote_is_refused_by_the_table_itself(
    moto_dynamodb: DynamoDBClient,
) -> None:
    scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
    room = scenario.room()
    vote = Vote(room.id, "ann", 101, yes=True, at=scenario.store.now() + timedelta(hours=25))
    after = apply_vote(room, scenario.tally(room), vote, identifier(1))
    scenario.store.now.advance(hours=25)

    with pytest.raises(WriteConflict):
        scenario.store.votes.save_vote(
            vote, room, after, scenario.events.vote_cast(vote, after, TRACE)
        )
