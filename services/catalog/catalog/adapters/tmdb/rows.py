"""TMDB's JSON as titles. A row that cannot be read is left out and counted; its page stands.

What lies beyond the bounds of our events and tables is no title either: it would spoil what is
stored and told together with it.
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

from catalog.domain import MediaType, Page, Title
from matinee.observability import count, logger

HIGHEST = 2**31 - 1
MOST_GENRES = 20
LONGEST_TITLE = 500
LONGEST_OVERVIEW = 4000
"""Characters. TMDB's own are at most 1,000; of a longer one the beginning is kept."""


def _text(value: object) -> object:
    """TMDB writes an absent text as null as often as ""."""
    if value is None:
        return ""
    return value[:LONGEST_OVERVIEW] if isinstance(value, str) else value


def _day(value: object) -> str | None:
    """Keep a real day, yyyy-mm-dd; TMDB writes an unknown one as "" or leaves it out."""
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
type GenreId = Annotated[StrictInt, Field(gt=0, le=HIGHEST)]
type GenreIds = Annotated[tuple[GenreId, ...], Field(max_length=MOST_GENRES)]


class TmdbRow(BaseModel):
    """A film or series in a list. Series have a `name` and a `first_air_date`."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[StrictInt, Field(gt=0, le=HIGHEST)]
    title: str = Field(max_length=LONGEST_TITLE, validation_alias=AliasChoices("title", "name"))
    overview: Annotated[str, BeforeValidator(_text)] = ""
    poster_path: Path | None = None
    backdrop_path: Path | None = None
    release_date: Annotated[str | None, BeforeValidator(_day)] = Field(
        default=None, validation_alias=AliasChoices("release_date", "first_air_date")
    )
    vote_average: Annotated[float, BeforeValidator(_number), Field(ge=0, le=10)] = 0.0
    vote_count: Annotated[StrictInt, Field(ge=0, le=HIGHEST)] = 0
    popularity: Annotated[float, BeforeValidator(_number), Field(ge=0, le=HIGHEST)] = 0.0
    genre_ids: GenreIds
    original_language: Annotated[str, Field(max_length=20)]
    adult: StrictBool = False

    def as_title(self, media_type: MediaType) -> Title:
        """Return the title that the row describes."""
        return Title(media_type=media_type, **self.model_dump())


class TmdbPage(BaseModel):
    """One page of a list; its rows are read one by one."""

    model_config = ConfigDict(extra="ignore")

    results: list[Any]
    total_pages: Annotated[int, Field(ge=0)]
    total_results: Annotated[int, Field(ge=0)]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read a response's body; raises pydantic's ValidationError when it is no page."""
        return cls.model_validate_json(body)

    def as_page(self, media_type: MediaType) -> Page:
        """Return the page. Rows that cannot be read are counted."""
        titles = [title for row in self.results if (title := _title(row, media_type))]
        if unreadable := len(self.results) - len(titles):
            logger.warning("tmdb_rows_skipped", extra={"rows": unreadable})
            count("TmdbRowsSkipped", unreadable)
        return Page(tuple(titles), self.total_pages, self.total_results)


def _title(row: object, media_type: MediaType) -> Title | None:
    if not isinstance(row, Mapping):
        return None
    try:
        return TmdbRow.model_validate(row).as_title(media_type)
    except ValidationError:
        return None
