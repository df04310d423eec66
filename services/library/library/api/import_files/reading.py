"""How files are read: text, tables, days, numbers. Nothing here knows a site."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from library.domain.errors import ImportFileUnreadable
from library.domain.imports import ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey
from matinee.text import clean_text

MAX_NAME_CHARACTERS = 300
MAX_FILE_NAME_CHARACTERS = 200

_REPLACEMENT = "\ufffd"
"""What a gateway makes of bytes that are no UTF-8, ISO-8859-1 for example."""

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_IMDB_ID = re.compile(r"tt[0-9]{7,10}", re.ASCII)
_MIN_YEAR, _MAX_YEAR = 1850, 2200
_FIRST_SAVED_YEAR = 1970


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file, or one of an archive. `shelf` is what the client says that its titles are."""

    name: str
    content: bytes
    shelf: ListName | None = None

    @property
    def text(self) -> str:
        """The text without a byte order mark; raises ImportFileUnreadable."""
        encoding = next(
            (name for mark, name in _MARKS.items() if self.content.startswith(mark)), "utf-8"
        )
        try:
            text = self.content.decode(encoding)
        except UnicodeDecodeError as error:
            message = "This file must be in UTF-8: some of its characters cannot be read"
            raise ImportFileUnreadable(message) from error
        if _REPLACEMENT in text or "\x00" in text:
            message = "This file must be in UTF-8: some of its characters cannot be read"
            raise ImportFileUnreadable(message)
        return text.removeprefix("\ufeff")

    @property
    def base_name(self) -> str:
        """The name in lower case, without folders and ending."""
        return self.name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0].casefold()


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table, by its columns' names; `line` is that of its first character."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a value without spaces at its ends, "" if the row has none."""
        return self.values.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: the names of its columns, and its rows."""

    columns: Sequence[str]
    records: Sequence[Record]

    def has(self, *columns: str) -> bool:
        """Return whether it has all of some columns."""
        return set(columns) <= set(self.columns)


def read_table(text: str) -> Table | None:
    """Parse a CSV file with a line of names; None if it has none. Raises ImportFileUnreadable.

    Values may have commas, quotation marks and line breaks; a spreadsheet's semicolons or tabs are
    read, too.
    """
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = list(_with_lines(reader))
    except csv.Error as error:
        message = f"This file cannot be read: {error}, in line {reader.line_num}"
        raise ImportFileUnreadable(message) from error
    if not rows:
        return None
    columns = [column.strip() for column in rows[0][1]]
    records = [Record(line, dict(zip(columns, row, strict=False))) for line, row in rows[1:]]
    return Table(columns, records)


def _with_lines(reader: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - the csv module's
    """Yield the rows that are not empty, each with the number of its first line."""
    before = 0
    for row in reader:
        if any(value.strip() for value in row):
            yield before + 1, row
        before = reader.line_num


def read_name(value: object) -> str | None:
    """Return a title's name without invisible characters; None for an empty or endless one."""
    name = " ".join(clean_text(value).split()) if isinstance(value, str) else ""
    return name if 0 < len(name) <= MAX_NAME_CHARACTERS else None


def read_year(value: object) -> int | None:
    """Return the year of "1977", 1977 or "1977-05-25"."""
    text = str(value if value is not None else "").strip()[:4]
    year = int(text) if text.isascii() and text.isdecimal() else 0
    return year if _MIN_YEAR <= year <= _MAX_YEAR else None


def read_rating(value: object, scale: float = 10) -> float | None:
    """Return a rating from 0 to 10 of one on another scale; None without one."""
    if isinstance(value, bool):
        return None
    try:
        rating = float(str(value).strip() or "nan") * 10 / scale
    except ValueError:
        return None
    return rating if 0 < rating <= 10 else None  # noqa: PLR2004 - the scale's end


def read_imdb_id(value: object) -> str | None:
    """Return IMDb's id of a title."""
    text = value.strip() if isinstance(value, str) else ""
    return text if _IMDB_ID.fullmatch(text) else None


def read_key(media_type: MediaType | None, value: object) -> TitleKey | None:
    """Return TMDB's key of a title, given its id as a number or in digits."""
    text = str(value if value is not None else "").strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_MEDIA_ID))
    number = int(text) if is_number else 0
    return TitleKey(media_type, number) if media_type and 0 < number <= MAX_MEDIA_ID else None


def read_time(value: object, now: datetime) -> datetime | None:
    """Return the time of a day or time in ISO 8601, in whole milliseconds, not later than now.

    A day without a time is its first moment in UTC.
    """
    text = value.strip() if isinstance(value, str) else ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return None
    if moment.year < _FIRST_SAVED_YEAR:
        return None
    return min(moment.replace(microsecond=moment.microsecond // 1000 * 1000), now)


def first_moment(day: date, now: datetime) -> datetime | None:
    """Return the first moment of a day in UTC, not later than now."""
    return read_time(day.isoformat(), now)


def settled(row: ImportRow) -> ImportRow:
    """Return a row with the outcome that it has from the beginning, if it has one."""
    if not (row.key or row.imdb_id or row.name):
        return row.ended(RowStatus.SKIPPED, Reason.UNREADABLE)
    return row
