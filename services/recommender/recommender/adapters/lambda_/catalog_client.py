"""The catalogue asked itself, through its published interface: for when our titles cannot be read.

Its discovery function, rather than GET /media: the API's address would be an input of a function
that the API is made of, and CloudFormation has no way to begin such a circle.
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
from matinee.observability import count, logger
from recommender.domain.titles import MediaType, TitleFacts, TitleKey, TitlesUnavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

CACHE_TTL_SECONDS = 300.0
"""Seconds for which an answer is good: the same request gets the same answer meanwhile."""

COOLDOWN_SECONDS = 15.0
"""Seconds for which a catalogue that did not answer, or took too long over it, is left alone."""

TIME_BUDGET_SECONDS = 0.5
"""Seconds of these that may be spent waiting for it, before the last question: a person waits."""


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


class _Answer(BaseModel):
    data: _Data | None = None
    error: dict[str, Any] | None = None


@dataclass(slots=True)
class _Kept:
    since: float
    titles: Sequence[TitleFacts]


@dataclass(slots=True)
class CatalogClient:
    """The titles that the catalogue's discovery function answers, fifty at a time."""

    function_name: str
    client: LambdaClient
    timer: Callable[[], float] = time.monotonic
    new_id: NewId = new_id
    _answers: dict[tuple[MediaType, int | None], _Kept] = field(default_factory=dict)
    _failed_at: float | None = None
    _first_asked_at: float = 0.0
    _spent: float = 0.0

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that an earlier answer held."""
        known = {title.key: title for kept in self._answers.values() for title in kept.titles}
        return {key: known[key] for key in keys if key in known}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""
        kept = self._answers.get((media_type, genre_id))
        if kept is None or self.timer() - kept.since > CACHE_TTL_SECONDS:
            kept = _Kept(self.timer(), self._ask(media_type, genre_id))
            self._answers[media_type, genre_id] = kept
        return kept.titles[:limit]

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002 - the port's
        """Return nothing: the discovery function does not know what it saw first."""
        return ()

    def _ask(self, media_type: MediaType, genre_id: int | None) -> Sequence[TitleFacts]:
        began = self.timer()
        if began - self._first_asked_at > COOLDOWN_SECONDS:
            self._first_asked_at, self._spent = began, 0.0
        failed = self._failed_at is not None and began - self._failed_at < COOLDOWN_SECONDS
        if failed or self._spent > TIME_BUDGET_SECONDS:
            raise TitlesUnavailable
        answer = self._invoke(media_type, genre_id)
        self._spent += self.timer() - began
        if answer.data is None:
            self._failed_at = self.timer()
            logger.warning("catalogue_refused", extra={"code": (answer.error or {}).get("type")})
            raise TitlesUnavailable
        titles = [_facts(media_type, candidate) for candidate in answer.data.candidates]
        return sorted(titles, key=lambda title: (-title.vote_average, -title.vote_count, title.key))

    def _invoke(self, media_type: MediaType, genre_id: int | None) -> _Answer:
        request = {
            "mediaType": media_type.upper(),
            "genreIds": [] if genre_id is None else [genre_id],
            "correlationId": self.new_id(),
        }
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            return _Answer.model_validate_json(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            self._failed_at = self.timer()
            logger.exception("catalogue_unreachable")
            count("CatalogueUnreachable")
            raise TitlesUnavailable from error


def _facts(media_type: MediaType, candidate: _Candidate) -> TitleFacts:
    return TitleFacts(
        key=TitleKey(media_type, candidate.id),
        title=candidate.title,
        overview=candidate.overview,
        poster_path=candidate.poster_path or None,
        release_date=candidate.release_date,
        genre_ids=candidate.genre_ids,
        vote_average=candidate.vote_average,
        vote_count=candidate.vote_count,
    )
