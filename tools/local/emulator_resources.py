"""What the emulator's CloudFormation leaves undone besides HTTP APIs.

Tables' expiry, the archive, and who else may listen on the bus.
"""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.local.intrinsics import Scope

if TYPE_CHECKING:
    from tools.local.emulator import Aws

_ENABLED = frozenset({"ENABLED", "ENABLING"})
_ARCHIVE_NAME_LENGTH = 48


def enable_expiry(aws: "Aws", scope: Scope) -> None:
    """Turn on each table's TimeToLiveSpecification, which the emulator accepts and ignores."""
    for logical_id, resource in scope.template["Resources"].items():
        if resource.get("Type") != "AWS::DynamoDB::Table" or not scope.exists(logical_id):
            continue
        wanted = scope.resolve((resource.get("Properties") or {}).get("TimeToLiveSpecification"))
        if not wanted or str(wanted.get("Enabled")).lower() != "true":
            continue
        table = scope.physical_ids[logical_id]
        current = aws.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if current.get("TimeToLiveStatus") not in _ENABLED:
            aws.dynamodb.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={
                    "Enabled": True,
                    "AttributeName": wanted["AttributeName"],
                },
            )


def create_archives(aws: "Aws", scope: Scope) -> None:
    """Make each AWS::Events::Archive, a type that the emulator's CloudFormation refuses.

    The template keeps the resource for AWS by a condition; here its condition is not asked.
    """
    present = {archive["ArchiveName"] for archive in aws.events.list_archives()["Archives"]}
    for logical_id, resource in scope.template["Resources"].items():
        if resource.get("Type") != "AWS::Events::Archive":
            continue
        wanted = scope.resolve(resource.get("Properties") or {})
        default_name = f"{scope.stack_name}-{logical_id}"
        name = str(wanted.get("ArchiveName", default_name))[:_ARCHIVE_NAME_LENGTH]
        if name not in present:
            aws.events.create_archive(
                ArchiveName=name,
                EventSourceArn=wanted["SourceArn"],
                RetentionDays=int(wanted.get("RetentionDays", 0)),
                EventPattern=json.dumps(wanted.get("EventPattern") or {}),
            )


def put_bus_policies(aws: "Aws", scope: Scope) -> None:
    """Give each bus the policy that its AWS::Events::EventBusPolicy resources make together.

    The type is refused like archives, so the template keeps it for AWS, and the conditions are
    asked here as they would be there.
    """
    there = replace(scope, parameters={**scope.parameters, "Emulator": "false"}, _conditions={})
    statements: dict[str, list[dict[str, object]]] = {}
    for logical_id, resource in scope.template["Resources"].items():
        if resource.get("Type") != "AWS::Events::EventBusPolicy" or not there.exists(logical_id):
            continue
        wanted = scope.resolve(resource["Properties"])
        statement = {"Sid": wanted["StatementId"], **wanted["Statement"]}
        statements.setdefault(wanted["EventBusName"], []).append(statement)
    for bus, together in statements.items():
        policy = {"Version": "2012-10-17", "Statement": together}
        aws.events.put_permission(EventBusName=bus, Policy=json.dumps(policy))
