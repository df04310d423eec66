"""IMDb: ratings, watchlists and lists.

    Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),
        Year,Genres,Num Votes,Release Date,Directors                       ratings: 1 to 10
    Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,
        Runtime (mins),Year,Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated
                                                                           a watchlist, or a list

Older files have no Original Title, or no ratings in lists. Title types are written as "Movie" or
"movie", "TV Mini Series" or "tvMiniSeries", or in the user's language.
"""

from collections.abc import Sequence
from datetime import datetime

from library.api.import_files.reading import (
    Record,
    SourceFile,
    Table,
    read_imdb_id,
    read_name,
    read_rating,
    read_time,
    read_year,
)
from library.domain.imports import FAVOURITE_RATING, ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.media import MediaType

_SERIES = frozenset({"tvseries", "tvminiseries"})
_FILMS = frozenset({"movie", "tvmovie", "short", "tvshort", "video", "tvspecial"})
_EPISODES = frozenset({"tvepisode", "podcastepisode"})
_NO_TITLES = frozenset({"videogame", "podcastseries", "musicvideo"})


def read(file: SourceFile, table: Table, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a file, None if it is not IMDb's."""
    if not table.has("Const", "Title"):
        return None
    is_list = table.has("Position")
    if not (is_list or table.has("Your Rating")):
        return None
    return [_row(file, record, now, is_list=is_list) for record in table.records]


def _row(file: SourceFile, record: Record, now: datetime, *, is_list: bool) -> ImportRow:
    rating = read_rating(record["Your Rating"])
    if is_list:
        shelf = file.shelf or ListName.WATCHLIST
    else:
        is_high = rating is not None and rating >= FAVOURITE_RATING
        shelf = ListName.FAVOURITES if is_high else ListName.SEEN
    row = ImportRow(
        file=file.name,
        line=record.line,
        shelf=shelf,
        name=read_name(record["Title"]),
        year=read_year(record["Year"]),
        media_type=_media_type(record["Title Type"]),
        imdb_id=read_imdb_id(record["Const"]),
        at=read_time(record["Created"] if is_list else record["Date Rated"], now),
        rating=rating,
    )
    kind = _kind(record["Title Type"])
    if kind in _EPISODES:
        return row.ended(RowStatus.SKIPPED, Reason.EPISODE)
    if kind in _NO_TITLES:
        return row.ended(RowStatus.SKIPPED, Reason.NO_TITLE)
    return row


def _media_type(title_type: str) -> MediaType | None:
    """Return the media type of a title type, None for one in another language."""
    kind = _kind(title_type)
    if kind in _SERIES:
        return MediaType.TV
    return MediaType.MOVIE if kind in _FILMS else None


def _kind(title_type: str) -> str:
    return title_type.replace(" ", "").casefold()
