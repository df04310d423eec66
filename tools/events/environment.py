"""Where the bus is: in the product that runs on this machine, or in a stack on AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3

NAME_SUFFIX = "Name"


class EnvironmentNotFound(Exception):
    """There is no such stack, or no product runs here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployed stack. `outputs` are its outputs, `endpoint` is AWS's own when None."""

    stack: str
    outputs: Mapping[str, str]
    session: boto3.Session
    endpoint: str | None = None

    @classmethod
    def here(cls, stack_file: Path) -> Self:
        """Find the local product by its stack.json. Raises EnvironmentNotFound."""
        try:
            described = json.loads(stack_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = "No product runs here: start it with make run, or name a stack: STACK=matinee"
            raise EnvironmentNotFound(message) from error
        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's
            region_name=described["region"],
        )
        return cls(
            described["stack_name"], described["outputs"], session, described["emulator_url"]
        )

    @classmethod
    def on_aws(cls, stack: str) -> Self:
        """Find a stack on AWS, in the caller's region. Raises EnvironmentNotFound."""
        session = boto3.Session()
        client = session.client("cloudformation")
        try:
            found = client.describe_stacks(StackName=stack)["Stacks"][0]
        except client.exceptions.ClientError as error:
            raise EnvironmentNotFound(str(error)) from error
        outputs = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
        return cls(stack, outputs, session)

    @property
    def bus(self) -> str:
        """The bus's name."""
        return self.outputs["EventBusName"]

    @property
    def bus_arn(self) -> str:
        """The bus's ARN."""
        return self.outputs["EventBusArn"]

    def client(self, service: str) -> Any:  # noqa: ANN401 - one factory for clients of many types
        """Answer a client of one of AWS's services."""
        return self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    def physical(self, logical_id: str) -> str:
        """Answer a resource's own name, by its logical id. Raises EnvironmentNotFound."""
        name = self.outputs.get(f"{logical_id}{NAME_SUFFIX}")
        if name is None:
            known = sorted(
                key.removesuffix(NAME_SUFFIX) for key in self.outputs if key.endswith(NAME_SUFFIX)
            )
            message = f"{self.stack} has no output for {logical_id}. There are: {', '.join(known)}"
            raise EnvironmentNotFound(message)
        return name
