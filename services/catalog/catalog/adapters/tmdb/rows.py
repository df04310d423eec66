"""TMDB's JSON as titles. A row that cannot be parsed is left out and counted; the page stays.

The id, title and genres must be valid. The rest is brought within the bounds of our events and
tables: one odd field must not hide a title for ever.
"""

from collections.abc import Mapping
from math import isnan
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
)

from catalog.domain import Title, TitlePage
from catalog.domain.resolution import Match, Matches
from matinee.media import MediaType
from matinee.observability import count, logger
from matinee.text import clean_text, is_image_path, parse_day

MAX_NUMBER = 2**31 - 1
MAX_GENRES = 20
MAX_TITLE_CHARACTERS = 500
MAX_LANGUAGE_CHARACTERS = 20
MAX_OVERVIEW_CHARACTERS = 4000
"""TMDB's own have at most 1,000; a longer one is cut."""


def _text(value: object) -> object:
    """Return a clean text; TMDB writes an absent one as null as often as ""."""
    if value is None:
        return ""
    return clean_text(value)[:MAX_OVERVIEW_CHARACTERS] if isinstance(value, str) else value


def _title_text(value: object) -> object:
    return clean_text(value)[:MAX_TITLE_CHARACTERS] if isinstance(value, str) else value


def _language(value: object) -> str:
    """Return a language's code, `xx` as TMDB's of a title without one."""
    return clean_text(value)[:MAX_LANGUAGE_CHARACTERS] if isinstance(value, str) else "xx"


def _path(value: object) -> str | None:
    return value if isinstance(value, str) and is_image_path(value) else None


def _day(value: object) -> str | None:
    """Return a valid day, yyyy-mm-dd, or None; TMDB leaves an unknown one empty or out."""
    return parse_day(value) if isinstance(value, str) else None


def _number(highest: int, kind: type[int | float] = float) -> BeforeValidator:
    """Return a validator that brings a number into the range from 0; it is 0 for anything else."""

    def bounded(value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
            return 0
        return kind(min(max(value, 0), highest))

    return BeforeValidator(bounded)


def _first_genres(ids: tuple[int, ...]) -> tuple[int, ...]:
    return ids[:MAX_GENRES]


def _adult(value: object) -> bool:
    """Return whether a title is for adults; in doubt it is."""
    return value not in (False, None)


type Path = Annotated[str | None, BeforeValidator(_path)]
type GenreId = Annotated[StrictInt, Field(gt=0, le=MAX_NUMBER)]
type GenreIds = Annotated[tuple[GenreId, ...], AfterValidator(_first_genres)]


class TmdbRow(BaseModel):
    """A film or series in a list. Series have a `name` and a `first_air_date`."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[StrictInt, Field(gt=0, le=MAX_NUMBER)]
    title: Annotated[str, BeforeValidator(_title_text)] = Field(
        validation_alias=AliasChoices("title", "name")
    )
    overview: Annotated[str, BeforeValidator(_text)] = ""
    poster_path: Path = None
    backdrop_path: Path = None
    release_date: Annotated[str | None, BeforeValidator(_day)] = Field(
        default=None, validation_alias=AliasChoices("release_date", "first_air_date")
    )
    vote_average: Annotated[float, _number(10)] = 0.0
    vote_count: Annotated[int, _number(MAX_NUMBER, int)] = 0
    popularity: Annotated[float, _number(MAX_NUMBER)] = 0.0
    genre_ids: GenreIds
    original_language: Annotated[str, BeforeValidator(_language)]
    adult: Annotated[bool, BeforeValidator(_adult)] = False

    def as_title(self, media_type: MediaType) -> Title:
        """Return the row as a title."""
        return Title(media_type=media_type, **self.model_dump())


class _OriginalName(BaseModel):
    """The original name of a film or series in a list."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, BeforeValidator(_title_text)] | None = Field(
        default=None, validation_alias=AliasChoices("original_title", "original_name")
    )


class TmdbMatches(BaseModel):
    """The response of /search, or of /find, which names other kinds of results, too."""

    model_config = ConfigDict(extra="ignore")

    results: list[Any] = []
    movie_results: list[Any] = []
    tv_results: list[Any] = []
    tv_episode_results: list[Any] = []
    tv_season_results: list[Any] = []
    person_results: list[Any] = []

    @classmethod
    def parse(cls, body: bytes, media_type: MediaType = MediaType.MOVIE) -> Matches:
        """Parse a response's body; raise pydantic's ValidationError when it is none.

        `media_type` is that of a search's results. Rows that cannot be parsed are left out.
        """
        read = cls.model_validate_json(body)
        rows = [(row, media_type) for row in read.results]
        rows += [(row, MediaType.MOVIE) for row in read.movie_results]
        rows += [(row, MediaType.TV) for row in read.tv_results]
        found = tuple(match for row, kind in rows if (match := _match(row, kind)))
        others = read.tv_episode_results or read.tv_season_results or read.person_results
        return Matches(found, is_other=bool(others and not rows))


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


def _match(row: object, media_type: MediaType) -> Match | None:
    title = _title(row, media_type)
    try:
        return Match(title, _OriginalName.model_validate(row).name) if title else None
    except ValidationError:
        return Match(title) if title else None
