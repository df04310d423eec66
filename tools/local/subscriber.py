"""Deploys contracts/subscriber/ to the running local stack, from an account of its own."""

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import ClientError

from tools.local.emulator import Aws
from tools.local.packaging import Package, package
from tools.local.settings import CHECKOUT, REGION, SUBSCRIBER_ACCOUNT
from tools.local.template import load_template

STACK = "movie-nights"
FOLDER = CHECKOUT / "contracts" / "subscriber"
_NEVER_CREATED = "ROLLBACK_COMPLETE"
_SECONDS = 60.0
_POLL_SECONDS = 0.1


class SubscriberError(Exception):
    """The subscriber could not be deployed; the message says why."""


def deploy_subscriber(
    emulator_url: str,
    event_bus_arn: str,
    *,
    account: str = SUBSCRIBER_ACCOUNT,
    template: Path = FOLDER / "template.yaml",
) -> Mapping[str, str]:
    """Deploy the example subscriber and return its stack's outputs.

    Raises SubscriberError, above all when the bus's policy does not let the account listen.
    """
    aws = Aws(emulator_url, account)
    bucket = f"movie-nights-{account}"
    packed = package(load_template(template), FOLDER, bucket, {})
    _upload(aws, bucket, packed)
    if _status(aws) == _NEVER_CREATED:
        remove_subscriber(emulator_url, account)
    exists = _status(aws) is not None
    act = aws.cloudformation.update_stack if exists else aws.cloudformation.create_stack
    try:
        act(
            StackName=STACK,
            TemplateBody=packed.body.decode(),
            Parameters=[{"ParameterKey": "MatineeEventBusArn", "ParameterValue": event_bus_arn}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        if "No updates" not in str(error):
            raise SubscriberError(str(error)) from error
    _wait(aws)
    return _outputs(aws)


def planned_nights(emulator_url: str, account: str = SUBSCRIBER_ACCOUNT) -> list[str]:
    """Return what the subscriber has planned, a line for each night.

    Raises SubscriberError when it is not deployed.
    """
    aws = Aws(emulator_url, account)
    if _status(aws) is None:
        raise SubscriberError("The subscriber is not deployed: make subscriber")
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=_outputs(aws)["NightsTableName"])
    return sorted(
        f"{night['agreed_at']['S']}  {night['title']['S']}, {len(night['guests']['L'])} guests"
        for page in pages
        for night in page["Items"]
    )


def _outputs(aws: Aws) -> dict[str, str]:
    stack = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def remove_subscriber(emulator_url: str, account: str = SUBSCRIBER_ACCOUNT) -> None:
    """Delete the subscriber's stack, its rule on our bus with it."""
    aws = Aws(emulator_url, account)
    aws.cloudformation.delete_stack(StackName=STACK)
    deadline = time.monotonic() + _SECONDS
    while _status(aws) is not None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _upload(aws: Aws, bucket: str, packed: Package) -> None:
    with contextlib.suppress(aws.s3.exceptions.BucketAlreadyOwnedByYou):
        aws.s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    for key, body in packed.artifacts.items():
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body)


def _status(aws: Aws) -> str | None:
    try:
        stack = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return None
    status = str(stack["StackStatus"])
    return None if status == "DELETE_COMPLETE" else status


def _wait(aws: Aws) -> None:
    deadline = time.monotonic() + _SECONDS
    while (status := _status(aws)) and status.endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise SubscriberError(f"The stack {STACK} is still {status}.")
        time.sleep(_POLL_SECONDS)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise SubscriberError(f"The stack {STACK} is {status}:\n{_reasons(aws)}")


def _reasons(aws: Aws) -> str:
    events = aws.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return "\n".join(
        f"  {event.get('LogicalResourceId')}: {event.get('ResourceStatusReason', '?')}"
        for event in reversed(events)
        if "FAILED" in event.get("ResourceStatus", "")
    )
