"""Where a user watches, by the recommender's OwnScores function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from rooms.adapters.lambda_.asking import Success, ask
from rooms.domain.errors import PlatformsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class _Platforms(BaseModel):
    """Platforms, as contracts/functions/recommender/OwnScores describes them."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    country: str
    provider_ids: tuple[int, ...]


class _Data(BaseModel):
    model_config = ConfigDict(defer_build=True)

    platforms: _Platforms | None = None


@dataclass(frozen=True, slots=True)
class LambdaOwnPlatforms:
    """The recommender, by synchronous invocations of one Lambda function."""

    function_name: str
    client: LambdaClient

    def find(self, user_id: str, correlation_id: str) -> tuple[str, Sequence[int]] | None:
        """Invoke the function; see the port."""
        request = {"userId": user_id, "withPlatforms": True, "correlationId": correlation_id}
        data = ask(
            self.client,
            self.function_name,
            request,
            Success[_Data],
            otherwise="OwnPlatformsUnavailable",
        )
        if data is None:
            raise PlatformsUnavailable
        found = data.platforms
        return (found.country, found.provider_ids) if found else None
