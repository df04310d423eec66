"""The resources of an environment, by type."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.ops.events.environment import Environment

TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
POOL = "AWS::Cognito::UserPool"
LOGS = "AWS::Logs::LogGroup"
ALARM = "AWS::CloudWatch::Alarm"
BUCKET = "AWS::S3::Bucket"
DLQ_SUFFIX = "Dlq"
"""The suffix of every dead-letter queue's logical id."""

_FUNCTION_LOGS = "FunctionLogs"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Physical ids by type, then by logical id."""

    by_type: Mapping[str, Mapping[str, str]]

    def of(self, kind: str) -> Mapping[str, str]:
        """Return the resources of a type: logical to physical ids, sorted."""
        return dict(sorted(self.by_type.get(kind, {}).items()))

    @property
    def function_logs(self) -> tuple[str, ...]:
        """The log groups of the functions."""
        groups = self.of(LOGS).items()
        return tuple(group for name, group in groups if name.endswith(_FUNCTION_LOGS))


def inventory(environment: Environment) -> Inventory:
    """List what CloudFormation has made, in all stacks."""
    found: dict[str, dict[str, str]] = {}
    for resource in environment.resources():
        kind = found.setdefault(resource["ResourceType"], {})
        kind[resource["LogicalResourceId"]] = resource.get("PhysicalResourceId", "")
    return Inventory(found)
