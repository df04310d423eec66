"""The catalogue's discovery function, asked through its published interface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from matinee.errors import InvalidInput
from matinee.observability import logger
from rooms.domain.errors import CatalogBusy, CatalogUnavailable
from rooms.domain.room import MediaType, Movie

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class _Candidate(BaseModel):
    """A candidate as contracts/functions/catalog/Discover describes it."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    id: int
    title: str
    overview: str
    media_type: MediaType
    genre_ids: tuple[int, ...] = ()
    poster_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None


class _Data(BaseModel):
    candidates: list[_Candidate]


class _Answer(BaseModel):
    data: _Data | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class DiscoverFunction:
    """The catalogue, reached by a synchronous invocation of one Lambda function."""

    function_name: str
    client: LambdaClient

    def discover(
        self, media_type: MediaType, genre_ids: Sequence[int], correlation_id: str
    ) -> Sequence[Movie]:
        """Return up to fifty candidates.

        Raises InvalidInput when the catalogue refuses the genres, CatalogBusy when it says when to
        come back, else CatalogUnavailable.
        """
        answer = self._invoke(
            {
                "mediaType": media_type.value,
                "genreIds": list(genre_ids),
                "correlationId": correlation_id,
            }
        )
        if answer.error and answer.error.get("type") == InvalidInput.__name__:
            raise InvalidInput(answer.error.get("message"), **(answer.error.get("info") or {}))
        if answer.data is None:
            refusal = answer.error or {}
            logger.warning("catalogue_refused", extra={"code": refusal.get("type")})
            seconds = (refusal.get("info") or {}).get("retryAfter")
            if isinstance(seconds, int | float):
                raise CatalogBusy(retry_after=seconds)
            raise CatalogUnavailable
        return [Movie(**candidate.model_dump()) for candidate in answer.data.candidates]

    def _invoke(self, request: dict[str, Any]) -> _Answer:
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            if response.get("FunctionError"):
                logger.error("catalogue_failed", extra={"status": response["StatusCode"]})
                raise CatalogUnavailable
            return _Answer.model_validate_json(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            logger.exception("catalogue_unreachable")
            raise CatalogUnavailable from error
