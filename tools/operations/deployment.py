"""Parameters of a deployment: samconfig.toml's, with those of the command line over them.

sam takes the one or the other: a single `--parameter-overrides` would drop all of samconfig's. And
it has CloudFormation keep what it does not name as it was last time; so every parameter is named.
"""

import hashlib
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tools.local.template import load_template

UNRELEASED = "RELEASE: unreleased"
"""What stands in the template where a deployment has its digest."""


class NoSuchStage(Exception):
    """samconfig.toml has no such environment."""


def configured(config: Path, stage: str) -> Mapping[str, str]:
    """Answer what samconfig.toml says of deploying an environment. Raises NoSuchStage."""
    stages = tomllib.loads(config.read_text(encoding="utf-8"))
    try:
        parameters = stages[stage]["deploy"]["parameters"]
    except KeyError as error:
        message = f"{config.name} has no environment {stage!r}"
        raise NoSuchStage(message) from error
    fallback = stages.get("default", {}).get("global", {}).get("parameters", {})
    return {**fallback, **parameters}


def defaults(template: Path) -> Mapping[str, str]:
    """Answer the parameters' values in a template, without those of secrets.

    A secret that is left out stays as it was last given.
    """
    return {
        name: str(parameter["Default"])
        for name, parameter in load_template(template)["Parameters"].items()
        if "Default" in parameter and not parameter.get("NoEcho")
    }


def overrides(template: Path, config: Path, stage: str, given: str) -> str:
    """Answer the parameters for `sam deploy --parameter-overrides`, quoted for a shell.

    All of them: the template's, over them the environment's, over them `given`, as sam takes them:
    Name=value, separated by spaces.
    """
    pairs = dict(defaults(template))
    pairs |= dict(pair.split("=", 1) for pair in configured(config, stage)["parameter_overrides"])
    pairs |= dict(pair.split("=", 1) for pair in shlex.split(given))
    return " ".join(shlex.quote(f"{name}={_for_sam(value)}") for name, value in pairs.items())


def mark(built: Path, parameters: str) -> str:
    """Write a digest of all parameters into a built template; answer it.

    Functions have it in their environment. SAM publishes a version when the template's text of a
    function changes, and a parameter's value is not in it: without this the alias, which is what
    is called, would keep the old value.
    """
    digest = f"r{hashlib.sha256(parameters.encode()).hexdigest()[:12]}"
    text = built.read_text(encoding="utf-8")
    built.write_text(text.replace(UNRELEASED, f"RELEASE: {digest}"), encoding="utf-8")
    return digest


def _for_sam(value: str) -> str:
    """Quote a value that sam would take apart, or for none."""
    if value and not set(value) & set(' "\\'):
        return value
    return '"' + value.replace('"', r"\"") + '"'


def stack_name(config: Path, stage: str) -> str:
    """Answer how the stack of an environment is called. Raises NoSuchStage."""
    return str(configured(config, stage)["stack_name"])
