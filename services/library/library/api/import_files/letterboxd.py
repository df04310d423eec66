"""Letterboxd: watched.csv, ratings.csv, watchlist.csv and likes/films.csv, and diary.csv.

    Date,Name,Year,Letterboxd URI                                          watched, watchlist, likes
    Date,Name,Year,Letterboxd URI,Rating                                   ratings: 0.5 to 5
    Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date         diary

Three of them have the same columns: only their names tell what they are. There are no ids.
"""

from collections.abc import Sequence
from datetime import datetime

from library.api.import_files.reading import (
    SourceFile,
    Table,
    read_name,
    read_rating,
    read_time,
    read_year,
)
from library.domain.errors import ImportListUnknown
from library.domain.imports import FAVOURITE_RATING, ImportRow
from library.domain.titles import ListName

_SCALE = 5
_SHELVES = {"watched": ListName.SEEN, "watchlist": ListName.WATCHLIST, "films": ListName.FAVOURITES}


def read(file: SourceFile, table: Table, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a file, None if it is not Letterboxd's. Raises ImportListUnknown."""
    if not table.has("Name", "Year", "Letterboxd URI"):
        return None
    shelf = None
    if not table.has("Rating"):
        shelf = file.shelf or _SHELVES.get(file.base_name)
        if shelf is None:
            raise ImportListUnknown
    rows = []
    for record in table.records:
        rating = read_rating(record["Rating"], _SCALE)
        is_high = rating is not None and rating >= FAVOURITE_RATING
        rows.append(
            ImportRow(
                file=file.name,
                line=record.line,
                shelf=shelf or (ListName.FAVOURITES if is_high else ListName.SEEN),
                name=read_name(record["Name"]),
                year=read_year(record["Year"]),
                at=read_time(record["Date"], now),
                seen_at=read_time(record["Watched Date"], now),
                rating=rating,
            )
        )
    return rows
