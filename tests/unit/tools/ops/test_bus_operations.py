"""The bus in an operator's hands: lines to read, rules to choose, places to find."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.text import Text

from tools.contracts.paths import ROOT
from tools.ops.events.__main__ import main
from tools.ops.events.environment import Environment, EnvironmentNotFound
from tools.ops.events.live import EventFilter, FunctionLog, event_line, log_line
from tools.ops.events.redrive import redrive
from tools.ops.events.replay import ReplayRequest, moment, replay, wanted_rules

EXAMPLES = ROOT / "contracts" / "events" / "rooms"


class FakeAws:
    """A stack on AWS: each service is a namespace of what it answers."""

    def __init__(self, **services: object) -> None:
        self._services = services

    def client(self, service: str, **_: object) -> object:
        return self._services[service]


def place(outputs: dict[str, str] | None = None, **services: object) -> Environment:
    known = {"EventBusName": "matinee-events", "EventBusArn": "arn:bus"} | (outputs or {})
    stacks = ("matinee", "matinee-rooms")
    session = cast("boto3.Session", FakeAws(**services))
    return Environment("matinee", known, session, stacks=stacks)


def example(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EXAMPLES / name / "1.0.example.json").read_text())
    return event


def plain(line: str) -> str:
    return Text.from_markup(line).plain


def test_a_line_says_when_who_what_about_what_and_why() -> None:
    line = plain(event_line(example("MatchFound"), ("room_id", "movie_id")))

    assert line.split() == [
        "19:36:41.507",
        "matinee.rooms",
        "MatchFound",
        "room_id=…07182930",
        "movie_id=904217",
        "event",
        "…83940516",
        "because",
        "of",
        "…72839405",
        "correlation",
        "019aa7eb-36f7-7d28-aa61-74b3f9c50e86",
    ]


def test_a_line_says_that_it_is_a_replay() -> None:
    assert plain(event_line(example("VoteCast") | {"replay-name": "again"})).endswith(
        "replay again"
    )


def test_what_somebody_put_into_an_event_is_never_taken_for_mark_up() -> None:
    event = example("VoteCast")
    event["detail"]["metadata"]["correlation_id"] = "[red]mine"

    assert "[red]mine" in plain(event_line(event))


def test_a_line_of_a_function_s_log_names_the_function_and_what_it_says() -> None:
    line = log_line(
        {
            "timestamp": "2026-11-21 23:19:29,294+0000",
            "function_name": "matinee-RoomsApiFunction-88E8",
            "message": "answered",
            "field": "vote",
            "location": "elsewhere",
        }
    )

    assert plain(line).split() == ["23:19:29.294", "RoomsApiFunction", "answered", "field=vote"]


def test_a_function_s_log_is_read_once_and_only_our_own_lines_of_that_id() -> None:
    def written(**line: str) -> dict[str, Any]:
        return {"timestamp": 5, "message": json.dumps(line)}

    events = [
        written(correlation_id="mine", level="INFO", message="answered"),
        written(correlation_id="yours", level="INFO", message="mentions mine"),
        written(correlation_id="mine", level="DEBUG", message="invoked"),
        {"timestamp": 6, "message": "START mine"},
    ]
    group = {
        "ResourceStatus": "CREATE_COMPLETE",
        "ResourceType": "AWS::Logs::LogGroup",
        "LogicalResourceId": "RoomsApiFunctionLogs",
        "PhysicalResourceId": "/aws/lambda/rooms",
    }
    other = group | {"LogicalResourceId": "HttpApiLogs"}
    found = {"matinee": [other], "matinee-rooms": [group]}
    pages = SimpleNamespace(
        paginate=lambda StackName: [{"StackResourceSummaries": found[StackName]}]  # noqa: N803
    )
    asked: list[str] = []

    def filter_log_events(**request: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 has it
        asked.append(request["logGroupName"])
        return {"events": events}

    log = FunctionLog(
        place(
            logs=SimpleNamespace(filter_log_events=filter_log_events),
            cloudformation=SimpleNamespace(get_paginator=lambda _: pages),
        ),
        "mine",
        since=0,
    )

    assert [line["message"] for line in log.new()] == ["answered"]
    assert list(log.new()) == []
    assert set(asked) == {"/aws/lambda/rooms"}


@pytest.mark.parametrize(
    ("wanted", "pattern"),
    [
        (EventFilter(), {"source": [{"prefix": "matinee."}]}),
        (
            EventFilter(types=("VoteCast",), sources=("matinee.rooms",)),
            {"source": ["matinee.rooms"], "detail-type": ["VoteCast"]},
        ),
        (
            EventFilter(correlation_id="mine"),
            {
                "source": [{"prefix": "matinee."}],
                "detail": {"metadata": {"correlation_id": ["mine"]}},
            },
        ),
    ],
)
def test_a_wish_is_a_pattern(wanted: EventFilter, pattern: dict[str, Any]) -> None:
    assert wanted.pattern == pattern


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T20:00", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("2026-11-21T20:00:30Z", datetime(2026, 11, 21, 20, 0, 30, tzinfo=UTC)),
        ("2026-11-21T22:00+02:00", datetime(2026, 11, 21, 20, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_utc_unless_it_says_otherwise(text: str, read: datetime) -> None:
    assert moment(text) == read


RULES = [
    {
        "Name": "matinee-rooms-MatchDetectorRule-1A",
        "Arn": "arn:detector",
        "EventPattern": '{"detail-type": ["VoteCast", "ParticipantLeft"]}',
    },
    {
        "Name": "matinee-NotifierRule-2B",
        "Arn": "arn:notifier",
        "EventPattern": '{"detail-type": ["MatchFound"], "replay-name": [{"exists": false}]}',
    },
    {
        "Name": "movie-nights-ForwardMatches-3C",
        "Arn": "arn:nights",
        "EventPattern": '{"detail-type": ["MatchFound"]}',
    },
    {
        "Name": "audit-Everything-4D",
        "Arn": "arn:audit",
        "EventPattern": '{"source": [{"prefix": "matinee."}]}',
    },
    {
        "Name": "audit-Library-5E",
        "Arn": "arn:library",
        "EventPattern": '{"source": ["matinee.library"]}',
    },
    {
        "Name": "audit-Titles-6F",
        "Arn": "arn:titles",
        "EventPattern": '{"detail-type": [{"prefix": "Titles"}, {"anything-but": ["VoteCast"]}]}',
    },
]


def rules_for(**wanted: tuple[str, ...]) -> list[str]:
    pages = SimpleNamespace(paginate=lambda **_: [{"Rules": RULES}])
    bus = place(events=SimpleNamespace(get_paginator=lambda _: pages))
    now = datetime.now(UTC)
    return [rule["Arn"] for rule in wanted_rules(bus, ReplayRequest(now, now, **wanted))]


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(timedelta(hours=1), timedelta(hours=2)), (timedelta(0), timedelta(hours=-1))],
    ids=["the future", "the end before the beginning"],
)
def test_a_replay_of_what_cannot_have_been_is_refused(begins: timedelta, ends: timedelta) -> None:
    now = datetime.now(UTC)

    with pytest.raises(EnvironmentNotFound, match="in the past"):
        replay(place(), ReplayRequest(now + begins, now + ends))


def test_a_replay_is_for_everybody_unless_somebody_is_named() -> None:
    assert rules_for() == []  # EventBridge takes no rule for every rule


def test_a_replay_of_one_type_is_for_the_rules_that_take_it() -> None:
    assert rules_for(types=("VoteCast",)) == ["arn:detector", "arn:audit"]


def test_a_rule_without_a_type_takes_those_of_its_sources() -> None:
    assert rules_for(types=("FavouriteAdded",)) == ["arn:audit", "arn:library", "arn:titles"]


def test_a_replay_is_never_for_a_rule_that_asks_for_live_events() -> None:
    assert rules_for(types=("MatchFound",)) == ["arn:nights", "arn:audit", "arn:titles"]
    with pytest.raises(EnvironmentNotFound, match="No rule"):
        rules_for(rules=("NotifierRule",))


def test_a_rule_is_found_by_each_name_that_the_error_lists() -> None:
    with pytest.raises(EnvironmentNotFound, match="there are: ") as refused:
        rules_for(rules=("NoSuchRule",))

    listed = str(refused.value).partition("there are: ")[2].split(", ")

    assert "matinee-rooms-MatchDetectorRule-1A" in listed
    assert all(len(rules_for(rules=(name,))) == 1 for name in listed)


def test_a_rule_is_named_as_its_template_does() -> None:
    assert rules_for(rules=("MatchDetectorRule",)) == ["arn:detector"]
    assert rules_for(rules=("movie-nights-ForwardMatches",)) == ["arn:nights"]


def test_a_queue_that_is_no_dead_letter_queue_is_refused() -> None:
    with pytest.raises(EnvironmentNotFound, match="is no dead-letter queue"):
        redrive(place(), "NotifierQueue")


def test_a_dead_letter_queue_that_the_stack_has_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(EnvironmentNotFound, match="There are: EventBus, NotifierDlq"):
        redrive(
            place({"NotifierDlqName": "n"}, sqs=SimpleNamespace(get_queue_url=None)), "NotifyerDlq"
        )


class FakeQueues:
    """Queues by name: their URLs are their names."""

    def __init__(self, **queues: list[str]) -> None:
        self.queues = queues
        self.moves: list[tuple[str, str]] = []
        self.has_tasks = True
        self.returns = False
        self.polls = 0
        self.in_flight: set[str] = set()

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803 - as AWS has it
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, *, QueueUrl: str, **_: object) -> dict[str, Any]:  # noqa: N803
        there = len(self.queues[QueueUrl])
        values = {"QueueArn": f"arn:{QueueUrl}", "ApproximateNumberOfMessages": str(there)}
        return {"Attributes": values}

    def receive_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        WaitTimeSeconds: int,  # noqa: N803
        **_: object,
    ) -> dict[str, Any]:
        """Find nothing at first: always when it does not wait, and once when it does."""
        self.polls += 1
        if WaitTimeSeconds == 0 or self.polls % 2:
            return {}
        bodies = [body for body in self.queues[QueueUrl] if body not in self.in_flight][:10]
        self.in_flight.update(bodies)
        return {"Messages": [{"Body": body, "ReceiptHandle": body} for body in bodies]}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.queues[QueueUrl].append(MessageBody)
        if self.returns:
            self.queues["NotifierDlq"].append(MessageBody)

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        self.queues[QueueUrl].remove(ReceiptHandle)

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> None:  # noqa: N803
        if not self.has_tasks:
            raise ClientError({"Error": {"Code": "InvalidAction"}}, "StartMessageMoveTask")
        self.moves.append((SourceArn, DestinationArn))


NOTIFIER = {f"{name}Name": name for name in ("NotifierDlq", "NotifierDeliveryDlq", "NotifierQueue")}


def test_on_aws_the_queue_itself_moves_its_messages_back() -> None:
    sqs = FakeQueues(NotifierDlq=["a"], NotifierQueue=[])

    assert "are being moved to NotifierQueue" in redrive(place(NOTIFIER, sqs=sqs), "NotifierDlq")

    assert sqs.moves == [("arn:NotifierDlq", "arn:NotifierQueue")]


def test_what_the_bus_could_not_deliver_sqs_would_not_move() -> None:
    sqs = FakeQueues(NotifierDeliveryDlq=["a", "b"], NotifierQueue=[])

    done = redrive(place(NOTIFIER, sqs=sqs), "NotifierDeliveryDlq")

    assert done == "2 messages were moved from NotifierDeliveryDlq to NotifierQueue"
    assert sqs.moves == []
    assert sqs.queues == {"NotifierDeliveryDlq": [], "NotifierQueue": ["a", "b"]}


def test_where_sqs_has_no_tasks_messages_are_moved_one_by_one() -> None:
    sqs = FakeQueues(NotifierDlq=[str(n) for n in range(25)], NotifierQueue=[])
    sqs.has_tasks = False

    assert redrive(place(NOTIFIER, sqs=sqs), "NotifierDlq").startswith("25 messages")
    assert len(sqs.queues["NotifierQueue"]) == 25


def test_what_fails_again_at_once_is_not_moved_in_a_circle() -> None:
    sqs = FakeQueues(NotifierDlq=["poison", "more"], NotifierQueue=[])
    sqs.has_tasks, sqs.returns = False, True

    assert redrive(place(NOTIFIER, sqs=sqs), "NotifierDlq").startswith("2 messages")


def test_a_refusal_of_sqs_is_no_reason_to_do_it_by_hand() -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "StartMessageMoveTask")

    sqs = FakeQueues(NotifierDlq=["a"], NotifierQueue=[])
    sqs.start_message_move_task = refuse  # type: ignore[method-assign]

    with pytest.raises(ClientError):
        redrive(place(NOTIFIER, sqs=sqs), "NotifierDlq")
    assert sqs.queues["NotifierDlq"] == ["a"]


def test_without_a_running_product_the_command_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stack-file", str(tmp_path / "stack.json"), "live"]) == 1
    assert "make run" in capsys.readouterr().err
