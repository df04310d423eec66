"""Parameters of a deployment: samconfig.toml's, with those of the command line over them.

sam takes the one or the other: a single `--parameter-overrides` would drop all of samconfig's.
"""

import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path


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


def overrides(config: Path, stage: str, given: str) -> str:
    """Answer the parameters for `sam deploy --parameter-overrides`, quoted for a shell.

    `given` are further ones, as sam takes them: Name=value, separated by spaces.
    """
    pairs = dict(pair.split("=", 1) for pair in configured(config, stage)["parameter_overrides"])
    pairs |= dict(pair.split("=", 1) for pair in shlex.split(given))
    return " ".join(shlex.quote(f"{name}={value}") for name, value in pairs.items())


def stack_name(config: Path, stage: str) -> str:
    """Answer how the stack of an environment is called. Raises NoSuchStage."""
    return str(configured(config, stage)["stack_name"])
