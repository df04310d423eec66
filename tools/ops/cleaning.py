"""Empties a stack: every item, message, object and user. There is no way back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.ops.events.environment import Environment
from tools.ops.inventory import BUCKET, POOL, QUEUE, TABLE, Inventory

ITEMS_PER_CALL = 25
_PROTECTED = "prod"


class Protected(Exception):
    """The environment is not to be emptied by a command."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How much an environment holds: items, messages, users and objects."""

    tables: Mapping[str, int]
    queues: Mapping[str, int]
    users: Mapping[str, int]
    objects: Mapping[str, int]

    @property
    def everything(self) -> int:
        """All of it together."""
        parts = (self.tables, self.queues, self.users, self.objects)
        return sum(sum(part.values()) for part in parts)

    def lines(self) -> Iterator[str]:
        """Yield a line for each part that is not empty."""
        for part, unit in (
            (self.tables, "items"),
            (self.queues, "messages"),
            (self.users, "users"),
            (self.objects, "objects and former versions"),
        ):
            yield from (f"{name:28} {count:>8,} {unit}" for name, count in part.items() if count)


def contents(environment: Environment, parts: Inventory) -> Contents:
    """Count what there is. Tables are scanned: their own count is hours old."""
    dynamodb, sqs, cognito = (
        environment.client(name) for name in ("dynamodb", "sqs", "cognito-idp")
    )
    s3 = environment.client("s3")
    attribute = "ApproximateNumberOfMessages"
    return Contents(
        {name: _count(dynamodb, table) for name, table in parts.of(TABLE).items()},
        {
            name: int(
                sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"][
                    attribute
                ]
            )
            for name, url in parts.of(QUEUE).items()
        },
        {name: len(list(_users(cognito, pool))) for name, pool in parts.of(POOL).items()},
        {name: sum(map(len, _versions(s3, bucket))) for name, bucket in parts.of(BUCKET).items()},
    )


def empty(
    environment: Environment, parts: Inventory, stage: str, report: Callable[[str], None]
) -> int:
    """Delete all of it and return how much. Raises Protected in prod.

    Users go first, so that they cannot add what was just deleted; outboxes and queues last, so
    that nothing that is still on its way writes afterwards. What was counted of users lies in the
    bucket: without their entries it could not be subtracted any more.
    """
    if stage == _PROTECTED:
        message = (
            "This is prod. Delete single accounts by DELETE /auth/account, or restore a table."
        )
        raise Protected(message)
    dynamodb, sqs, cognito = (
        environment.client(name) for name in ("dynamodb", "sqs", "cognito-idp")
    )
    gone = 0
    for name, pool in parts.of(POOL).items():
        for user in list(_users(cognito, pool)):
            cognito.admin_delete_user(UserPoolId=pool, Username=user)
            gone += 1
        report(f"{name}: no users")
    for name, table in sorted(parts.of(TABLE).items(), key=lambda pair: "Outbox" in pair[0]):
        gone += _empty_table(dynamodb, table)
        report(f"{name}: empty")
    for name, bucket in parts.of(BUCKET).items():
        gone += empty_bucket(environment.client("s3"), bucket)
        report(f"{name}: empty")
    for name, url in parts.of(QUEUE).items():
        sqs.purge_queue(QueueUrl=url)
        report(f"{name}: purged")
    return gone


def _count(dynamodb: Any, table: str) -> int:  # noqa: ANN401 - of a factory for many types
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, Select="COUNT")
    return sum(page["Count"] for page in pages)


def _empty_table(dynamodb: Any, table: str) -> int:  # noqa: ANN401
    schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    names = {f"#k{number}": part["AttributeName"] for number, part in enumerate(schema)}
    gone = 0
    for page in dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    ):
        keys = page["Items"]
        for start in range(0, len(keys), ITEMS_PER_CALL):
            _delete(dynamodb, table, keys[start : start + ITEMS_PER_CALL])
        gone += len(keys)
    return gone


def _delete(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> None:  # noqa: ANN401
    left = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    while left:
        left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}


def _users(cognito: Any, pool: str) -> Iterator[str]:  # noqa: ANN401
    for page in cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        yield from (user["Username"] for user in page["Users"])


def _versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:  # noqa: ANN401
    """Yield a bucket's objects, their former versions, and delete markers, page by page."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        yield [
            {"Key": one["Key"], "VersionId": one["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for one in page.get(kind, ())
        ]


def empty_bucket(s3: Any, bucket: str) -> int:  # noqa: ANN401
    """Delete a bucket's objects with all their versions; return how many there were."""
    gone = 0
    for versions in _versions(s3, bucket):
        if versions:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
            gone += len(versions)
    return gone
