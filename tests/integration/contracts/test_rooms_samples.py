"""The functions of rooms, by their samples, over moto."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from matinee.ids import new_id
from matinee.media import MediaType
from rooms import bootstrap
from rooms.adapters.appsync.match_publisher import AppSyncMatchPublisher
from rooms.adapters.dynamodb.tables import Tables
from rooms.api.use_cases import UseCases
from rooms.bootstrap import OtherServices, Repositories, build_repositories, build_use_cases
from rooms.domain.errors import RoomNotFound
from rooms.domain.room import Movie, Room
from rooms.domain.room_code import RoomCodeGenerator
from rooms.events.published import PUBLISHED
from rooms.handlers import api, closer, feed_writer, match_detector, notifier, relay
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.find_candidates import CandidateFinder
from tests.contract.stack import context, environment, messages
from tests.fakes.attempts import Unlimited
from tests.fakes.clock import FakeClock
from tests.fakes.rooms import (
    FakeCardReader,
    FakeGroupDeckClient,
    FakeNameDirectory,
    FakeOwnPlatforms,
    FakeOwnScores,
)
from tests.fakes.rooms_app import TRACE
from tools.appsync.javascript import JavaScript
from tools.contracts.paths import ROOT
from tools.contracts.project import Project
from tools.contracts.refusals import REFUSALS

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

SAMPLES = ROOT / "events" / "rooms"
CALLS = sorted(SAMPLES.glob("RoomsApiFunction.appsync.*.json"))


def sample(name: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads((SAMPLES / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def javascript() -> JavaScript:
    runtime = JavaScript()
    runtime.define("lambda", (ROOT / "services/rooms/resolvers/lambda.js").read_text())
    return runtime


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.name.split(".")[2])
def test_a_call_is_just_what_the_api_s_resolver_sends(path: Path, javascript: JavaScript) -> None:
    call = json.loads(path.read_text())
    ctx = {**call, "args": call["arguments"]}

    outcome = javascript.call("lambda", "request", "User Pool Authorization", ctx)

    assert outcome.value == {"operation": "Invoke", "payload": call}


MAKERS = (
    bootstrap.use_cases,
    bootstrap.match_detector,
    bootstrap.notifier,
    bootstrap.expired_room_closer,
    bootstrap.feed_writer,
    bootstrap.relay,
)

type Invoke = Callable[[str, str], Any]
"""Hands a sample, named by trigger and case, to a function of the template."""


@pytest.fixture
def invoke(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    """Run functions with the environment that the template gives them, made in moto."""

    def run(function: str, name: str) -> Any:  # noqa: ANN401 - what a function answers
        for variable, value in environment(project.template, function).items():
            monkeypatch.setenv(variable, value)
        for maker in MAKERS:
            maker.cache_clear()
        event = sample(f"{function}.{name}")
        return HANDLERS[function](event, context(function))

    with mock_aws():
        yield run
    for maker in MAKERS:
        maker.cache_clear()


HANDLERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "RoomsApiFunction": api.handler,
    "RoomsRelayFunction": relay.handler,
    "MatchDetectorFunction": match_detector.handler,
    "NotifierFunction": notifier.handler,
    "RoomCloserFunction": closer.handler,
    "FeedWriterFunction": feed_writer.handler,
}


class SampleCatalog:
    """Has the film of the samples."""

    def discover(self, media_type: MediaType, *_: object) -> list[Movie]:
        """Return one film."""
        return [Movie(904217, "The Lighthouse Orchard", "Two sisters.", media_type)]


class SampleCodes:
    """Draws the code of the samples."""

    def generate(self) -> str:
        """Return it."""
        return "KQ7M3X"


@dataclass(frozen=True)
class Evening:
    """The room of the samples, as they know it, with its host in it; the API function's calls."""

    room: Room
    over: Repositories
    use_cases: UseCases
    call: Callable[[str], Any]


