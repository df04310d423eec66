"""Deploys template.yaml to the emulator: one path for the first time and for every change."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from tools.local import emulator_resources, http_api
from tools.local.emulator import Aws
from tools.local.emulator_patches import BATCHES_AT_ONCE
from tools.local.intrinsics import Scope, effective_parameters
from tools.local.packaging import Package, package
from tools.local.settings import ACCOUNT, REGION, STACK_NAME, StackSettings
from tools.local.template import load_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_BUCKET = "matinee-artifacts"
_FINGERPRINT = "/matinee/local/fingerprint"
_TIMEOUT_SECONDS = 180.0
_POLL_SECONDS = 0.05
_NEVER_CREATED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"})
_DEPLOYED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_FUNCTION = "AWS::Lambda::Function"
# A group of friends asks at once: what a first swipe must not wait for.
_RESOLVER_WORKERS = 3


class DeploymentError(Exception):
    """A deployment that failed; the message names the resources and the reasons."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack as it stands after a deployment.

    `changed` names the logical ids that this deployment created or replaced with something new;
    `functions` maps logical ids to function names; of these, `resolvers` answer GraphQL fields
    and `consumers` read queues.
    """

    outputs: Mapping[str, str]
    functions: Mapping[str, str]
    resolvers: frozenset[str]
    consumers: frozenset[str]
    http_api_id: str
    changed: tuple[str, ...]
    graphql_fingerprint: str

    @property
    def changed_functions(self) -> tuple[str, ...]:
        """The logical ids of the functions that this deployment changed."""
        return tuple(name for name in self.changed if name in self.functions)

    def workers(self, names: Iterable[str]) -> dict[str, int]:
        """How many calls at once each of these functions has to be ready for."""
        wanted = dict.fromkeys(names, 1)
        wanted |= {name: BATCHES_AT_ONCE for name in wanted if name in self.consumers}
        wanted |= {name: _RESOLVER_WORKERS for name in wanted if name in self.resolvers}
        return wanted


def deploy(settings: StackSettings, aws: Aws) -> Deployment:
    """Bring the stack to what the template and the sources say now.

    Nothing is touched when nothing changed since the last deployment into this state. Raises
    TemplateError, DeploymentError or RoutesError; the stack then stays as it was.
    """
    template = load_template(settings.template)
    parameters = settings.parameters()
    declared = template.get("Parameters") or {}
    given = {name: value for name, value in parameters.items() if name in declared}
    packed = package(template, settings.root, _BUCKET, given)
    stack = _describe(aws)
    changed: tuple[str, ...] = ()
    if stack is None or not _is_current(aws, stack, packed):
        _upload(aws, packed)
        changed = _apply(aws, stack, given, template_url=_template_url(aws, packed))
        stack = _describe(aws)
    if stack is None:
        raise DeploymentError("The stack is gone right after its deployment.")
    resources = _resources(aws)
    scope = _scope(aws, given, {name: resource[1] for name, resource in resources.items()})
    api_id = ""
    for api_id, wanted in http_api.http_apis(scope):  # noqa: B007 - the last one is reported
        http_api.reconcile(aws.apigateway, api_id, wanted)
    emulator_resources.enable_expiry(aws, scope)
    emulator_resources.create_archives(aws, scope)
    emulator_resources.put_bus_policies(aws, scope)
    aws.ssm.put_parameter(
        Name=_FINGERPRINT, Value=packed.fingerprint, Type="String", Overwrite=True
    )
    functions = {name: id_ for name, (kind, id_) in resources.items() if kind == _FUNCTION}
    return Deployment(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        functions=functions,
        resolvers=_resolvers(scope, functions),
        consumers=_consumers(aws, functions),
        http_api_id=api_id,
        changed=changed,
        graphql_fingerprint=packed.graphql_fingerprint,
    )


def _resolvers(scope: Scope, functions: Mapping[str, str]) -> frozenset[str]:
    """Return the functions that a data source of a GraphQL API invokes."""
    sources = [
        (resource.get("Properties") or {}).get("LambdaConfig") or {}
        for logical_id, resource in scope.template["Resources"].items()
        if resource.get("Type") == "AWS::AppSync::DataSource" and scope.exists(logical_id)
    ]
    arns = [str(scope.resolve(source.get("LambdaFunctionArn", ""))) for source in sources]
    return frozenset(
        logical_id
        for logical_id, name in functions.items()
        if any(arn.endswith(f":function:{name}") for arn in arns)
    )


def _consumers(aws: Aws, functions: Mapping[str, str]) -> frozenset[str]:
    """Return the functions that read a queue."""
    mappings = aws.lambda_.list_event_source_mappings()["EventSourceMappings"]
    arns = [
        mapping.get("FunctionArn", "")
        for mapping in mappings
        if ":sqs:" in mapping.get("EventSourceArn", "")
    ]
    return frozenset(
        logical_id
        for logical_id, name in functions.items()
        if any(arn.endswith(f":function:{name}") for arn in arns)
    )


def _describe(aws: Aws) -> "StackTypeDef | None":
    try:
        return aws.cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _is_current(aws: Aws, stack: "StackTypeDef", packed: Package) -> bool:
    if stack["StackStatus"] not in _DEPLOYED:
        return False
    try:
        stored = aws.ssm.get_parameter(Name=_FINGERPRINT)["Parameter"].get("Value")
    except aws.ssm.exceptions.ParameterNotFound:
        return False
    return bool(stored == packed.fingerprint)


def _template_url(aws: Aws, packed: Package) -> str:
    return f"{aws.endpoint_url}/{_BUCKET}/templates/{packed.fingerprint}.json"


def _upload(aws: Aws, packed: Package) -> None:
    try:
        aws.s3.create_bucket(
            Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    except aws.s3.exceptions.BucketAlreadyOwnedByYou:
        listed = aws.s3.list_objects_v2(Bucket=_BUCKET).get("Contents", [])
        for item in listed:
            # Functions and layers keep their own copy of their code.
            aws.s3.delete_object(Bucket=_BUCKET, Key=item["Key"])
    for key, body in packed.artifacts.items():
        aws.s3.put_object(Bucket=_BUCKET, Key=key, Body=body)
    aws.s3.put_object(Bucket=_BUCKET, Key=f"templates/{packed.fingerprint}.json", Body=packed.body)


def _apply(
    aws: Aws, stack: "StackTypeDef | None", parameters: Mapping[str, str], *, template_url: str
) -> tuple[str, ...]:
    """Create or update the stack through a change set; return the logical ids that changed."""
    if stack is not None and stack["StackStatus"] in _NEVER_CREATED:
        _delete_stack(aws)
        stack = None
    name = f"local-{time.time_ns()}"
    try:
        change_set = aws.cloudformation.create_change_set(
            StackName=STACK_NAME,
            ChangeSetName=name,
            ChangeSetType="CREATE" if stack is None else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", str(error))
        raise DeploymentError(f"The template was refused: {reason}") from error
    changed = _changes(aws, change_set["Id"])
    if changed is None:
        return ()
    before = stack["StackStatus"] if stack else None
    aws.cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    _wait_until_deployed(aws, before)
    return changed


def _changes(aws: Aws, change_set_id: str) -> tuple[str, ...] | None:
    """Return what a change set adds or surely changes; None when there is nothing to do."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        described: Mapping[str, Any] = aws.cloudformation.describe_change_set(
            ChangeSetName=change_set_id
        )
        if described["Status"] == "CREATE_COMPLETE":
            break
        if described["Status"] == "FAILED":
            reason = str(described.get("StatusReason", ""))
            aws.cloudformation.delete_change_set(ChangeSetName=change_set_id)
            if "didn't contain changes" in reason or "No updates" in reason:
                return None
            raise DeploymentError(f"The change set was refused: {reason}")
        if time.monotonic() > deadline:
            raise DeploymentError("The change set was not ready in time.")
        time.sleep(_POLL_SECONDS)
    changes = [change["ResourceChange"] for change in described.get("Changes", [])]
    return tuple(
        str(change["LogicalResourceId"])
        for change in changes
        # "Conditional": only a reference of it changed, and most often resolves to the same.
        if change["Action"] == "Add"
        or (change["Action"] == "Modify" and change.get("Replacement") != "Conditional")
    )


