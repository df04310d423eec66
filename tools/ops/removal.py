"""Deletes an environment. What it holds, and what outlives it, is shown before.

Tables, the user pool and the bucket outlive a stack that was ever complete. What a creation that
failed has left of them holds nothing that anybody could miss, and goes; so do the log groups, which
a late line may have made anew: a group that exists makes the next creation fail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.ops.cleaning import empty_bucket
from tools.ops.events.environment import Environment
from tools.ops.inventory import BUCKET, LOGS, POOL, TABLE, Inventory

_KEPT = ("Retain", "RetainExceptOnCreate")
_VERSION = "AWS::Lambda::Version"  # goes with its function
_NEVER_COMPLETE = frozenset(
    {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"}
)
_GONE = frozenset({"ResourceNotFoundException", "NoSuchBucket", "404", "TableNotFoundException"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack, as CloudFormation lists it."""

    logical_id: str
    kind: str
    physical_id: str


def kept(environment: Environment) -> list[str]:
    """Return the resources that outlive their stacks, by logical id."""
    failed = set(never_complete(environment))
    return sorted(
        resource.logical_id
        for stack in environment.stacks
        if stack not in failed
        for resource in _retained(environment, stack)
    )


def never_complete(environment: Environment) -> list[str]:
    """Return the stacks whose first creation failed."""
    cloudformation = environment.client("cloudformation")
    return [
        stack
        for stack in environment.stacks
        if cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        in _NEVER_COMPLETE
    ]


def left_over(environment: Environment) -> list[Resource]:
    """Return what creations that failed have left of tables, pool and bucket."""
    return [
        resource
        for stack in never_complete(environment)
        for resource in _retained(environment, stack)
        if resource.kind in _REMOVERS
    ]


def summary(parts: Inventory) -> Iterator[str]:
    """Yield what there is, a line for each kind of resource."""
    for kind, found in sorted(parts.by_type.items(), key=lambda pair: -len(pair[1])):
        yield f"{len(found):>5}  {kind}"


def remove(environment: Environment, parts: Inventory, *, protected: bool) -> list[str]:
    """Delete the stacks in reverse order and wait; lift their protection if `protected`.

    Then delete what must not be left: see the module. Return what of it was there, by name.
    """
    cloudformation = environment.client("cloudformation")
    remains = left_over(environment)
    for stack in _deletable(environment):
        if protected:
            cloudformation.update_termination_protection(
                StackName=stack, EnableTerminationProtection=False
            )
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
    return [*_remove(environment, remains), *sweep_log_groups(environment, parts)]


def sweep_log_groups(environment: Environment, parts: Inventory) -> list[str]:
    """Delete the log groups that are there although their stacks are gone; return their names."""
    logs = environment.client("logs")
    known = set(parts.of(LOGS).values())
    prefixes = [f"/aws/lambda/{stack}-" for stack in environment.stacks]
    found = {
        group["logGroupName"]
        for prefix in [*prefixes, *known]
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        for group in page["logGroups"]
    }
    left = sorted(name for name in found if name in known or name.startswith(tuple(prefixes)))
    for name in left:
        logs.delete_log_group(logGroupName=name)
    return left


def protect(environment: Environment) -> None:
    """Have CloudFormation refuse to delete the stacks."""
    for stack in _deletable(environment):
        environment.client("cloudformation").update_termination_protection(
            StackName=stack, EnableTerminationProtection=True
        )


def is_protected(environment: Environment) -> bool:
    """Return whether one of the stacks refuses to be deleted."""
    cloudformation = environment.client("cloudformation")
    return any(
        cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get(
            "EnableTerminationProtection"
        )
        for stack in _deletable(environment)
    )


def _retained(environment: Environment, stack: str) -> Iterator[Resource]:
    """Yield what a stack's template retains, if it was made."""
    cloudformation = environment.client("cloudformation")
    body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")[
        "TemplateBody"
    ]
    names = {
        name
        for name, resource in body["Resources"].items()
        if resource.get("DeletionPolicy") in _KEPT and resource.get("Type") != _VERSION
    }
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            there = resource["ResourceStatus"] != "DELETE_COMPLETE"
            if there and resource["LogicalResourceId"] in names:
                yield Resource(
                    resource["LogicalResourceId"],
                    resource["ResourceType"],
                    resource.get("PhysicalResourceId", ""),
                )


def _remove(environment: Environment, resources: Iterable[Resource]) -> Iterator[str]:
    """Delete resources; yield the physical ids of those that were there."""
    for resource in resources:
        try:
            _REMOVERS[resource.kind](environment, resource.physical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
        else:
            yield resource.physical_id


def _remove_table(environment: Environment, table: str) -> None:
    dynamodb = environment.client("dynamodb")
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)


def _remove_pool(environment: Environment, pool: str) -> None:
    cognito = environment.client("cognito-idp")
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool)


def _remove_bucket(environment: Environment, bucket: str) -> None:
    s3 = environment.client("s3")
    empty_bucket(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


_REMOVERS: Mapping[str, Callable[[Environment, str], None]] = {
    TABLE: _remove_table,
    POOL: _remove_pool,
    BUCKET: _remove_bucket,
}


def _deletable(environment: Environment) -> tuple[str, ...]:
    """Return the stacks that can be deleted by themselves, in that order."""
    return (environment.name,) if environment.whole else tuple(reversed(environment.stacks))
