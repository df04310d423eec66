"""The policy of a bus beside the templates': what is missing, other, or nobody's."""

import json
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest

from tools.ops.bus_policy import policy_faults
from tools.ops.events.environment import Environment

BUS = "matinee-events"
BUS_ARN = f"arn:aws:events:eu-west-1:111111111111:event-bus/{BUS}"
ROLE = "arn:aws:iam::111111111111:role/relay"
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Bus": {"Type": "String"},
        "Accounts": {"Type": "CommaDelimitedList", "Default": ""},
        "Others": {"Type": "String", "Default": ""},
    },
    "Conditions": {"HasAccounts": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Others"}, ""]}]}},
    "Resources": {
        "RelayRole": {"Type": "AWS::IAM::Role", "Properties": {}},
        "OnlyTheRelay": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": {"Fn::Sub": "${AWS::StackName}-only-publisher"},
                "Statement": {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "events:PutEvents",
                    "Resource": BUS_ARN,
                    "Condition": {
                        "ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["RelayRole", "Arn"]}}
                    },
                },
            },
        },
        "Subscribers": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": "rules",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Ref": "Accounts"}},
                    "Action": ["events:PutTargets", "events:PutRule"],
                    "Resource": BUS_ARN,
                },
            },
        },
        "Nobody": {
            "Type": "AWS::Events::EventBusPolicy",
            "Condition": "HasAccounts",
            "Properties": {"EventBusName": {"Ref": "Bus"}, "StatementId": "no", "Statement": {}},
        },
    },
}
RELAY = {
    "Sid": "matinee-rooms-only-publisher",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "events:PutEvents",
    "Resource": BUS_ARN,
    "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
}
RULES = {
    "Sid": "rules",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::333333333333:root", "arn:aws:iam::222222222222:root"]},
    "Action": ["events:PutRule", "events:PutTargets"],
    "Resource": BUS_ARN,
}


def faults(*standing: dict[str, Any]) -> list[str]:
    """Compare the template with a bus that has these statements, as AWS writes them."""
    parameters = {"Bus": BUS, "Accounts": "222222222222,333333333333", "Others": ""}
    described = {
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
    }
    roles = {"LogicalResourceId": "RelayRole", "PhysicalResourceId": "relay"}
    cloudformation = SimpleNamespace(
        describe_stacks=lambda **_: {"Stacks": [described]},
        get_template=lambda **_: {"TemplateBody": TEMPLATE},
        get_paginator=lambda _: SimpleNamespace(
            paginate=lambda **_: [{"StackResourceSummaries": [roles]}]
        ),
    )
    policy = {"Policy": json.dumps({"Statement": list(standing)})} if standing else {}
    services = {
        "cloudformation": cloudformation,
        "events": SimpleNamespace(describe_event_bus=lambda **_: policy),
    }
    session = SimpleNamespace(client=lambda service, **_: services[service])
    environment = Environment(
        "matinee",
        {"EventBusName": BUS, "EventBusArn": BUS_ARN},
        cast("boto3.Session", session),
        stacks=("matinee-rooms",),
    )
    return list(policy_faults(environment))


def test_the_templates_policy_in_aws_s_words_is_right() -> None:
    assert faults(RELAY, RULES) == []


@pytest.mark.parametrize(
    ("standing", "found"),
    [
        ([RULES], "matinee-rooms-only-publisher is missing; it should be {"),
        ([RELAY, {**RULES, "Action": "events:*"}], 'rules is {"Effect": "Allow"'),
        ([RELAY, RULES, {**RULES, "Sid": "guest"}], "guest is in no template: {"),
    ],
    ids=["missing", "other", "nobody's"],
)
def test_a_policy_that_differs_is_named(standing: list[dict[str, Any]], found: str) -> None:
    [fault] = faults(*standing)

    assert fault.startswith(found)


def test_a_bus_without_a_policy_lacks_every_statement() -> None:
    assert len(faults()) == 2
