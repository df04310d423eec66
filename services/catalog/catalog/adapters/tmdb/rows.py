"""TMDB's JSON as titles. A row that cannot be parsed is left out and counted; the page stays.

A row beyond the bounds of our events and tables is left out as well: it would spoil what is stored
and published together with it.
"""

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)

from catalog.domain import Title, TitlePage
from matinee.media import MediaType
from matinee.observability import count, logger

MAX_NUMBER = 2**31 - 1
MAX_GENRES = 20
MAX_TITLE_CHARACTERS = 500
MAX_OVERVIEW_CHARACTERS = 4000
"""TMDB's own have at most 1,000; a longer one is cut."""


def _text(value: object) -> object:
    """Return a text; TMDB writes an absent one as null as often as ""."""
    if value is None:
        return ""
    return value[:MAX_OVERVIEW_CHARACTERS] if isinstance(value, str) else value


def _day(value: object) -> str | None:
    """Return a valid day, yyyy-mm-dd, or None; TMDB leaves an unknown one empty or out."""
    try:
        return date.fromisoformat(str(value)).isoformat() if value else None
    except ValueError:
        return None


def _number(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        message = "not a number"
        raise ValueError(message)
    return value


type Path = Annotated[str, Field(max_length=200)]
type GenreId = Annotated[StrictInt, Field(gt=0, le=MAX_NUMBER)]
type GenreIds = Annotated[tuple[GenreId, ...], Field(max_length=MAX_GENRES)]


class TmdbRow(BaseModel):
    """A film or series in a list. Series have a `name` and a `first_air_date`."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[StrictInt, Field(gt=0, le=MAX_NUMBER)]
    title: str = Field(
        max_length=MAX_TITLE_CHARACTERS, validation_alias=AliasChoices("title", "name")
    )
    overview: Annotated[str, BeforeValidator(_text)] = ""
    poster_path: Path | None = None
    backdrop_path: Path | None = None
    release_date: Annotated[str | None, BeforeValidator(_day)] = Field(
        default=None, validation_alias=AliasChoices("release_date", "first_air_date")
    )
    vote_average: Annotated[float, BeforeValidator(_number), Field(ge=0, le=10)] = 0.0
    vote_count: Annotated[StrictInt, Field(ge=0, le=MAX_NUMBER)] = 0
    popularity: Annotated[float, BeforeValidator(_number), Field(ge=0, le=MAX_NUMBER)] = 0.0
    genre_ids: GenreIds
    original_language: Annotated[str, Field(max_length=20)]
    adult: StrictBool = False

    def as_title(self, media_type: MediaType) -> Title:
        """Return the row as a title."""
        return Title(media_type=media_type, **self.model_dump())


class TmdbPage(BaseModel):
    """One page of a list; its rows are parsed one by one."""

    model_config = ConfigDict(extra="ignore")

    results: list[Any]
    total_pages: Annotated[int, Field(ge=0)]
    total_results: Annotated[int, Field(ge=0)]

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Parse a response's body; raise pydantic's ValidationError when it is no page."""
        return cls.model_validate_json(body)

    def as_page(self, media_type: MediaType) -> TitlePage:
        """Return the page. Rows that cannot be parsed are counted."""
        titles = [title for row in self.results if (title := _title(row, media_type))]
        if skipped := len(self.results) - len(titles):
            logger.warning("tmdb_rows_skipped", extra={"rows": skipped})
            count("TmdbRowsSkipped", skipped)
        return TitlePage(tuple(titles), self.total_pages, self.total_results)


def _title(row: object, media_type: MediaType) -> Title | None:
    if not isinstance(row, Mapping):
        return None
    try:
        return TmdbRow.model_validate(row).as_title(media_type)
    except ValidationError:
        return None
