"""Trakt: the files of its export, JSON lists of items that hold a film, a series or a part of one.

    {"rated_at", "rating": 1-10, "type": "movie", "movie": {title, year, ids: {imdb, tmdb, ...}}}
    {"listed_at", "rank", "type": "show", "show": {...}}                   watchlist, favorites
    {"plays", "last_watched_at", "movie": {...}}                           watched
    {"watched_at", "action", "type": "episode", "episode": {...}, "show": {...}}    history
    {"collected_at", "movie": {...}}                                       collection

Watchlists and favorites have the same form: only their names tell which they are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from library.api.import_files.reading import (
    SourceFile,
    read_imdb_id,
    read_key,
    read_name,
    read_rating,
    read_time,
    read_year,
)
from library.domain.errors import ImportListUnknown
from library.domain.imports import FAVOURITE_RATING, ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.media import MediaType

_TITLES = {"movie": MediaType.MOVIE, "show": MediaType.TV}
_PARTS = ("season", "episode")
_SEEN = frozenset({"watched_at", "last_watched_at", "collected_at", "last_collected_at", "plays"})
_WATCHED = ("watched_at", "last_watched_at")
_TIMES = ("rated_at", "listed_at", "watched_at", "last_watched_at", "collected_at")
_WORDS = {
    "watchlist": ListName.WATCHLIST,
    "favorite": ListName.FAVOURITES,
    "favourite": ListName.FAVOURITES,
    "recommendation": ListName.FAVOURITES,
}


def read_json(file: SourceFile, value: object, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a list, None if it is not Trakt's. Raises ImportListUnknown."""
    if not isinstance(value, list) or not value or not all(_is_item(item) for item in value):
        return None
    return [_item(file, line, item, now) for line, item in enumerate(value, start=1)]


def _is_item(item: object) -> bool:
    return isinstance(item, Mapping) and any(
        isinstance(item.get(kind), Mapping) for kind in (*_TITLES, "episode", "season", "person")
    )


def _item(file: SourceFile, line: int, item: Mapping[str, Any], now: datetime) -> ImportRow:
    kind = next((kind for kind in _TITLES if isinstance(item.get(kind), Mapping)), None)
    title: Mapping[str, Any] = item[kind] if kind else {}
    ids = title.get("ids")
    ids = ids if isinstance(ids, Mapping) else {}
    media_type = _TITLES[kind] if kind else None
    rating = read_rating(item.get("rating"))
    row = ImportRow(
        file=file.name,
        line=line,
        shelf=_shelf(file, item, rating),
        name=read_name(title.get("title")),
        year=read_year(title.get("year")),
        media_type=media_type,
        imdb_id=read_imdb_id(ids.get("imdb")),
        key=read_key(media_type, ids.get("tmdb")),
        at=next((at for name in _TIMES if (at := read_time(item.get(name), now))), None),
        seen_at=next((at for name in _WATCHED if (at := read_time(item.get(name), now))), None),
        rating=rating,
    )
    if kind is None and isinstance(item.get("person"), Mapping):
        return row.ended(RowStatus.SKIPPED, Reason.NO_TITLE)
    is_part = any(isinstance(item.get(part), Mapping) for part in _PARTS)
    if is_part and row.shelf is not ListName.SEEN:
        return row.ended(RowStatus.SKIPPED, Reason.EPISODE)
    return row


def _shelf(file: SourceFile, item: Mapping[str, Any], rating: float | None) -> ListName:
    if rating is not None:
        return ListName.FAVOURITES if rating >= FAVOURITE_RATING else ListName.SEEN
    if item.keys() & _SEEN:
        return ListName.SEEN
    named = (shelf for word, shelf in _WORDS.items() if word in file.base_name)
    shelf = file.shelf or next(named, None)
    if shelf is None:
        raise ImportListUnknown
    return shelf
