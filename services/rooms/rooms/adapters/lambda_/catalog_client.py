"""The catalog's Discover function, through its published interface."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from matinee.errors import InvalidInput
from matinee.filters import Filters
from matinee.media import MediaType
from matinee.observability import logger
from rooms.domain.errors import CatalogBusy, CatalogUnavailable, NoCandidates
from rooms.domain.room import Movie

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class _Data(BaseModel):
    """Candidates, as contracts/functions/catalog/Discover describes them."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    candidates: list[Movie]
    relax: list[str] = []


class _Response(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: _Data | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LambdaCatalogClient:
    """The catalog, by synchronous invocations of one Lambda function."""

    function_name: str
    client: LambdaClient

    def discover(
        self,
        media_type: MediaType,
        genre_ids: Sequence[int],
        filters: Filters,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        """Return up to fifty candidates, none of those to exclude.

        Raises NoCandidates with what to relax, InvalidInput when the catalog refuses genres or
        filters, CatalogBusy when it says when to retry, and CatalogUnavailable for everything else.
        """
        response = self._invoke(
            {
                "mediaType": media_type.value,
                "genreIds": list(genre_ids),
                "filters": {to_camel(name): value for name, value in filters.as_values().items()},
                "excludeIds": sorted(exclude),
                "correlationId": correlation_id,
            }
        )
        if response.data is None:
            raise _error(response.error or {})
        if not response.data.candidates:
            raise NoCandidates(relax=response.data.relax)
        return response.data.candidates

    def _invoke(self, request: dict[str, Any]) -> _Response:
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            if response.get("FunctionError"):
                logger.error("catalog_failed", extra={"status": response["StatusCode"]})
                raise CatalogUnavailable
            return _Response.model_validate_json(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            logger.exception("catalog_unreachable")
            raise CatalogUnavailable from error


def _error(error: dict[str, Any]) -> Exception:
    info = error.get("info") or {}
    if error.get("type") == InvalidInput.__name__:
        return InvalidInput(error.get("message"), **info)
    logger.warning("catalog_refused", extra={"code": error.get("type")})
    seconds = info.get("retryAfter")
    if isinstance(seconds, int | float):
        return CatalogBusy(retry_after=seconds)
    return CatalogUnavailable()
