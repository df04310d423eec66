"""Cursors of a user's lists and exports, valid for that user only and validated when decoded."""

import re
from datetime import datetime

from library.api.notice_schemas import NOTICE_ID
from library.domain.imports import MAX_ROWS
from library.domain.titles import ListName, Position
from library.use_cases.import_export import ExportCursor, OtherCursor, OtherService
from matinee.clock import from_iso, iso
from matinee.dynamodb.cursor import decode, encode
from matinee.errors import InvalidInput
from matinee.media import MediaType, TitleKey

_EXPORT = "export"
_ROWS = "import rows"
_NOTICES = "notices"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_PLACE = re.compile(r"[\w#:-]{1,120}", re.ASCII)
"""Where another service's part continues; the service knows what it means."""

_TITLE = re.compile(r"(movie|tv)#([1-9]\d{0,9})")


def encode_position(user_id: str, name: ListName, position: Position | None) -> str | None:
    """Encode a position in a user's list; None at its end."""
    return encode((name, user_id), _values(position)) if position else None


def decode_position(user_id: str, name: ListName, cursor: str | None) -> Position | None:
    """Decode a position in a user's list; raise InvalidInput for "cursor"."""
    return _position(decode((name, user_id), cursor)) if cursor else None


def encode_export(user_id: str, cursor: ExportCursor | OtherCursor | None) -> str | None:
    """Encode where a user's export continues; None at its end."""
    if cursor is None:
        return None
    if isinstance(cursor, OtherCursor):
        after = {"after": cursor.after} if cursor.after else {}
        return encode((_EXPORT, user_id), {"of": cursor.service.value, **after})
    position = _values(cursor.after) if cursor.after else {}
    return encode((_EXPORT, user_id), {"list": cursor.name.value, **position})


def decode_export(user_id: str, cursor: str | None) -> ExportCursor | OtherCursor | None:
    """Decode where a user's export continues; raise InvalidInput for "cursor"."""
    if not cursor:
        return None
    match decode((_EXPORT, user_id), cursor):
        case {"list": name, **position} if name in set(ListName):
            return ExportCursor(ListName(name), _position(position) if position else None)
        case {"of": "account"}:
            return OtherCursor(OtherService.AUTH)
        case {"of": "rooms", **after}:
            return OtherCursor(OtherService.ROOMS, _place(after.get("after")))
    raise _invalid()


def encode_row(user_id: str, import_id: str, number: int | None) -> str | None:
    """Encode the row of a user's import after which its rows continue; None at the end."""
    return None if number is None else encode((_ROWS, user_id, import_id), {"row": number})


def decode_row(user_id: str, import_id: str, cursor: str | None) -> int:
    """Decode the row after which an import's rows continue; raise InvalidInput for "cursor"."""
    if not cursor:
        return 0
    match decode((_ROWS, user_id, import_id), cursor):
        case {"row": int(number)} if 0 <= number <= MAX_ROWS:
            return number
    raise _invalid()


def encode_notice(user_id: str, notice_id: str | None) -> str | None:
    """Encode the notice after which a user's notices continue; None at the end."""
    return encode((_NOTICES, user_id), {"notice": notice_id}) if notice_id else None


def decode_notice(user_id: str, cursor: str | None) -> str | None:
    """Decode the notice after which notices continue; raise InvalidInput for "cursor"."""
    if not cursor:
        return None
    match decode((_NOTICES, user_id), cursor):
        case {"notice": str(notice_id)} if re.fullmatch(NOTICE_ID, notice_id):
            return notice_id
    raise _invalid()


def _values(position: Position) -> dict[str, str | int]:
    return {"title": str(position.key), "at": iso(position.added_at)}


def _position(values: dict[str, str | int]) -> Position:
    title = _TITLE.fullmatch(str(values.get("title", "")))
    moment = _moment(str(values.get("at", "")))
    if title is None or moment is None:
        raise _invalid()
    return Position(TitleKey(MediaType(title[1]), int(title[2])), moment)


def _place(after: object) -> str | None:
    if after is None or (isinstance(after, str) and _PLACE.fullmatch(after)):
        return after
    raise _invalid()


def _moment(text: str) -> datetime | None:
    try:
        return from_iso(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _invalid() -> InvalidInput:
    return InvalidInput.at("cursor", "is no cursor of this list: begin without one")
