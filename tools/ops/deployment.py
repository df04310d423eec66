"""Deployments to AWS: which parameters, in which order, and never two forms in one environment.

Each application of the root template becomes a stack of its own, `matinee-dev-rooms`, deployed by
`sam deploy` from what `sam build` made of the root. samconfig.toml's parameters are the root's, and
those of the command line go over them; the wiring says which of them, and which outputs of other
stacks, a stack is given. sam takes the one or the other: a single `--parameter-overrides` would
drop all of samconfig's. And it has CloudFormation keep what it does not name as it was last time;
so every parameter is named.
"""

import hashlib
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local.template import load_template
from tools.local.wiring import Application, Wiring
from tools.ops.events.environment import Environment, MixedEnvironment, stack_outputs

_SAM = str(Path(sys.executable).parent / "sam")
UNRELEASED = "RELEASE: unreleased"
"""The placeholder of a deployment's digest in a template."""


class UnknownEnvironment(Exception):
    """samconfig.toml has no such environment."""


class DeploymentFailed(Exception):
    """A stack could not be deployed; sam has said why."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Paths of a deployment: the root template, samconfig.toml, the build folder."""

    root: Path
    config: Path
    built: Path

    def built_template(self, application: Application) -> Path:
        """Return where sam puts an application's template. Raises DeploymentFailed."""
        path = self.built / application.name / "template.yaml"
        if not path.is_file():
            raise DeploymentFailed(f"{path} is not there: make build")
        return path


def configured(config: Path, stage: str) -> Mapping[str, Any]:
    """Return what samconfig.toml says of deploying an environment. Raises UnknownEnvironment."""
    stages = tomllib.loads(config.read_text(encoding="utf-8"))
    try:
        parameters = stages[stage]["deploy"]["parameters"]
    except KeyError as error:
        message = f"{config.name} has no environment {stage!r}"
        raise UnknownEnvironment(message) from error
    fallback = stages.get("default", {}).get("global", {}).get("parameters", {})
    return {**fallback, **parameters}


def stack_name(config: Path, stage: str) -> str:
    """Return an environment's name, the prefix of its stacks. Raises UnknownEnvironment."""
    return str(configured(config, stage)["stack_name"])


def defaults(template: Path) -> Mapping[str, str]:
    """Return the parameters' values in a template, without those of secrets.

    A secret that is left out stays as it was last given.
    """
    return {
        name: str(parameter["Default"])
        for name, parameter in (load_template(template).get("Parameters") or {}).items()
        if "Default" in parameter and not parameter.get("NoEcho")
    }


def root_parameters(template: Path, config: Path, stage: str, given: str) -> dict[str, str]:
    """Return the root's parameters: the template's, over them the environment's, over them `given`.

    `given` is as sam takes them: Name=value, separated by spaces. Raises DeploymentFailed for a
    name that the root does not declare.
    """
    pairs = dict(defaults(template))
    own = shlex.join(configured(config, stage)["parameter_overrides"])
    return pairs | _pairs(template, own) | _pairs(template, given)


def for_sam(parameters: Mapping[str, str]) -> list[str]:
    """Return parameters as arguments of `sam deploy --parameter-overrides`."""
    return [f"{name}={_quoted(value)}" for name, value in parameters.items()]


def overrides(template: Path, config: Path, stage: str, given: str) -> str:
    """Return the root's parameters for `sam deploy`, quoted for a shell."""
    return shlex.join(for_sam(root_parameters(template, config, stage, given)))


