"""Places in lists as cursors: good for one user's one list, checked before a table sees them."""

import re
from datetime import datetime

from library.domain.titles import ListName, MediaType, Position, TitleKey
from library.use_cases.import_export import Bookmark
from matinee.clock import from_iso, iso
from matinee.dynamodb.cursor import decode, encode
from matinee.errors import InvalidInput

_EXPORT = "export"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_TITLE = re.compile(r"(movie|tv)#([1-9]\d{0,8})")


def seal_position(user_id: str, name: ListName, position: Position | None) -> str | None:
    """Write a place in a user's list; None at its end."""
    return encode((name, user_id), _written(position)) if position else None


def open_position(user_id: str, name: ListName, cursor: str | None) -> Position | None:
    """Read a place in a user's list; raises InvalidInput naming "cursor"."""
    return _read(decode((name, user_id), cursor)) if cursor else None


def seal_bookmark(user_id: str, bookmark: Bookmark | None) -> str | None:
    """Write where a user's export goes on; None at its end."""
    if bookmark is None:
        return None
    place = _written(bookmark.after) if bookmark.after else {}
    return encode((_EXPORT, user_id), {"list": bookmark.name.value, **place})


def open_bookmark(user_id: str, cursor: str | None) -> Bookmark | None:
    """Read where a user's export goes on; raises InvalidInput naming "cursor"."""
    if not cursor:
        return None
    match decode((_EXPORT, user_id), cursor):
        case {"list": ("favourites" | "watchlist") as name, **place}:
            return Bookmark(ListName(name), _read(place) if place else None)
    raise _broken()


def _written(position: Position) -> dict[str, str | int]:
    key = position.key
    return {"title": f"{key.media_type}#{key.media_id}", "at": iso(position.added_at)}


def _read(values: dict[str, str | int]) -> Position:
    title = _TITLE.fullmatch(str(values.get("title", "")))
    moment = _moment(str(values.get("at", "")))
    if title is None or moment is None:
        raise _broken()
    return Position(TitleKey(MediaType(title[1]), int(title[2])), moment)


def _moment(text: str) -> datetime | None:
    try:
        return from_iso(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _broken() -> InvalidInput:
    reason = "is no cursor of this list: begin without one"
    return InvalidInput(f"cursor: {reason}", fields={"cursor": reason})