@pytest.fixture
def evening(project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """Open the room of the samples at the moment of which they tell."""
    variables = environment(project.template, "RoomsApiFunction")
    tables = Tables(
        rooms=variables["ROOMS_TABLE"],
        votes=variables["VOTES_TABLE"],
        matches=variables["MATCHES_TABLE"],
        user_matches=variables["USER_MATCHES_TABLE"],
        visits=variables["VISITS_TABLE"],
        outbox=variables["OUTBOX_TABLE"],
        feeds=variables["FEEDS_TABLE"],
        crews=variables["CREWS_TABLE"],
    )
    clock, client = FakeClock(datetime(2025, 11, 21, 19, 30, tzinfo=UTC)), boto3.client("dynamodb")
    over = build_repositories(tables, client, clock)
    ids = iter([sample("RoomsApiFunction.appsync.vote")["arguments"]["input"]["roomId"]])
    find = CandidateFinder(SampleCatalog(), FakeGroupDeckClient())
    built = build_use_cases(
        over,
        OtherServices(
            find, FakeNameDirectory(), FakeCardReader(), FakeOwnScores(), FakeOwnPlatforms()
        ),
        Unlimited(),
        clock,
    )
    create_room = replace(
        built.create_room,
        codes=cast("RoomCodeGenerator", SampleCodes()),
        new_id=lambda: next(ids, None) or new_id(),
    )
    told = sample("RoomsApiFunction.appsync.publish-user-invitation")["arguments"]["input"]
    starting = built.crews.start_room
    started = replace(starting.create_room, new_id=lambda: told["roomId"])
    crews = replace(built.crews, start_room=replace(starting, create_room=started))
    use_cases = replace(built, create_room=create_room, crews=crews)
    monkeypatch.setattr(api, "use_cases", lambda: use_cases)
    host = sample("RoomsApiFunction.appsync.create-room")["identity"]["sub"]
    room, _ = use_cases.create_room(host, CreateRoom(MediaType.MOVIE, (35, 18), 2, 6), TRACE)
    return Evening(
        room, over, use_cases, lambda case: invoke("RoomsApiFunction", f"appsync.{case}")
    )


def test_the_good_calls_succeed_in_the_order_of_an_evening(evening: Evening) -> None:
    room, call = evening.room, evening.call

    joined = call("join-room")["data"]
    found = call("get-room-by-code")["data"]
    shown = call("get-room")["data"]
    dealt = call("deck")["data"]
    voted = call("vote")["data"]
    votes = call("my-votes")["data"]
    standings = call("standings")["data"]
    undecided = call("room-decision")["data"]
    proposed = call("propose")["data"]
    decided = call("decide")["data"]
    told = call("publish-user-decision")["data"]
    listed = call("get-my-decisions")["data"]
    taken_back = call("vote-taken-back")["data"]
    mine = call("get-my-rooms")["data"]
    matches = call("get-my-matches")["data"] + call("room-matches")["data"]
    extended = call("extend-room")["data"]
    left = call("leave-room")["data"]
    call("join-room")
    removed = call("remove-participant")["data"]
    closed = call("close-room")["data"]

    assert joined["id"] == found["id"] == shown["id"] == room.id
    assert [movie["title"] for movie in dealt] == ["The Lighthouse Orchard"]
    assert voted["success"]
    assert voted["match"] is None
    assert votes == [voted["vote"]]
    assert (undecided, proposed["decision"]) == (None, None)
    assert listed == [decided]
    assert told["decisionId"] == decided["decisionId"]
    assert standings == [], "two people are too few to count"
    assert taken_back["vote"]["vote"] is None
    assert [entry["id"] for entry in mine] == [room.id]
    assert matches == []
    assert left["participants"] == removed["participants"] == [room.host_id]
    assert extended["closesAt"] == "2025-11-23T19:30:00.000Z"
    assert closed["closeReason"] == "CLOSED_BY_HOST"


def test_the_calls_of_a_crew_succeed_one_after_the_other(evening: Evening) -> None:
    call = evening.call
    call("join-room")

    crew = call("create-crew")["data"]
    room = call("start-room")["data"]
    listed = call("my-crews")["data"]
    [invitation] = call("get-my-invitations")["data"]
    told = call("publish-user-invitation")["data"]
    left = call("leave-crew")["data"]

    assert [it["name"] for it in crew["people"]] == [it.title() for it in crew["members"]]
    assert listed == {"items": [crew], "nextToken": None}
    assert told == {"userId": crew["members"][1], **invitation}
    assert (invitation["roomId"], invitation["code"]) == (room["id"], room["code"])
    assert left["members"] == room["participants"] == [evening.room.host_id]


def test_a_room_is_opened_by_the_sample_that_opens_one(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_room = replace(evening.use_cases.create_room, codes=RoomCodeGenerator())
    elsewhere = replace(evening.use_cases, create_room=create_room)
    monkeypatch.setattr(api, "use_cases", lambda: elsewhere)

    opened = evening.call("create-room")["data"]

    assert opened["id"] != evening.room.id
    assert opened["genreIds"] == [35, 18]
    assert len(opened["candidates"]) == 1


def test_a_match_is_published_to_its_users_only(evening: Evening) -> None:
    evening.call("join-room")
    evening.call("vote")
    over, room = evening.over, evening.room
    _, match = evening.use_cases.cast_vote(room.host_id, room.id, 904217, TRACE, yes=True)
    assert match is not None
    over.matches.record(match, over.events.match_found(match, TRACE))

    told = evening.call("publish-user-match")["data"]
    untold = evening.call("unknown-match")["error"]

    assert told["movieTitle"] == "The Lighthouse Orchard"
    assert told["userId"] in told["matchedUsers"]
    assert untold["type"] == "MatchNotFound"


@pytest.mark.parametrize(
    "key", [key for key in REFUSALS if key.startswith("rooms/RoomsApiFunction.")]
)
def test_a_bad_call_is_refused_with_its_own_error(key: str, evening: Evening) -> None:
    evening.call("join-room")

    answer = evening.call(key.split(".")[2])

    assert answer["error"]["type"] == REFUSALS[key].error
    assert answer["error"]["message"]


def test_the_error_of_the_unknown_room_is_the_one_that_people_read(evening: Evening) -> None:
    assert evening.call("unknown-room")["error"]["message"] == RoomNotFound.title


def test_a_message_that_is_no_json_goes_to_the_dlq_with_a_reason(
    invoke: Invoke,
) -> None:
    answer = invoke("MatchDetectorFunction", "sqs.not-json")

    assert answer == {"batchItemFailures": []}
    (buried,) = messages("MatchDetectorDlq")
    assert buried["MessageAttributes"]["reason"]["StringValue"] == "the message is not JSON"


def test_a_message_that_violates_its_contract_goes_to_the_dlq(
    invoke: Invoke,
) -> None:
    answer = invoke("NotifierFunction", "sqs.wrong-contract")

    assert answer == {"batchItemFailures": []}
    (buried,) = messages("NotifierDlq")
    assert "data.title: Field required" in buried["MessageAttributes"]["reason"]["StringValue"]


@pytest.mark.parametrize("case", ["vote-cast", "participant-left"])
def test_a_good_message_is_understood_even_if_its_room_is_gone(case: str, invoke: Invoke) -> None:
    answer = invoke("MatchDetectorFunction", f"sqs.{case}")

    assert answer == {"batchItemFailures": []}
    reasons = [
        message["MessageAttributes"]["reason"]["StringValue"]
        for message in messages("MatchDetectorDlq")
    ]
    assert not any("Field required" in reason for reason in reasons)


def test_a_good_message_notifies_every_matched_user(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(AppSyncMatchPublisher, "publish", lambda _, user, *__: told.append(user))

    first = invoke("NotifierFunction", "sqs.match-found")
    again = invoke("NotifierFunction", "sqs.match-found")

    body = json.loads(sample("NotifierFunction.sqs.match-found")["Records"][0]["body"])
    assert first == again == {"batchItemFailures": []}
    assert sorted(told) == sorted(body["detail"]["data"]["matched_users"])


def test_a_good_outbox_item_is_published(invoke: Invoke) -> None:
    received = _listen()

    invoke("RoomsRelayFunction", "stream.vote-cast")

    (event,) = received()
    assert event["detail-type"] == "VoteCast"
    assert PUBLISHED.read(event["detail"]).metadata.source == "matinee.rooms"


def test_a_broken_outbox_item_goes_to_the_dlq_alone(invoke: Invoke, project: Project) -> None:
    received = _listen()
    environment(project.template, "RoomsRelayFunction")
    broken = sample("RoomsRelayFunction.stream.broken-contract")["Records"][0]["dynamodb"]
    boto3.client("dynamodb").put_item(TableName="RoomsOutboxTable", Item=broken["NewImage"])

    invoke("RoomsRelayFunction", "stream.broken-contract")

    assert [event["detail-type"] for event in received()] == ["MatchFound"]
    (buried,) = messages("RoomsRelayDlq")
    assert "data.movie_id" in buried["MessageAttributes"]["reason"]["StringValue"]


def test_the_minute_closes_what_has_expired_and_tells_it(evening: Evening, invoke: Invoke) -> None:
    first = invoke("RoomCloserFunction", "schedule.minute")
    again = invoke("RoomCloserFunction", "schedule.minute")

    assert (first, again) == ({"closed": 1}, {"closed": 0}), "an evening of years ago"
    outbox = boto3.client("dynamodb").scan(TableName="RoomsOutboxTable")["Items"]
    told = [json.loads(item["detail"]["S"]) for item in outbox]
    closed = [it["data"] for it in told if it["metadata"]["event_type"] == "RoomClosed"]
    assert [it["room_id"] for it in closed] == [evening.room.id]


def test_a_sweep_of_an_empty_outbox_does_nothing(invoke: Invoke) -> None:
    received = _listen()

    invoke("RoomsRelayFunction", "schedule.sweep")

    assert received() == []


def _listen() -> Callable[[], Sequence[Any]]:
    """Put a queue behind the bus; returns what takes the events out of it."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    events.create_event_bus(Name="EventBus")
    pattern = json.dumps({"source": [{"prefix": "matinee."}]})
    events.put_rule(Name="all", EventBusName="EventBus", EventPattern=pattern)
    events.put_targets(
        Rule="all",
        EventBusName="EventBus",
        Targets=[{"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}],
    )
    return lambda: [json.loads(message["Body"]) for message in messages("heard")]