@dataclass(frozen=True, slots=True)
class Deployer:
    """Deploys one environment of samconfig.toml, `stage`, with `given` over its parameters."""

    sources: Sources
    stage: str
    given: str
    cloudformation: Any
    run: Callable[[Sequence[str]], int] = subprocess.call

    def deploy_stacks(self, service: str = "") -> None:
        """Deploy the stack of each application in the order of the wiring, or of one service.

        Raises DeploymentFailed, MixedEnvironment, UnknownEnvironment and TemplateError.
        """
        if stack_outputs(self.cloudformation, self._base) is not None:
            raise MixedEnvironment(self._base, "as one whole stack, with nested ones")
        wiring = Wiring.read(self.sources.root)
        only = wiring.application(service) if service else None
        parameters = self._parameters()
        outputs: dict[str, Mapping[str, str]] = {}
        for application in wiring.applications:
            name = application.stack_name(self._base)
            if only is None or application is only:
                own = dict(defaults(application.template))
                own |= wiring.parameters_of(application, parameters, outputs)
                template = self.sources.built_template(application)
                mark(template, shlex.join(for_sam(own)))
                self._sam_deploy(name, template, own)
            found = stack_outputs(self.cloudformation, name)
            if found is not None:
                outputs[application.name] = found
            elif only is None or application.name in only.needs:
                raise DeploymentFailed(
                    f"The stack {name} is not there: make deploy ENV={self.stage}"
                )

    def deploy_whole(self) -> None:
        """Deploy the root template as one stack, with nested ones.

        Raises DeploymentFailed, MixedEnvironment, UnknownEnvironment and TemplateError.
        """
        parameters = self._parameters()
        for application in Wiring.read(self.sources.root).applications:
            if stack_outputs(self.cloudformation, application.stack_name(self._base)) is not None:
                raise MixedEnvironment(self._base, "as a stack per service")
            mark(self.sources.built_template(application), shlex.join(for_sam(parameters)))
        self._sam_deploy(self._base, self.sources.built / "template.yaml", parameters)

    def deploy_beside(self, name: str, template: Path, own: Mapping[str, str]) -> Mapping[str, str]:
        """Deploy a stack that no other needs, with `given` over its parameters; its outputs.

        Raises DeploymentFailed, also for a name in `given` that the template does not declare.
        """
        parameters = {**defaults(template), **own, **_pairs(template, self.given)}
        self._sam_deploy(name, template, parameters)
        return stack_outputs(self.cloudformation, name) or {}

    @property
    def _base(self) -> str:
        return stack_name(self.sources.config, self.stage)

    def _parameters(self) -> dict[str, str]:
        return root_parameters(self.sources.root, self.sources.config, self.stage, self.given)

    def _sam_deploy(self, name: str, template: Path, parameters: Mapping[str, str]) -> None:
        command = [
            *(_SAM, "deploy", "--template-file", str(template)),
            *("--config-file", str(self.sources.config), "--config-env", self.stage),
            *("--stack-name", name, "--s3-prefix", name),
        ]
        if parameters:
            command += ["--parameter-overrides", *for_sam(parameters)]
        if self.run(command):
            raise DeploymentFailed(f"The stack {name} was not deployed; those before it were.")


def follow_logs(environment: Environment, service: str, function: str) -> int:
    """Follow the logs of a function, or of all functions of a service; sam's exit code.

    Raises DeploymentFailed when nothing is named, or nothing has that name.
    """
    cloudformation = environment.client("cloudformation")
    for stack in environment.stacks:
        if service and stack != f"{environment.name}-{service}":
            continue
        if function and not _has(cloudformation, stack, function):
            continue
        if service or function:
            names = ["--name", function] if function else []
            return subprocess.call([_SAM, "logs", "--stack-name", stack, *names, "--tail"])  # noqa: S603
    raise DeploymentFailed(
        f"Which logs of {environment.name}? SERVICE=rooms: its functions; FN=NotifierFunction: one"
    )


def _has(cloudformation: Any, stack: str, logical_id: str) -> bool:  # noqa: ANN401 - boto3's client
    try:
        cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    except cloudformation.exceptions.ClientError:
        return False
    return True


def mark(built: Path, parameters: str) -> str:
    """Write a digest of all parameters into a built template; return it.

    Functions have it in their environment. SAM publishes a version when the template's text of a
    function changes, and a parameter's value is not in it: without this the alias, which is what
    is called, would keep the old value.
    """
    digest = f"r{hashlib.sha256(parameters.encode()).hexdigest()[:12]}"
    text = built.read_text(encoding="utf-8")
    built.write_text(text.replace(UNRELEASED, f"RELEASE: {digest}"), encoding="utf-8")
    return digest


def _pairs(template: Path, given: str) -> dict[str, str]:
    """Take apart Name=value, separated by spaces. Raises DeploymentFailed for an unknown name."""
    pairs = dict(pair.split("=", 1) for pair in shlex.split(given))
    unknown = sorted(pairs.keys() - (load_template(template).get("Parameters") or {}).keys())
    if unknown:
        raise DeploymentFailed(f"{template.name} has no parameter {', '.join(unknown)}")
    return pairs


def _quoted(value: str) -> str:
    """Quote a value that sam would take apart, or for none."""
    if value and not set(value) & set(' "\\'):
        return value
    return '"' + value.replace('"', r"\"") + '"'
