"""TMDB: ratings, watchlist, favourites and lists as CSV, and lists as its interface answers them.

    TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,
        Date Rated

`Type` is movie or tv; a row with a season or an episode is about that alone. `Rating` is
everybody's. In lists `Your Rating` is empty. As JSON: {"items": [...]} or {"results": [...]}, of
rows with `id`, `media_type` and `title` or `name`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from library.api.import_files.reading import (
    Record,
    SourceFile,
    Table,
    read_imdb_id,
    read_key,
    read_name,
    read_rating,
    read_time,
    read_year,
)
from library.domain.imports import FAVOURITE_RATING, ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.media import MediaType

_TYPES = {"movie": MediaType.MOVIE, "tv": MediaType.TV}
_WORDS = {"favorite": ListName.FAVOURITES, "favourite": ListName.FAVOURITES}
"""In a file's name. Without one of them a list is a watchlist."""


def read(file: SourceFile, table: Table, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a CSV file, None if it is not TMDB's."""
    if not table.has("TMDb ID", "Type", "Name"):
        return None
    return [_row(file, record, now) for record in table.records]


def read_json(file: SourceFile, value: object, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a list as JSON, None if it is none."""
    if not isinstance(value, Mapping):
        return None
    items = value.get("items", value.get("results"))
    if not isinstance(items, list) or not all(_is_item(item) for item in items):
        return None
    return [_item(file, line, item, now) for line, item in enumerate(items, start=1)]


def _row(file: SourceFile, record: Record, now: datetime) -> ImportRow:
    media_type = _TYPES.get(record["Type"].casefold())
    rating = read_rating(record["Your Rating"])
    row = ImportRow(
        file=file.name,
        line=record.line,
        shelf=_shelf(file, rating),
        name=read_name(record["Name"]),
        year=read_year(record["Release Date"]),
        media_type=media_type,
        imdb_id=read_imdb_id(record["IMDb ID"]),
        key=read_key(media_type, record["TMDb ID"]),
        at=read_time(record["Date Rated"], now),
        rating=rating,
    )
    if record["Season Number"] or record["Episode Number"]:
        return row.ended(RowStatus.SKIPPED, Reason.EPISODE)
    return row


def _is_item(item: object) -> bool:
    return isinstance(item, Mapping) and "id" in item and ("title" in item or "name" in item)


def _item(file: SourceFile, line: int, item: Mapping[str, Any], now: datetime) -> ImportRow:
    given = _TYPES.get(str(item.get("media_type") or "").casefold())
    media_type = given or (MediaType.MOVIE if "title" in item else MediaType.TV)
    rating = read_rating(item.get("rating"))
    return ImportRow(
        file=file.name,
        line=line,
        shelf=_shelf(file, rating),
        name=read_name(item.get("title") or item.get("name")),
        year=read_year(item.get("release_date") or item.get("first_air_date")),
        media_type=media_type,
        key=read_key(media_type, item.get("id")),
        at=read_time(item.get("created_at"), now),
        rating=rating,
    )


def _shelf(file: SourceFile, rating: float | None) -> ListName:
    if rating is not None and file.shelf is None:
        return ListName.FAVOURITES if rating >= FAVOURITE_RATING else ListName.SEEN
    named = (shelf for word, shelf in _WORDS.items() if word in file.base_name)
    return file.shelf or next(named, ListName.WATCHLIST)
