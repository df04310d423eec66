"""The catalogue's published interface, for when our own titles cannot be read.

Its discovery function, rather than GET /media: see docs/adr/0045.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from matinee.ids import NewId, new_id
from matinee.media import MediaType, TitleKey
from matinee.observability import count, logger
from recommender.domain.titles import TitleFacts, TitlesUnavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

CACHE_TTL_SECONDS = 300.0
"""For so long a response is reused: the same request has the same recommendations meanwhile."""

COOLDOWN_SECONDS = 15.0
"""For so long the catalogue is not called after it failed, or took too long."""

TIME_BUDGET_SECONDS = 0.5
"""Of these, seconds that calls may take before the last call: a person waits."""


class _Candidate(BaseModel):
    """A candidate as contracts/functions/catalog/Discover describes it."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    id: int
    title: str
    overview: str = ""
    genre_ids: tuple[int, ...] = ()
    poster_path: str | None = None
    release_date: date | None = None
    vote_average: float = 0.0
    vote_count: int = 0


class _Data(BaseModel):
    candidates: list[_Candidate]


class _Response(BaseModel):
    data: _Data | None = None
    error: dict[str, Any] | None = None


@dataclass(slots=True)
class _Cached:
    since: float
    titles: Sequence[TitleFacts]


@dataclass(slots=True)
class CatalogClient:
    """The titles that the catalogue's discovery function returns, fifty at a time."""

    function_name: str
    client: LambdaClient
    timer: Callable[[], float] = time.monotonic
    new_id: NewId = new_id
    _cache: dict[tuple[MediaType, int | None], _Cached] = field(default_factory=dict)
    _failed_at: float | None = None
    _budget_since: float = 0.0
    _spent: float = 0.0

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that are part of a cached response."""
        known = {title.key: title for cached in self._cache.values() for title in cached.titles}
        return {key: known[key] for key in keys if key in known}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""
        cached = self._cache.get((media_type, genre_id))
        if cached is None or self.timer() - cached.since > CACHE_TTL_SECONDS:
            cached = _Cached(self.timer(), self._discover(media_type, genre_id))
            self._cache[media_type, genre_id] = cached
        return cached.titles[:limit]

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002 - the port's
        """Return nothing: the discovery function does not know what it saw first."""
        return ()

    def _discover(self, media_type: MediaType, genre_id: int | None) -> Sequence[TitleFacts]:
        started = self.timer()
        if started - self._budget_since > COOLDOWN_SECONDS:
            self._budget_since, self._spent = started, 0.0
        has_failed = self._failed_at is not None and started - self._failed_at < COOLDOWN_SECONDS
        if has_failed or self._spent > TIME_BUDGET_SECONDS:
            raise TitlesUnavailable
        response = self._invoke(media_type, genre_id)
        self._spent += self.timer() - started
        if response.data is None:
            self._failed_at = self.timer()
            logger.warning("catalogue_refused", extra={"code": (response.error or {}).get("type")})
            raise TitlesUnavailable
        titles = [_facts(media_type, candidate) for candidate in response.data.candidates]
        return sorted(titles, key=lambda title: (-title.vote_average, -title.vote_count, title.key))

    def _invoke(self, media_type: MediaType, genre_id: int | None) -> _Response:
        request = {
            "mediaType": media_type,
            "genreIds": [] if genre_id is None else [genre_id],
            "correlationId": self.new_id(),
        }
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            return _Response.model_validate_json(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            self._failed_at = self.timer()
            logger.exception("catalogue_unreachable")
            count("CatalogueUnreachable")
            raise TitlesUnavailable from error


def _facts(media_type: MediaType, candidate: _Candidate) -> TitleFacts:
    values = candidate.model_dump(exclude={"id", "poster_path"})
    poster_path = candidate.poster_path or None
    return TitleFacts(TitleKey(media_type, candidate.id), poster_path=poster_path, **values)
