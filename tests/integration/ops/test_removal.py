"""Taking an environment down: what goes, what stays, and what must not be left."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final, cast

import boto3
import pytest
from moto import mock_aws

from tools.ops import removal
from tools.ops.events.environment import Environment
from tools.ops.inventory import BUCKET, LOGS, POOL, TABLE, inventory

REGION: Final = "eu-west-1"
STACK = "films-rooms"
GROUP = f"/aws/lambda/{STACK}-NotifierFunction"
OF_ANOTHER = "/aws/lambda/films-rooms2-NotifierFunction"
TABLES = ("votes", "rooms")

pytestmark = pytest.mark.enable_socket


class FakeCloudFormation:
    """One stack: its status, and its resources with their own; it deletes what it does not keep."""

    def __init__(self, status: str, resources: list[tuple[str, str, str, str]]) -> None:
        self.status = status
        self.resources = resources
        self.deleted: list[str] = []

    def describe_stacks(self, **_: object) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_template(self, **_: object) -> dict[str, Any]:
        kept = {"DeletionPolicy": "RetainExceptOnCreate"}
        return {
            "TemplateBody": {
                "Resources": {
                    name: {"Type": kind, **({} if kind == LOGS else kept)}
                    for name, kind, _, _ in self.resources
                }
            }
        }

    def get_paginator(self, _: str) -> SimpleNamespace:
        page = {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "ResourceType": kind,
                    "PhysicalResourceId": physical,
                    "ResourceStatus": status,
                }
                for name, kind, physical, status in self.resources
            ]
        }
        return SimpleNamespace(paginate=lambda **_: [page])

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - as AWS has it
        self.deleted.append(StackName)

    def get_waiter(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(wait=lambda **_: None)


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        for table in TABLES:
            session.client("dynamodb").create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                DeletionProtectionEnabled=True,
            )
        s3 = session.client("s3")
        s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket="models", Key="current.json", Body=b"{}")
        for group in (GROUP, f"/aws/lambda/{STACK}-Late", OF_ANOTHER):
            session.client("logs").create_log_group(logGroupName=group)
        yield session


def environment(session: boto3.Session, status: str, of_resources: str) -> Environment:
    """Return an environment of one stack with tables, a pool and a bucket."""
    pool = session.client("cognito-idp").create_user_pool(PoolName="users")["UserPool"]["Id"]
    stack = FakeCloudFormation(
        status,
        [
            *((name, TABLE, name, of_resources) for name in TABLES),
            ("Gone", TABLE, "films-gone", "DELETE_COMPLETE"),
            ("UserPool", POOL, pool, of_resources),
            ("ModelBucket", BUCKET, "models", of_resources),
            ("NotifierFunctionLogs", LOGS, GROUP, "CREATE_COMPLETE"),
        ],
    )
    clients = SimpleNamespace(
        client=lambda service, **_: (
            stack if service == "cloudformation" else session.client(service)
        )
    )
    return Environment("films", {}, cast("boto3.Session", clients), stacks=(STACK,))


def what_is_there(session: boto3.Session) -> tuple[int, int, int]:
    """Count the tables, the pools and the buckets."""
    return (
        len(session.client("dynamodb").list_tables()["TableNames"]),
        len(session.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]),
        len(session.client("s3").list_buckets()["Buckets"]),
    )


def groups(session: boto3.Session) -> list[str]:
    """Return the names of the log groups."""
    found = session.client("logs").describe_log_groups()["logGroups"]
    return [group["logGroupName"] for group in found]


def remove(place: Environment) -> list[str]:
    return removal.remove(place, inventory(place), protected=False)


def test_a_complete_stack_leaves_what_it_holds(session: boto3.Session) -> None:
    place = environment(session, "UPDATE_COMPLETE", "CREATE_COMPLETE")

    assert removal.kept(place) == ["ModelBucket", "UserPool", "rooms", "votes"]
    remove(place)

    assert what_is_there(session) == (2, 1, 1)


@pytest.mark.parametrize(
    ("status", "of_resources"),
    [("ROLLBACK_COMPLETE", "DELETE_SKIPPED"), ("CREATE_FAILED", "CREATE_COMPLETE")],
)
def test_a_creation_that_failed_leaves_nothing(
    session: boto3.Session, status: str, of_resources: str
) -> None:
    place = environment(session, status, of_resources)

    assert removal.kept(place) == []
    swept = remove(place)

    assert {"votes", "rooms", "models"} < set(swept)
    assert what_is_there(session) == (0, 0, 0)


def test_what_a_rollback_has_deleted_is_not_missed(session: boto3.Session) -> None:
    place = environment(session, "ROLLBACK_FAILED", "DELETE_SKIPPED")
    session.client("dynamodb").update_table(TableName="votes", DeletionProtectionEnabled=False)
    session.client("dynamodb").delete_table(TableName="votes")

    assert "votes" not in remove(place)
    assert what_is_there(session) == (0, 0, 0)


def test_log_groups_that_late_lines_made_go_too(session: boto3.Session) -> None:
    place = environment(session, "CREATE_COMPLETE", "CREATE_COMPLETE")

    assert remove(place) == [f"/aws/lambda/{STACK}-Late", GROUP]

    assert groups(session) == [OF_ANOTHER]
