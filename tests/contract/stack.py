"""What a function finds around it on AWS, made in moto from the template's own definitions."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import boto3

from tools.local.template import Template

_TABLE = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


def environment(template: Template, function: str) -> dict[str, str]:
    """Make the tables and queues that a function's variables name; returns the variables.

    The physical name of a resource is its logical id; a bus and other values keep theirs.
    """
    resources = template["Resources"]
    variables = resources[function]["Properties"]["Environment"]["Variables"]
    return {name: _value(resources, value) for name, value in variables.items()}


def context(function: str) -> Any:  # noqa: ANN401 - as Lambda has it
    """Return a Lambda context."""
    return SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:eu-west-1:000000000000:function:{function}",
        aws_request_id="8f1d2b46-9c03-4e57-a6d8-20b7f5c91e34",
        get_remaining_time_in_millis=lambda: 10_000,
    )


def messages(queue: str) -> list[Mapping[str, Any]]:
    """Take what is in a queue, with its attributes."""
    client = boto3.client("sqs")
    answer = client.receive_message(
        QueueUrl=client.get_queue_url(QueueName=queue)["QueueUrl"],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", ()))


def _value(resources: Mapping[str, Any], value: object) -> str:
    match value:
        case {"Ref": str(name)} if name in resources:
            return _made(name, resources[name])
        case {"Fn::If": _}:
            return "https://graphql.example.com/graphql"
    return str(value)


def _made(name: str, resource: Mapping[str, Any]) -> str:
    match resource["Type"]:
        case "AWS::DynamoDB::Table":
            _make_table(name, resource["Properties"])
        case "AWS::SQS::Queue":
            return boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        case "AWS::Events::EventBus":
            client = boto3.client("events")
            if name not in {bus["Name"] for bus in client.list_event_buses()["EventBuses"]}:
                client.create_event_bus(Name=name)
    return name


def _make_table(name: str, properties: Mapping[str, Any]) -> None:
    client = boto3.client("dynamodb")
    if name not in client.list_tables()["TableNames"]:
        client.create_table(
            TableName=name, **{key: properties[key] for key in _TABLE if key in properties}
        )
