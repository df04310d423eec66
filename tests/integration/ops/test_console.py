"""The console's interface over a small product: what it reads, what it changes, whom it refuses."""

import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from tools.contracts.paths import ROOT
from tools.ops.console import HEADER
from tools.ops.console.__main__ import create_server
from tools.ops.console.application import Console, create_console
from tools.ops.events.environment import Environment
from tools.ops.events.traces import Traces

BASE = "http://127.0.0.1:4566"
CORRELATION = "019aa7eb-36f7-7d28-aa61-74b3f9c50e86"
BEGAN = round(time.time() * 1000) - 60_000
"""Milliseconds since 1970, as CloudWatch has it, which keeps nothing old."""

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "rooms-events"}},
        "NotifierQueue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notifier"}},
        "NotifierDlq": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notifier-dlq"}},
        **{
            f"{name}FunctionLogs": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": f"/aws/lambda/{name}"},
            }
            for name in ("RoomsApi", "Names")
        },
    },
    "Outputs": {
        "EventBusName": {"Value": {"Ref": "Bus"}},
        "NotifierQueueName": {"Value": "notifier"},
        "NotifierDlqName": {"Value": "notifier-dlq"},
    },
}

type Json = dict[str, Any]
type Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def environment() -> Iterator[Environment]:
    with mock_aws():
        session = boto3.Session(region_name="eu-west-1")
        client = session.client("cloudformation")
        client.create_stack(StackName="matinee-rooms", TemplateBody=json.dumps(TEMPLATE))
        outputs = {name: value["Value"] for name, value in TEMPLATE["Outputs"].items()}
        outputs |= {"EventBusName": "rooms-events"}
        found = Environment("matinee", outputs, session, stacks=("matinee-rooms",))
        yield found


@pytest.fixture
def bus(environment: Environment) -> Environment:
    """Add a rule for matches that are no replay, one for votes, and one of an unknown operator."""
    events = environment.client("events")
    patterns = {
        "NotifierRule": {"detail-type": ["MatchFound"], "replay-name": [{"exists": False}]},
        "MatchDetectorRule": {"detail-type": ["VoteCast"], "source": ["matinee.rooms"]},
        "NetworkRule": {"source": [{"cidr": "10.0.0.0/8"}]},
    }
    for name, pattern in patterns.items():
        rule = {"Name": f"matinee-rooms-{name}", "EventBusName": environment.bus}
        events.put_rule(**rule, EventPattern=json.dumps(pattern))
    queue = {"Id": "queue", "Arn": "arn:aws:sqs:eu-west-1:123456789012:notifier"}
    place = {"Rule": "matinee-rooms-NotifierRule", "EventBusName": environment.bus}
    events.put_targets(**place, Targets=[queue])
    return environment


def asking(console: Console) -> Ask:
    transport = httpx.ASGITransport(create_console(console))

    async def ask(path: str, body: object = None, **headers: str) -> httpx.Response:
        own = {HEADER.replace("-", "_"): "1"} | headers if body is not None else headers
        named = {name.replace("_", "-"): value for name, value in own.items()}
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
            method = "GET" if body is None else "POST"
            return await http.request(method, path, json=body, headers=named)

    return ask


@pytest.fixture
def ask(environment: Environment) -> Ask:
    return asking(Console(lambda: environment))


def dead(environment: Environment, body: str, **attributes: str) -> str:
    sqs = environment.client("sqs")
    url = sqs.get_queue_url(QueueName="notifier-dlq")["QueueUrl"]
    said = {name: {"DataType": "String", "StringValue": it} for name, it in attributes.items()}
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=said)
    return str(sent["MessageId"])


def written(environment: Environment, function: str, request: str, at: int, **line: object) -> None:
    """Write a function's line and Lambda's report of the invocation, which took 40 ms."""
    logs = environment.client("logs")
    group = f"/aws/lambda/{function}"
    logs.create_log_stream(logGroupName=group, logStreamName=request)
    text = json.dumps(
        {
            "level": "INFO",
            "timestamp": "2025-11-24 16:00:00,010+0000",
            "function_name": f"matinee-rooms-{function}Function-1A",
            "function_request_id": request,
            "correlation_id": CORRELATION,
            **line,
        }
    )
    report = f"REPORT RequestId: {request}\tDuration: 40 ms\tBilled Duration: 40 ms"
    logs.put_log_events(
        logGroupName=group,
        logStreamName=request,
        logEvents=[{"timestamp": at, "message": text}, {"timestamp": at, "message": report}],
    )


