"""TMDB's details of one title, with its credits and keywords appended.

The title itself must be readable. What stands in it besides is read one by one: a person without
a name is left out, and details without credits are details of nobody.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from catalog.adapters.tmdb.rows import GenreIds, TmdbRow
from catalog.domain import Details, Facts, TitleId

MOST_KEYWORDS = 20
MOST_CAST = 5
MOST_DIRECTORS = 5
LONGEST_NAME = 200
LONGEST_RUNTIME = 100_000
"""Minutes."""


def _genre_ids(value: object) -> object:
    """Take the ids of `genres`: [{id, name}], as details have them."""
    if not isinstance(value, list):
        return value
    return [genre.get("id") if isinstance(genre, Mapping) else genre for genre in value]


class _Detailed(TmdbRow):
    """A title as its details show it: the row of a list, but for its genres."""

    genre_ids: Annotated[GenreIds, BeforeValidator(_genre_ids)] = Field(validation_alias="genres")


class TmdbDetails(BaseModel):
    """The answer to /movie/{id} or /tv/{id}."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def read(cls, body: bytes, wanted: TitleId) -> Details:
        """Read a response's body; raises pydantic's ValidationError when it is not that title."""
        answer = cls.model_validate_json(body)
        row = _Detailed.model_validate(answer.model_extra)
        if row.id != wanted.id:
            raise ValidationError.from_exception_data("another title", [])
        return Details(row.as_title(wanted.media_type), answer.facts())

    def facts(self) -> Facts:
        """Return what lists do not say."""
        said: dict[str, Any] = self.model_extra or {}
        credits_ = _mapping(said.get("credits"))
        crew = _rows(credits_.get("crew"))
        cast = sorted(_rows(credits_.get("cast")), key=_billing)
        made_by = [row for row in crew if row.get("job") == "Director"]
        keywords = _mapping(said.get("keywords"))
        return Facts(
            runtime=_minutes(said),
            keywords=_names(keywords.get("keywords") or keywords.get("results"), MOST_KEYWORDS),
            directors=_names(said.get("created_by") or made_by, MOST_DIRECTORS),
            cast=_names(cast, MOST_CAST),
        )


def _minutes(said: Mapping[str, Any]) -> int | None:
    """Read a film's length, or that of a series' episode; TMDB writes an unknown one as 0."""
    lengths = [said.get("runtime"), *(_list(said.get("episode_run_time")))]
    known: Iterable[int] = (
        minutes
        for minutes in lengths
        if isinstance(minutes, int)
        and not isinstance(minutes, bool)
        and 0 < minutes <= LONGEST_RUNTIME
    )
    return next(iter(known), None)


def _names(rows: object, most: int) -> tuple[str, ...]:
    names = (row.get("name") for row in _rows(rows))
    texts = (name.strip()[:LONGEST_NAME] for name in names if isinstance(name, str))
    return tuple(islice(dict.fromkeys(text for text in texts if text), most))


def _billing(row: Mapping[str, Any]) -> float:
    order = row.get("order")
    return order if isinstance(order, int) else float("inf")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]