def _wait_until_deployed(aws: Aws, before: str | None) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        stack = _describe(aws)
        status = stack["StackStatus"] if stack else "DELETED"
        if status in _DEPLOYED:
            return
        if not status.endswith("_IN_PROGRESS"):
            raise DeploymentError(_failure(aws, status))
        if time.monotonic() > deadline:
            raise DeploymentError(f"The stack is still {status} ({before or 'new'} before).")
        time.sleep(_POLL_SECONDS)


def _failure(aws: Aws, status: str) -> str:
    """Name the resources that failed in the last operation, first failure first."""
    events = aws.cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    lines = []
    for event in events:  # newest first
        of_stack = event.get("ResourceType") == "AWS::CloudFormation::Stack"
        if of_stack and event.get("ResourceStatus") in {
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
        }:
            break
        if "FAILED" in event.get("ResourceStatus", ""):
            lines.append(
                f"  {event.get('LogicalResourceId')} ({event.get('ResourceType')}): "
                f"{event.get('ResourceStatusReason', 'no reason given')}"
            )
    detail = "\n".join(reversed(lines)) or "  (no failing resource was reported)"
    return f"The deployment failed ({status}):\n{detail}"


def _delete_stack(aws: Aws) -> None:
    aws.cloudformation.delete_stack(StackName=STACK_NAME)
    try:
        aws.cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    except WaiterError as error:
        raise DeploymentError(
            "A stack that never came up cannot be removed: start afresh with make run FRESH=1"
        ) from error


def _resources(aws: Aws) -> dict[str, tuple[str, str]]:
    """Each resource's type and physical id, by logical id."""
    found: dict[str, tuple[str, str]] = {}
    for page in aws.cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=STACK_NAME
    ):
        for resource in page["StackResourceSummaries"]:
            if not resource["ResourceStatus"].startswith("DELETE"):
                found[resource["LogicalResourceId"]] = (
                    resource["ResourceType"],
                    resource.get("PhysicalResourceId", ""),
                )
    return found


def _scope(aws: Aws, given: Mapping[str, str], physical_ids: Mapping[str, str]) -> Scope:
    processed: Any = aws.cloudformation.get_template(
        StackName=STACK_NAME, TemplateStage="Processed"
    )["TemplateBody"]
    return Scope(
        template=processed,
        parameters=effective_parameters(processed, given),
        physical_ids=physical_ids,
        region=REGION,
        account=ACCOUNT,
        stack_name=STACK_NAME,
    )
