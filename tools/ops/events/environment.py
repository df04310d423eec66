"""Environments: the product that runs on this machine, or one on AWS.

An environment is a stack per service, `matinee-dev-rooms` and so on, or, where the root
template was deployed as a whole, one stack with nested ones.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3

from tools.local.emulator import emulator_session
from tools.local.settings import CHECKOUT
from tools.local.wiring import Wiring

NAME_SUFFIX = "Name"
ROOT_TEMPLATE = CHECKOUT / "template.yaml"
_NESTED = "AWS::CloudFormation::Stack"


class EnvironmentNotFound(Exception):
    """There is no such environment, or no product runs here; the message says what to do."""


class MixedEnvironment(EnvironmentNotFound):
    """An environment has a stack per service and a whole stack at once."""

    def __init__(self, name: str, found: str) -> None:
        super().__init__(
            f"{name} is deployed {found}. An environment is the one or the other: both would have "
            "tables, a bus and a user pool of their own, and neither would see the other's users. "
            f"Take what is there down first: make destroy, with the ENV or STACK of {name}."
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployed product. `outputs` are those of all its stacks, `endpoint` None for AWS's own.

    `stacks` are its stacks' names in the order of deployment; `whole` when a single root stack
    holds them as nested ones.
    """

    name: str
    outputs: Mapping[str, str]
    session: boto3.Session
    endpoint: str | None = None
    stacks: tuple[str, ...] = ()
    whole: bool = False

    @classmethod
    def here(cls, stack_file: Path) -> Self:
        """Find the local product by its stack.json. Raises EnvironmentNotFound."""
        try:
            described = json.loads(stack_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = (
                "No product runs here: start it with make run, or name an environment on AWS: "
                "STACK=matinee-dev"
            )
            raise EnvironmentNotFound(message) from error
        return cls(
            described["stack_name"],
            described["outputs"],
            emulator_session(),
            described["emulator_url"],
            tuple(described["stacks"].values()),
        )

    @classmethod
    def on_aws(cls, name: str, root_template: Path = ROOT_TEMPLATE) -> Self:
        """Find an environment on AWS, in the caller's region. Raises EnvironmentNotFound."""
        session = boto3.Session()
        client = session.client("cloudformation")
        wiring = Wiring.read(root_template)
        wanted = [application.stack_name(name) for application in wiring.applications]
        described = {stack: stack_outputs(client, stack) for stack in wanted}
        found = {stack: outputs for stack, outputs in described.items() if outputs is not None}
        root = stack_outputs(client, name)
        if root is not None and found:
            raise MixedEnvironment(name, "both as a stack per service and as one whole stack")
        if root is not None:
            nested = tuple(_nested(client, name))
            outputs = [stack_outputs(client, stack) or {} for stack in nested]
            return cls(name, _merged(*outputs, root), session, stacks=nested, whole=True)
        if not found:
            raise EnvironmentNotFound(
                f"There is no environment {name} in {session.region_name}: none of its stacks "
                f"({', '.join(wanted)}) is there."
            )
        return cls(name, _merged(*found.values()), session, stacks=tuple(found))

    @property
    def bus(self) -> str:
        """The bus's name."""
        return self.outputs["EventBusName"]

    @property
    def bus_arn(self) -> str:
        """The bus's ARN."""
        return self.outputs["EventBusArn"]

    def client(self, service: str) -> Any:  # noqa: ANN401 - one factory for clients of many types
        """Return a client of one of AWS's services."""
        return self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    def resources(self) -> Iterator[Mapping[str, Any]]:
        """Yield the resources of all stacks, as CloudFormation summarizes them."""
        paginator = self.client("cloudformation").get_paginator("list_stack_resources")
        for stack in self.stacks:
            for page in paginator.paginate(StackName=stack):
                for resource in page["StackResourceSummaries"]:
                    if not resource["ResourceStatus"].startswith("DELETE"):
                        yield resource

    def physical(self, logical_id: str) -> str:
        """Return a resource's own name, by its logical id. Raises EnvironmentNotFound."""
        name = self.outputs.get(f"{logical_id}{NAME_SUFFIX}")
        if name is None:
            known = sorted(
                key.removesuffix(NAME_SUFFIX) for key in self.outputs if key.endswith(NAME_SUFFIX)
            )
            message = f"{self.name} has no output for {logical_id}. There are: {', '.join(known)}"
            raise EnvironmentNotFound(message)
        return name


def stack_outputs(client: Any, stack: str) -> dict[str, str] | None:  # noqa: ANN401 - boto3's client
    """Return a stack's outputs; None when there is no such stack. Raises EnvironmentNotFound."""
    try:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
    except client.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise EnvironmentNotFound(str(error)) from error
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _nested(client: Any, root: str) -> Iterator[str]:  # noqa: ANN401 - boto3's client
    """Yield the stacks that a whole stack holds."""
    for page in client.get_paginator("list_stack_resources").paginate(StackName=root):
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == _NESTED and resource.get("PhysicalResourceId"):
                yield resource["PhysicalResourceId"].split("/")[1]  # of its ARN


def _merged(*parts: Mapping[str, str]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for part in parts:
        merged |= part
    return merged
