"""The recommender's GroupDeck function, through its published interface."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from matinee.observability import logger
from rooms.domain.deal import DeckWish
from rooms.domain.room import Movie
from rooms.ports import GroupDeckUnavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class _Data(BaseModel):
    """A deck, as contracts/functions/recommender/GroupDeck describes it."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    titles: list[Movie]


class _Response(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: _Data | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LambdaGroupDeckClient:
    """The recommender, by synchronous invocations of one Lambda function."""

    function_name: str
    client: LambdaClient

    def deal(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        limit: int,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        """Return titles for a group, with their reasons; raise GroupDeckUnavailable."""
        request = {
            "userIds": list(user_ids),
            "mediaType": wish.media_types[0].value,
            "mediaTypes": [media_type.value for media_type in wish.media_types],
            "genreIds": list(wish.genre_ids),
            "filters": {to_camel(name): value for name, value in wish.filters.as_values().items()},
            "limit": limit,
            "excludeIds": sorted(exclude),
            "hideSeenBy": wish.hide_seen.value,
            "correlationId": correlation_id,
        }
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            answer = _Response.model_validate_json(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            logger.exception("recommender_unreachable")
            raise GroupDeckUnavailable from error
        if response.get("FunctionError") or answer.data is None:
            code = (answer.error or {}).get("type")
            logger.warning("recommender_refused", extra={"code": code})
            raise GroupDeckUnavailable
        return answer.data.titles
