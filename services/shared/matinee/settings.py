"""The environment, read once through one typed model for each function."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

IN_LAMBDA = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""A variable that Lambda sets, and neither a test nor the local product."""


class Settings(BaseModel):
    """The base of a function's settings: a field `rooms_table` is the variable ROOMS_TABLE."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; a missing or malformed variable is told by name."""
        return cls.model_validate({name.lower(): value for name, value in environment.items()})


def _comma_separated(text: object) -> object:
    return tuple(filter(None, map(str.strip, text.split(",")))) if isinstance(text, str) else text


class EdgeSettings(Settings):
    """What every function behind the HTTP API needs.

    ALLOWED_ORIGINS are the browsers' origins that may read the answers, comma-separated.
    """

    stage: str
    powertools_service_name: str
    allowed_origins: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = ()


def on_lambda(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this process is an instance of a function on AWS."""
    return IN_LAMBDA in environment
