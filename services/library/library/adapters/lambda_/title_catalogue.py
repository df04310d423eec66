"""The catalog's Resolve function, through its published interface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from library.domain.imports import ImportRow, Suggestion
from library.domain.titles import Title
from library.ports import CatalogueUnavailable, Resolved
from matinee.media import MediaType, TitleKey
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_CAMEL = ConfigDict(alias_generator=to_camel, defer_build=True)


class _Title(BaseModel):
    """A title, as contracts/functions/catalog/Resolve describes it."""

    model_config = _CAMEL

    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None
    backdrop_path: str | None
    release_date: str | None
    vote_average: float
    vote_count: int
    popularity: float
    genre_ids: tuple[int, ...]
    original_language: str

    def as_title(self) -> Title:
        """Return it as an entry of a list has it."""
        details = self.model_dump(exclude={"id", "media_type"})
        return Title(key=TitleKey(self.media_type, self.id), **details)

    def as_suggestion(self) -> Suggestion:
        """Return it as what a row may mean."""
        return Suggestion(TitleKey(self.media_type, self.id), self.title, self.release_date)


class _Result(BaseModel):
    model_config = _CAMEL

    outcome: str
    title: _Title | None
    suggestions: tuple[_Title, ...]

    def as_resolved(self) -> Resolved:
        """Return the port's form."""
        return Resolved(
            title=self.title.as_title() if self.title else None,
            is_unavailable=self.outcome == "unavailable",
            is_ambiguous=self.outcome == "ambiguous",
            is_no_title=self.outcome == "noTitle",
            suggestions=tuple(title.as_suggestion() for title in self.suggestions),
        )


class _Data(BaseModel):
    model_config = _CAMEL

    results: list[_Result]
    retry_after: float | None = None


class _Response(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: _Data | None = None
    error: dict[str, Any] | None = None

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """Parse a response; raise pydantic's ValidationError for anything else."""
        return cls.model_validate_json(payload)


@dataclass(frozen=True, slots=True)
class LambdaTitleCatalogue:
    """`TitleCatalogue` by synchronous invocations of one function."""

    function_name: str
    client: LambdaClient

    def resolve(
        self, rows: Sequence[ImportRow], correlation_id: str
    ) -> tuple[Sequence[Resolved], float | None]:
        """Invoke the function once; see the port."""
        request = {"titles": list(map(_reference, rows)), "correlationId": correlation_id}
        response = self._invoke(request)
        if response.data is None or len(response.data.results) != len(rows):
            logger.warning("catalog_refused", extra={"code": (response.error or {}).get("type")})
            raise CatalogueUnavailable
        results = [result.as_resolved() for result in response.data.results]
        return results, response.data.retry_after

    def _invoke(self, request: dict[str, Any]) -> _Response:
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            if response.get("FunctionError"):
                logger.error("catalog_failed", extra={"status": response["StatusCode"]})
                raise CatalogueUnavailable
            return _Response.read(response["Payload"].read())
        except (BotoCoreError, ClientError, ValidationError) as error:
            logger.exception("catalog_unreachable")
            raise CatalogueUnavailable from error


def _reference(row: ImportRow) -> dict[str, Any]:
    values = {
        "mediaId": row.key.id if row.key else None,
        "mediaType": row.key.media_type if row.key else row.media_type,
        "imdbId": row.imdb_id,
        "title": row.name,
        "year": row.year,
    }
    return {name: value for name, value in values.items() if value is not None}
