"""Deploys the root template's applications to the emulator, each as a stack of its own.

One path for the first time and for every change: in the order of the wiring, and a stack whose
template, sources and parameters are what they were is not touched.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError
from filelock import FileLock, Timeout

from tools.local.emulator import Aws
from tools.local.packaging import Package, ZippedFolders, package
from tools.local.settings import REGION, STACK_NAME, StackSettings
from tools.local.template import Template, TemplateError, load_template
from tools.local.wiring import Application, Wiring
from tools.vapid import local_parameters

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_BUCKET = "matinee-artifacts"
_LOCK = "deployment.lock"
_FINGERPRINT = "/matinee/local/fingerprint"
_TIMEOUT_SECONDS = 180.0
_POLL_SECONDS = 0.05
_NEVER_CREATED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"})
_DEPLOYED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_FUNCTION = "AWS::Lambda::Function"
_HTTP_API = "AWS::ApiGatewayV2::Api"
_GRAPHQL_API = "AWS::AppSync::GraphQLApi"


class DeploymentError(Exception):
    """A deployment that failed; the message names the resources and the reasons."""


class OldStateError(DeploymentError):
    """The kept state was made when Matinee was one stack."""

    def __init__(self) -> None:
        super().__init__(
            f"The kept state is of the time when Matinee was one stack, {STACK_NAME}; now each "
            "service has a stack of its own.\n"
            "Start once with an empty state: make run FRESH=1 (forgets users and rooms)."
        )


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """One stack as it stands. `resources` maps logical ids to types and physical ids.

    `changed` names the logical ids that this deployment created or replaced with something new.
    """

    application: str
    name: str
    template: Path
    outputs: Mapping[str, str]
    resources: Mapping[str, tuple[str, str]]
    changed: tuple[str, ...] = ()
    graphql_fingerprint: str = ""

    def of_type(self, kind: str) -> dict[str, str]:
        """Return the resources of a type: logical to physical ids."""
        return {name: id_ for name, (found, id_) in self.resources.items() if found == kind}


@dataclass(frozen=True, slots=True)
class Deployment:
    """All stacks as they stand after a deployment, and the root's own outputs."""

    stacks: tuple[DeployedStack, ...]
    root_outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of all stacks, and the root's over them."""
        found: dict[str, str] = {}
        for stack in self.stacks:
            found |= stack.outputs
        return found | dict(self.root_outputs)

    @property
    def functions(self) -> dict[str, str]:
        """The functions of all stacks: logical ids to names."""
        return {
            name: id_ for stack in self.stacks for name, id_ in stack.of_type(_FUNCTION).items()
        }

    @property
    def http_api_id(self) -> str:
        """The id of the REST interface's API; empty when there is none."""
        found = [id_ for stack in self.stacks for id_ in stack.of_type(_HTTP_API).values()]
        return found[0] if found else ""

    @property
    def graphql_stack(self) -> DeployedStack | None:
        """The stack that has the GraphQL API."""
        return next((stack for stack in self.stacks if stack.of_type(_GRAPHQL_API)), None)

    @property
    def graphql_fingerprint(self) -> str:
        """A digest of the GraphQL API: its schema, resolvers and settings."""
        stack = self.graphql_stack
        return stack.graphql_fingerprint if stack else ""

    @property
    def changed_stacks(self) -> tuple[str, ...]:
        """The names of the stacks of which this deployment changed something."""
        return tuple(stack.name for stack in self.stacks if stack.changed)

    @property
    def changed(self) -> tuple[str, ...]:
        """The logical ids that this deployment created or changed."""
        return tuple(name for stack in self.stacks for name in stack.changed)

    @property
    def changed_functions(self) -> dict[str, str]:
        """The functions that this deployment changed: logical ids to names."""
        functions = self.functions
        return {name: functions[name] for name in self.changed if name in functions}


