"""The environment, read once per function through one typed model."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

LAMBDA_VARIABLE = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""A variable that Lambda sets; tests and the local product do not."""


class Settings(BaseModel):
    """The base of a function's settings: a field `rooms_table` is the variable ROOMS_TABLE."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; the error names each missing or malformed variable."""
        return cls.model_validate({name.lower(): value for name, value in environment.items()})


def _comma_separated(text: object) -> object:
    return tuple(filter(None, map(str.strip, text.split(",")))) if isinstance(text, str) else text


class EdgeSettings(Settings):
    """The environment of every function behind the HTTP API.

    ALLOWED_ORIGINS are the browser origins that may read responses, comma-separated.
    """

    stage: str
    powertools_service_name: str
    allowed_origins: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = ()


def on_lambda(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is an instance of a function on AWS."""
    return LAMBDA_VARIABLE in environment


def from_snapshot(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether instances of this function are restored from a snapshot (SnapStart)."""
    return environment.get(LAMBDA_VARIABLE) == "snap-start"