async def test_dead_letters_show_why_they_are_there(environment: Environment, ask: Ask) -> None:
    dead(environment, "a", reason="no such room")
    dead(environment, "b", ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="denied")
    dead(environment, "c")

    found = (await ask("/queues/NotifierDlq/letters")).json()["items"]

    assert [(it["body"], it["reason"]) for it in found] == [
        ("a", "no such room"),
        ("b", "NO_PERMISSIONS: denied"),
        ("c", "no attempt succeeded: the consumer's log says why"),
    ]


async def test_one_dead_letter_is_discarded_and_the_others_stay(
    environment: Environment, ask: Ask
) -> None:
    ids = [dead(environment, body) for body in "abc"]

    done = await ask("/queues/NotifierDlq/discard", {"message": ids[1]})
    again = await ask("/queues/NotifierDlq/discard", {"message": ids[1]})

    left = (await ask("/queues/NotifierDlq/letters")).json()["items"]
    assert (done.status_code, again.status_code) == (200, 404)
    assert [it["body"] for it in left] == ["a", "c"]


@pytest.mark.parametrize(("queue", "says"), [("NotifierQueue", "no dead-letter"), ("XDlq", "XDlq")])
async def test_only_a_dead_letter_queue_of_the_product_is_looked_into(
    queue: str, says: str, ask: Ask
) -> None:
    answer = await ask(f"/queues/{queue}/letters")

    assert answer.status_code == 404
    assert says in answer.json()["detail"]


async def test_queues_are_counted(environment: Environment, ask: Ask) -> None:
    dead(environment, "a")

    counted = (await ask("/queues")).json()["items"]

    assert counted == [
        {"name": "NotifierDlq", "waiting": 1, "at_work": 0, "dead_letters": True},
        {"name": "NotifierQueue", "waiting": 0, "at_work": 0, "dead_letters": False},
    ]


async def test_each_rule_says_whether_it_takes_an_event_and_why(bus: Environment) -> None:
    event = {"detail-type": "MatchFound", "source": "matinee.rooms", "replay-name": "again"}

    answer = await asking(Console(lambda: bus))("/rules/explain", event)

    rules = {it["rule"]: it for it in answer.json()["items"]}
    assert {name: rule["takes"] for name, rule in rules.items()} == {
        "NotifierRule": False,
        "MatchDetectorRule": False,
        "NetworkRule": None,
    }
    assert rules["NotifierRule"]["targets"] == ["notifier"]
    reasons = {it["field"]: it for it in rules["NotifierRule"]["reasons"]}
    assert reasons["detail-type"]["accepted"]
    assert reasons["replay-name"] == {
        "field": "replay-name",
        "asked": [{"exists": False}],
        "accepted": False,
        "found": "again",
        "is_there": True,
    }


async def test_takers_are_named_first(bus: Environment) -> None:
    event = {"detail-type": "VoteCast", "source": "matinee.rooms"}

    answer = await asking(Console(lambda: bus))("/rules/explain", event)

    assert [it["takes"] for it in answer.json()["items"]] == [True, None, False]


async def test_a_sample_reaches_the_bus_as_a_new_event(bus: Environment) -> None:
    events, sqs = bus.client("events"), bus.client("sqs")
    sends = asking(Console(lambda: bus))

    first = (await sends("/samples", {"type": "MatchFound"})).json()["metadata"]
    second = (await sends("/samples", {"type": "MatchFound"})).json()["metadata"]

    url = sqs.get_queue_url(QueueName="notifier")["QueueUrl"]
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert len(events.list_rules(EventBusName=bus.bus)["Rules"]) == 3  # and no listener is left
    heard = {json.loads(it["Body"])["detail"]["metadata"]["event_id"] for it in got}
    assert heard == {first["event_id"], second["event_id"]}


async def test_a_sample_that_breaks_its_schema_is_not_sent(ask: Ask) -> None:
    answer = await ask("/samples", {"type": "MatchFound", "data": {"room_id": "r"}})

    assert answer.status_code == 422
    assert "'movie_id' is a required property" in answer.json()["detail"]


def test_a_trace_spans_functions_in_the_order_in_which_they_began(environment: Environment) -> None:
    written(environment, "Names", "r2", BEGAN + 90, service="auth", message="named")
    written(environment, "RoomsApi", "r1", BEGAN + 50, service="rooms", field="createRoom")
    written(environment, "Names", "r3", BEGAN + 95, service="auth", correlation_id="another")
    traces = Traces(environment, ["/aws/lambda/RoomsApi", "/aws/lambda/Names", "/aws/lambda/None"])

    found = traces.invocations(CORRELATION, BEGAN - 1000)

    spans = [(it.service, it.function, it.began - BEGAN, it.ended - BEGAN) for it in found]
    assert spans == [
        ("rooms", "RoomsApiFunction", 10, 50),
        ("auth", "NamesFunction", 50, 90),
    ]
    assert found[0].lines[0]["field"] == "createRoom"


