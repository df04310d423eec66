"""TMDB's details of one title, with its credits and keywords appended.

The title itself must be valid. Everything else is parsed one by one: a person without a name is
left out, and details without credits have no people.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from catalog.adapters.tmdb.rows import GenreIds, TmdbRow
from catalog.domain import Details, Facts
from matinee.media import TitleKey

MAX_KEYWORDS = 20
MAX_CAST = 5
MAX_DIRECTORS = 5
MAX_NAME_CHARACTERS = 200
MAX_RUNTIME_MINUTES = 100_000


def _genre_ids(value: object) -> object:
    """Return the ids of `genres`: [{id, name}], the form that details have."""
    if not isinstance(value, list):
        return value
    return [genre.get("id") if isinstance(genre, Mapping) else genre for genre in value]


class _DetailsRow(TmdbRow):
    """A title in its details: like a row of a list except for its genres."""

    genre_ids: Annotated[GenreIds, BeforeValidator(_genre_ids)] = Field(validation_alias="genres")


class TmdbDetails(BaseModel):
    """The response to /movie/{id} or /tv/{id}."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def parse(cls, body: bytes, key: TitleKey) -> Details:
        """Parse a response's body; raise pydantic's ValidationError when it is not that title."""
        response = cls.model_validate_json(body)
        row = _DetailsRow.model_validate(response.model_extra)
        if row.id != key.id:
            raise ValidationError.from_exception_data("another title", [])
        return Details(row.as_title(key.media_type), response.facts())

    def facts(self) -> Facts:
        """Return what lists do not contain."""
        values: dict[str, Any] = self.model_extra or {}
        credits_ = _mapping(values.get("credits"))
        cast = sorted(_rows(credits_.get("cast")), key=_billing)
        directors = [row for row in _rows(credits_.get("crew")) if row.get("job") == "Director"]
        keywords = _mapping(values.get("keywords"))
        return Facts(
            runtime=_minutes(values),
            keywords=_names(keywords.get("keywords") or keywords.get("results"), MAX_KEYWORDS),
            directors=_names(values.get("created_by") or directors, MAX_DIRECTORS),
            cast=_names(cast, MAX_CAST),
        )


def _minutes(values: Mapping[str, Any]) -> int | None:
    """Return the runtime of a film or of a series' episode; TMDB writes an unknown one as 0."""
    lengths = [values.get("runtime"), *(_list(values.get("episode_run_time")))]
    known: Iterable[int] = (
        minutes
        for minutes in lengths
        if isinstance(minutes, int)
        and not isinstance(minutes, bool)
        and 0 < minutes <= MAX_RUNTIME_MINUTES
    )
    return next(iter(known), None)


def _names(rows: object, limit: int) -> tuple[str, ...]:
    names = (row.get("name") for row in _rows(rows))
    texts = (name.strip()[:MAX_NAME_CHARACTERS] for name in names if isinstance(name, str))
    return tuple(islice(dict.fromkeys(text for text in texts if text), limit))


def _billing(row: Mapping[str, Any]) -> float:
    order = row.get("order")
    return order if isinstance(order, int) else float("inf")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]