def deploy(
    settings: StackSettings,
    aws: Aws,
    service: str = "",
    report: Callable[[DeployedStack, float], None] = lambda _stack, _seconds: None,
) -> Deployment:
    """Bring the stacks to what templates and sources say now: all, or that of one service.

    Nothing is touched that has not changed since the last deployment into this state. `report` is
    called for each stack with the seconds that it took. Raises TemplateError or DeploymentError;
    the stack that failed then stays as it was.
    """
    try:
        with FileLock(settings.folders.home / _LOCK, timeout=_TIMEOUT_SECONDS):
            return _deploy(settings, aws, service, report)
    except Timeout as error:
        raise DeploymentError("Another deployment is still going on.") from error


def _deploy(
    settings: StackSettings,
    aws: Aws,
    service: str,
    report: Callable[[DeployedStack, float], None],
) -> Deployment:
    wiring = Wiring.read(settings.template)
    only = wiring.application(service) if service else None
    if _describe(aws, STACK_NAME):
        raise OldStateError
    given = wiring.given(settings.parameters() | local_parameters(settings.folders.vapid))
    outputs: dict[str, Mapping[str, str]] = {}
    stacks: list[DeployedStack] = []
    artifacts: set[str] = set()
    folders: ZippedFolders = {}
    for application in wiring.applications:
        started = time.monotonic()
        if only is None or application is only:
            parameters = wiring.parameters_of(application, given, outputs)
            stack, keys = _deploy_application(aws, application, parameters, folders)
            artifacts |= keys
            report(stack, time.monotonic() - started)
        else:
            stack = _as_it_stands(aws, application)
        stacks.append(stack)
        outputs[application.name] = stack.outputs
    if only is None and any(stack.changed for stack in stacks):
        _remove_artifacts_except(aws, artifacts)
    return Deployment(
        stacks=tuple(stacks),
        root_outputs=wiring.outputs_of(given, outputs),
    )


def _deploy_application(
    aws: Aws, application: Application, wired: Mapping[str, str], folders: ZippedFolders
) -> tuple[DeployedStack, set[str]]:
    """Deploy one stack unless it is current; return it, and the keys of its artifacts."""
    template = load_template(application.template)
    parameters = _declared(application, template, wired)
    packed = package(template, application.template.parent, _BUCKET, parameters, folders)
    name = application.stack_name(STACK_NAME)
    stack = _describe(aws, name)
    changed: tuple[str, ...] = ()
    fingerprint = f"{_FINGERPRINT}/{application.service}"
    if stack is None or not _is_current(aws, stack, fingerprint, packed):
        _upload(aws, packed)
        url = f"{aws.endpoint_url}/{_BUCKET}/{_template_key(packed)}"
        changed = _apply(aws, name, stack, parameters, template_url=url)
        stack = _describe(aws, name)
        aws.ssm.put_parameter(
            Name=fingerprint, Value=packed.fingerprint, Type="String", Overwrite=True
        )
    if stack is None:
        raise DeploymentError(f"The stack {name} is gone right after its deployment.")
    return (
        DeployedStack(
            application=application.name,
            name=name,
            template=application.template,
            outputs=_outputs(stack),
            resources=_resources(aws, name),
            changed=changed,
            graphql_fingerprint=packed.graphql_fingerprint,
        ),
        {*packed.artifacts, _template_key(packed)},
    )


def _declared(
    application: Application, template: Template, wired: Mapping[str, str]
) -> dict[str, str]:
    """Return a stack's parameters. Raises TemplateError when the template lacks one of them."""
    unknown = sorted(wired.keys() - (template.get("Parameters") or {}).keys())
    if unknown:
        raise TemplateError(
            f"The root template gives {application.name} {', '.join(unknown)}, which "
            f"{application.template} does not declare."
        )
    return dict(wired)


def _as_it_stands(aws: Aws, application: Application) -> DeployedStack:
    """Describe a stack that is not to be touched. Raises DeploymentError when it is not there."""
    name = application.stack_name(STACK_NAME)
    stack = _describe(aws, name)
    if stack is None:
        raise DeploymentError(f"The stack {name} is not deployed yet: make deploy, without SERVICE")
    return DeployedStack(
        application=application.name,
        name=name,
        template=application.template,
        outputs=_outputs(stack),
        resources=_resources(aws, name),
    )


