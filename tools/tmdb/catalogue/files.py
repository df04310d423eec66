"""Catalogues from a file: one title a line, as a JSON object."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, cast

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tools.tmdb.catalogue.builder import CatalogueBuilder, TitleDetails
from tools.tmdb.catalogue.store import Catalogue
from tools.tmdb.catalogue.titles import MediaType


class CatalogueFileError(Exception):
    """A catalogue file that cannot be read; the message names the line and what is wrong."""


def _named(name: str, *others: str) -> Any:  # noqa: ANN401 - what pydantic's Field returns
    return Field(default=None, validation_alias=AliasChoices(name, *others))


_OptionalDate = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class _Line(BaseModel):
    """A title as a line has it: TMDB's own names, or ``Title``'s; all but the type optional."""

    model_config = ConfigDict(extra="forbid", strict=False)

    media_type: MediaType
    id: int | None = Field(default=None, ge=1)
    title: str | None = _named("title", "name")
    original_title: str | None = _named("original_title", "original_name")
    overview: str | None = None
    genres: list[int] | None = _named("genre_ids", "genres")
    popularity: float | None = Field(default=None, ge=0)
    vote_average: float | None = Field(default=None, ge=0, le=10)
    vote_count: int | None = Field(default=None, ge=0)
    released: _OptionalDate = _named("release_date", "first_air_date", "released")
    language: str | None = _named("original_language", "language")
    countries: list[str] | None = _named("origin_country", "countries")
    adult: bool | None = None
    has_poster: bool | None = None
    poster_path: str | None = None
    runtime: int | None = Field(default=None, ge=0)
    cast: list[str] | None = None
    directors: list[str] | None = None
    keywords: list[str] | None = None
    seasons: int | None = _named("number_of_seasons", "seasons")
    episodes: int | None = _named("number_of_episodes", "episodes")
    last_aired: _OptionalDate = _named("last_air_date", "last_aired")
    backdrop_path: str | None = None
    video: bool | None = None

    def details(self) -> TitleDetails:
        """Return what the line says, without what it leaves out."""
        said = {name: getattr(self, name) for name in self.model_fields_set & _DETAILS}
        details = {n: v for n, v in said.items() if v is not None or n == "released"}
        if "poster_path" in self.model_fields_set:
            details.setdefault("has_poster", self.poster_path is not None)
        return cast("TitleDetails", details)


_DETAILS: Final = frozenset(TitleDetails.__annotations__)


def load(path: Path) -> Catalogue:
    """Read a catalogue from a file in UTF-8 with one JSON object a line; empty lines are skipped.

    A line has ``media_type`` ("movie" or "tv") and, as far as it cares to, the fields of a row in
    TMDB's lists (``id``, ``title`` or ``name``, ``genre_ids``, ``release_date`` or
    ``first_air_date``, ``vote_average`` ...) and ``runtime``, ``cast``, ``directors``, ``keywords``
    (names). What is left out is filled in as ``CatalogueBuilder`` does.

    CatalogueFileError: no such file, not JSON, an unknown field, a wrong value, an id twice.
    """
    builder = CatalogueBuilder()
    for number, line in _lines(path):
        try:
            title = _Line.model_validate_json(line)
            builder.add(title.media_type, title.title, genres=title.genres or (), **title.details())
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            message = f"{path}, line {number}: {where + ': ' if where else ''}{first['msg']}"
            raise CatalogueFileError(message) from invalid
        except ValueError as twice:
            message = f"{path}, line {number}: {twice}"
            raise CatalogueFileError(message) from twice
    return builder.build()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except (OSError, UnicodeDecodeError) as unreadable:
        message = f"{path} cannot be read: {unreadable}"
        raise CatalogueFileError(message) from unreadable