def test_requests_are_named_by_what_was_asked(environment: Environment) -> None:
    written(environment, "Names", "r2", BEGAN, service="auth", level="ERROR", message="failed")
    written(environment, "RoomsApi", "r1", BEGAN, service="rooms", field="createRoom")
    traces = Traces(environment, ["/aws/lambda/RoomsApi", "/aws/lambda/Names"])

    (request,) = traces.requests(BEGAN - 1000)

    assert (request.correlation_id, request.label) == (CORRELATION, "createRoom")
    assert (request.services, request.failed) == (["auth", "rooms"], True)


@pytest.mark.parametrize(("label", "found"), [("ROOM", ["createRoom"]), ("vote", [])])
async def test_requests_are_found_by_a_part_of_their_name(
    label: str, found: list[str], environment: Environment, ask: Ask
) -> None:
    at = round(time.time() * 1000) - 5_000
    written(environment, "RoomsApi", "r1", at, service="rooms", field="createRoom")

    answer = await ask(f"/requests?label={label}")

    assert [it["label"] for it in answer.json()["items"]] == found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/queues/NotifierDlq/redrive", {}),
        ("/queues/NotifierDlq/discard", {"message": "m"}),
        ("/replays", {"rule": "NotifierRule", "minutes": 5}),
        ("/samples", {"type": "MatchFound"}),
    ],
)
async def test_a_console_that_only_reads_refuses_to_change(
    path: str, body: Json, environment: Environment
) -> None:
    dead(environment, "a")
    reads = asking(Console(lambda: environment, read_only=True, listens=False))

    answer = await reads(path, body)

    assert (answer.status_code, answer.json()["code"]) == (403, "ReadOnly")
    assert len((await reads("/queues/NotifierDlq/letters")).json()["items"]) == 1
    assert (await reads("/events")).json()["code"] == "NotListening"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/queues/NotifierDlq/discard", {}),
        ("/replays", {"rule": "NotifierRule", "minutes": "5"}),
        ("/replays", {"rule": "NotifierRule", "minutes": 0}),
        ("/samples", {"type": "MatchFound", "more": 1}),
        ("/samples", ["MatchFound"]),
        ("/requests?minutes=few", None),
    ],
)
async def test_a_request_that_is_not_understood_is_refused(
    path: str, body: object, ask: Ask
) -> None:
    answer = await ask(path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidInput")


async def test_the_console_knows_every_published_event(ask: Ask) -> None:
    about = (await ask("/about")).json()

    assert (about["name"], about["readOnly"], about["listens"]) == ("matinee", False, True)
    known = {(it["service"], it["type"]) for it in about["events"]}
    folders = (ROOT / "contracts" / "events").glob("*/*/")
    assert known <= {(folder.parent.name, folder.name) for folder in folders}
    assert ("rooms", "MatchFound") in known
    assert all(it["schema"]["properties"] and it["example"] for it in about["events"])


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:4200"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"host": "matinee.evil.example:4566"},
    ],
)
@pytest.mark.parametrize("body", [None, {"type": "MatchFound"}], ids=["reading", "sending"])
async def test_pages_of_other_addresses_are_refused(
    headers: dict[str, str], body: Json | None, ask: Ask
) -> None:
    answer = await ask("/samples" if body else "/about", body, **headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "ForeignOrigin")


async def test_a_form_which_cannot_send_the_header_changes_nothing(
    environment: Environment,
) -> None:
    transport = httpx.ASGITransport(create_console(Console(lambda: environment)))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        answer = await http.post("/samples", content='{"type": "MatchFound"}')

    assert (answer.status_code, answer.json()["code"]) == (403, "ForeignOrigin")


async def test_pages_of_its_own_address_are_served(ask: Ask) -> None:
    own = await ask("/about", origin=BASE, sec_fetch_site="same-origin")

    assert own.status_code == 200


async def test_a_stack_on_aws_is_served_beside_the_app_to_read_only(
    environment: Environment,
) -> None:
    transport = httpx.ASGITransport(create_server(environment, listens=False))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        first = await http.get("/")
        about = await http.get("/_matinee/console/about")
        sent = await http.post(
            "/_matinee/console/samples", json={"type": "MatchFound"}, headers={HEADER: "1"}
        )

    assert first.headers["location"] == "/_matinee/app/console"
    assert (about.json()["readOnly"], about.json()["listens"]) == (True, False)
    assert sent.json()["code"] == "ReadOnly"