def _describe(aws: Aws, name: str) -> "StackTypeDef | None":
    try:
        return aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _outputs(stack: "StackTypeDef") -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _is_current(aws: Aws, stack: "StackTypeDef", fingerprint: str, packed: Package) -> bool:
    if stack["StackStatus"] not in _DEPLOYED:
        return False
    try:
        stored = aws.ssm.get_parameter(Name=fingerprint)["Parameter"].get("Value")
    except aws.ssm.exceptions.ParameterNotFound:
        return False
    return bool(stored == packed.fingerprint)


def _template_key(packed: Package) -> str:
    return f"templates/{packed.fingerprint}.json"


def _upload(aws: Aws, packed: Package) -> None:
    with contextlib.suppress(aws.s3.exceptions.BucketAlreadyOwnedByYou):
        aws.s3.create_bucket(
            Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    for key, body in packed.artifacts.items():
        aws.s3.put_object(Bucket=_BUCKET, Key=key, Body=body)
    aws.s3.put_object(Bucket=_BUCKET, Key=_template_key(packed), Body=packed.body)


def _remove_artifacts_except(aws: Aws, kept: set[str]) -> None:
    """Delete what no stack needs any more; functions and layers keep their own copy of code."""
    for item in aws.s3.list_objects_v2(Bucket=_BUCKET).get("Contents", []):
        if item["Key"] not in kept:
            aws.s3.delete_object(Bucket=_BUCKET, Key=item["Key"])


def _apply(
    aws: Aws,
    name: str,
    stack: "StackTypeDef | None",
    parameters: Mapping[str, str],
    *,
    template_url: str,
) -> tuple[str, ...]:
    """Create or update a stack through a change set; return the logical ids that changed."""
    if stack is not None and stack["StackStatus"] in _NEVER_CREATED:
        _delete_stack(aws, name)
        stack = None
    try:
        change_set = aws.cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"local-{time.time_ns()}",
            ChangeSetType="CREATE" if stack is None else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", str(error))
        raise DeploymentError(f"The template of {name} was refused: {reason}") from error
    changed = _changes(aws, name, change_set["Id"])
    if changed is None:
        return ()
    before = stack["StackStatus"] if stack else None
    aws.cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    _wait_until_deployed(aws, name, before)
    return changed


def _changes(aws: Aws, name: str, change_set_id: str) -> tuple[str, ...] | None:
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
            raise DeploymentError(f"The change set of {name} was refused: {reason}")
        if time.monotonic() > deadline:
            raise DeploymentError(f"The change set of {name} was not ready in time.")
        time.sleep(_POLL_SECONDS)
    changes = [change["ResourceChange"] for change in described.get("Changes", [])]
    return tuple(
        str(change["LogicalResourceId"])
        for change in changes
        # "Conditional": only a reference of it changed, and most often resolves to the same.
        if change["Action"] == "Add"
        or (change["Action"] == "Modify" and change.get("Replacement") != "Conditional")
    )


def _wait_until_deployed(aws: Aws, name: str, before: str | None) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        stack = _describe(aws, name)
        status = stack["StackStatus"] if stack else "DELETED"
        if status in _DEPLOYED:
            return
        if not status.endswith("_IN_PROGRESS"):
            raise DeploymentError(_failure(aws, name, status))
        if time.monotonic() > deadline:
            raise DeploymentError(f"The stack {name} is still {status} ({before or 'new'} before).")
        time.sleep(_POLL_SECONDS)


def _failure(aws: Aws, name: str, status: str) -> str:
    """Name the resources that failed in the last operation, first failure first."""
    events = aws.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
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
    return f"The deployment of {name} failed ({status}):\n{detail}"


def _delete_stack(aws: Aws, name: str) -> None:
    aws.cloudformation.delete_stack(StackName=name)
    try:
        aws.cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    except WaiterError as error:
        raise DeploymentError(
            f"The stack {name}, which never came up, cannot be removed: "
            "start afresh with make run FRESH=1"
        ) from error


def _resources(aws: Aws, name: str) -> dict[str, tuple[str, str]]:
    """Each resource's type and physical id, by logical id."""
    found: dict[str, tuple[str, str]] = {}
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if not resource["ResourceStatus"].startswith("DELETE"):
                found[resource["LogicalResourceId"]] = (
                    resource["ResourceType"],
                    resource.get("PhysicalResourceId", ""),
                )
    return found
