"""The environment, read once through one typed model for each function."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """The base of a function's settings: a field `rooms_table` is the variable ROOMS_TABLE."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; a missing or malformed variable is told by name."""
        return cls.model_validate({name.lower(): value for name, value in environment.items()})
