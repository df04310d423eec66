"""Log groups, as strict as AWS.

- CloudFormation refuses to create a group that exists already. The emulator replaces it.
- A function's first line creates its group only if the function's role may. The emulator creates
  it in any case.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from tools.local.patches.resources import Handlers, Properties, ResourceError
from tools.local.patches.wrap import wrap
from tools.local.settings import REGION

LOG_GROUP = "AWS::Logs::LogGroup"
_ACTION = "logs:CreateLogGroup"


def apply(_port: int) -> None:
    """Refuse groups that exist, and lose lines that have none."""
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    functions = importlib.import_module("ministack.services.lambda_svc")
    groups = importlib.import_module("ministack.services.cloudwatch_logs")._log_groups  # noqa: SLF001
    handlers: dict[str, Handlers] = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - no other way in
    handlers[LOG_GROUP] = refusing_existing(handlers[LOG_GROUP], groups)
    wrap(functions, "_emit_lambda_logs", lambda emit: only_into(emit, groups, role_may))


def refusing_existing(handlers: Handlers, groups: Any) -> Handlers:  # noqa: ANN401 - the emulator's own dict
    """Raise ResourceError when a group is to be created that is there."""

    def create(logical_id: str, properties: Properties, stack: str) -> Any:  # noqa: ANN401
        name = properties.get("LogGroupName")
        if name in groups:
            message = (
                f"Resource of type '{LOG_GROUP}' with identifier "
                f'\'{{"/properties/LogGroupName":"{name}"}}\' already exists.'
            )
            raise ResourceError(message)
        return handlers["create"](logical_id, properties, stack)

    return {**handlers, "create": create}


def only_into(
    emit: Callable[..., None],
    groups: Any,  # noqa: ANN401
    may: Callable[[str, str, str], bool],
) -> Callable[..., None]:
    """Write a function's lines into its group, or into a new one if `may(role, action, group)`."""

    def emitted(function: Mapping[str, Any], *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        configuration: Mapping[str, Any] = function.get("config") or function
        wanted = (configuration.get("LoggingConfig") or {}).get("LogGroup")
        group = wanted or f"/aws/lambda/{configuration.get('FunctionName', '')}"
        if group in groups or may(str(configuration.get("Role", "")), _ACTION, group):
            emit(function, *arguments, **named)

    return emitted


def role_may(role: str, action: str, group: str) -> bool:
    """Return whether the policies of a role (its ARN) allow an action on a log group."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    account, name = role.split(":")[4], role.rpartition("/")[2]
    context = evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=f"arn:aws:logs:{REGION}:{account}:log-group:{group}",
        region=REGION,
    )
    policies = evaluator._gather_role_policies(name, account)  # noqa: SLF001
    return bool(evaluator.evaluate(context, policies).decision == "Allow")
