"""The resources of an environment, by type."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.events.environment import Environment

TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
POOL = "AWS::Cognito::UserPool"
LOGS = "AWS::Logs::LogGroup"
ALARM = "AWS::CloudWatch::Alarm"
BUCKET = "AWS::S3::Bucket"
DLQ_SUFFIX = "Dlq"
"""The suffix of every dead-letter queue's logical id."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Physical ids by type, then by logical id."""

    by_type: Mapping[str, Mapping[str, str]]

    def of(self, kind: str) -> Mapping[str, str]:
        """Return the resources of a type: logical to physical ids, sorted."""
        return dict(sorted(self.by_type.get(kind, {}).items()))


def inventory(environment: Environment) -> Inventory:
    """List what CloudFormation has made, in all stacks."""
    found: dict[str, dict[str, str]] = {}
    for resource in environment.resources():
        kind = found.setdefault(resource["ResourceType"], {})
        kind[resource["LogicalResourceId"]] = resource.get("PhysicalResourceId", "")
    return Inventory(found)
