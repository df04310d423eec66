"""The example subscriber works with what we publish today and may publish tomorrow."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.contract.stack import context, environment, messages
from tools.contracts.paths import ROOT
from tools.contracts.project import Project
from tools.contracts.rules import rules_of

FOLDER = ROOT / "contracts" / "subscriber"
EXAMPLES = sorted((ROOT / "contracts" / "events" / "rooms" / "MatchFound").glob("*.example.json"))

type Invoke = Callable[..., Any]
"""Hands events to the subscriber's function, each as one message of one batch."""


@pytest.fixture
def invoke(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in [name for name in sys.modules if name.startswith("movie_nights")]:
        monkeypatch.delitem(sys.modules, name)
    handler = importlib.import_module("movie_nights.handler").handler
    with mock_aws():
        for name, value in environment(project.subscriber_template, "PlanNightFunction").items():
            monkeypatch.setenv(name, value)
        yield lambda *events: handler(_batch(events), context("PlanNightFunction"))


def example(path: Path = EXAMPLES[-1]) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(path.read_text())


def nights() -> list[dict[str, Any]]:
    return [dict(item) for item in boto3.resource("dynamodb").Table("NightsTable").scan()["Items"]]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_it_plans_a_night_for_every_version_of_a_match(path: Path, invoke: Invoke) -> None:
    event = example(path)

    assert invoke(event) == {"batchItemFailures": []}

    (night,) = nights()
    assert night["match_id"] == event["detail"]["data"]["match_id"]
    assert night["guests"] == event["detail"]["data"]["matched_users"]
    assert night["poster_path"] == event["detail"]["data"]["poster_path"]


def test_an_event_that_arrives_twice_plans_one_night(invoke: Invoke) -> None:
    invoke(example())
    boto3.client("dynamodb").delete_item(
        TableName="NightsTable",
        Key={"match_id": {"S": example()["detail"]["data"]["match_id"]}},
    )

    assert invoke(example()) == {"batchItemFailures": []}
    assert nights() == []  # The second one did not even try.


def test_a_repeat_after_its_id_expired_changes_nothing(invoke: Invoke) -> None:
    invoke(example())
    replayed = example()
    replayed["detail"]["metadata"]["event_id"] = "019aa7ff-0000-7000-8000-000000000001"
    replayed["detail"]["data"]["title"] = "Another Title"

    assert invoke(replayed) == {"batchItemFailures": []}
    assert [night["title"] for night in nights()] == [example()["detail"]["data"]["title"]]


def test_it_does_not_mind_what_a_later_version_adds(invoke: Invoke) -> None:
    event = example()
    event["detail"]["metadata"] |= {"schema_version": "1.7", "tenant": "north"}
    event["detail"]["data"] |= {"runtime_minutes": 104, "cast": [{"name": "Ada"}]}

    assert invoke(event) == {"batchItemFailures": []}
    assert len(nights()) == 1


def test_it_plans_nothing_for_another_major_version(invoke: Invoke) -> None:
    event = example()
    event["detail"]["metadata"]["schema_version"] = "2.0"

    assert invoke(event) == {"batchItemFailures": []}
    assert nights() == []
    assert len(messages("MatchesDlq")) == 1


def test_it_goes_on_without_a_poster(invoke: Invoke) -> None:
    event = example()
    del event["detail"]["data"]["poster_path"]

    assert invoke(event) == {"batchItemFailures": []}
    assert "poster_path" not in nights()[0]


@pytest.mark.parametrize("broken", [{}, [], {"detail": {"data": {"title": "No Match"}}}, "poison"])
def test_a_broken_message_goes_to_the_dlq_and_blocks_no_other(
    invoke: Invoke, broken: object
) -> None:
    answer = invoke(broken, example())

    assert answer == {"batchItemFailures": []}
    assert len(nights()) == 1
    (buried,) = messages("MatchesDlq")
    assert json.loads(buried["Body"]) == broken
    assert "this is no match" in buried["MessageAttributes"]["reason"]["StringValue"]


def test_a_passing_fault_fails_its_own_message_alone(invoke: Invoke) -> None:
    invoke(example())
    boto3.client("dynamodb").delete_table(TableName="NightsTable")
    other = example()
    other["detail"]["metadata"]["event_id"] = "019aa7ff-0000-7000-8000-000000000002"

    answer = invoke(example(), other)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}


def test_its_rules_let_our_example_through_and_nothing_else_of_ours(project: Project) -> None:
    rules = list(rules_of(project.subscriber_template))

    delivered = [
        {contract.event_type for contract in project.known if rule.delivers(contract)}
        for rule in rules
    ]
    assert delivered == [{"MatchFound"}, {"MatchFound"}]


def test_its_rule_on_our_bus_ends_at_a_bus_of_its_own(project: Project) -> None:
    resources = project.subscriber_template["Resources"]
    (rule,) = [
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Events::Rule"
        and resource["Properties"]["EventBusName"] == {"Ref": "MatineeEventBusArn"}
    ]

    (target,) = rule["Targets"]
    own_bus, _ = target["Arn"]["Fn::GetAtt"]
    assert resources[own_bus]["Type"] == "AWS::Events::EventBus"


def test_its_queue_is_guarded_like_ours(project: Project) -> None:
    resources = project.subscriber_template["Resources"]
    queue = resources["MatchesQueue"]["Properties"]
    function = resources["PlanNightFunction"]["Properties"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert resources["MatchesRule"]["Properties"]["Targets"][0]["DeadLetterConfig"]


def _batch(events: tuple[Any, ...]) -> dict[str, Any]:
    bodies = [json.dumps(event) for event in events]
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": md5(body.encode()).hexdigest(),  # noqa: S324 - as SQS does
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:MatchesQueue",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
