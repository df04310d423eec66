"""Netflix: the viewing history of a profile, and that of an account.

    Title,Date                                                             a profile
    Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,
        Latest Bookmark,Country                                            an account

The names of the two columns, and the order of day and month, are those of the user's language. An
episode is "Series: Season 1: Title"; a film may have colons, too. There are no years and no ids.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from library.api.import_files.reading import (
    Record,
    SourceFile,
    Table,
    first_moment,
    read_name,
    read_time,
)
from library.domain.imports import ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.media import MediaType

_TITLE = ("Title", "Titel", "Título", "Titre", "Titolo", "Tytuł")
_DATE = ("Date", "Datum", "Fecha", "Data")
_SEASON = re.compile(
    r":\s*(?:(?:season|series|part|volume|book|chapter|staffel|teil|saison|temporada|stagione|"
    r"partie|parte|seizoen|sezon)\s+\d+|limited series|miniseries|miniserie|mini-serie)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{2,4})")
_MONTHS = 12
_YEAR_DIGITS = 4


def read(file: SourceFile, table: Table, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a file, None if it is not Netflix's."""
    if table.has("Title", "Start Time", "Profile Name"):
        return [
            _row(file, record, record["Title"], read_time(record["Start Time"], now))
            for record in table.records
        ]
    title = next((name for name in _TITLE if table.has(name)), None)
    day = next((name for name in _DATE if table.has(name)), None)
    if len(table.columns) != len(("title", "date")) or not (title and day):
        return None
    parse = _day_parser([record[day] for record in table.records])
    rows = []
    for record in table.records:
        watched = parse(record[day])
        at = first_moment(watched, now) if watched else None
        rows.append(_row(file, record, record[title], at))
    return rows


def _row(file: SourceFile, record: Record, title: str, at: datetime | None) -> ImportRow:
    season = _SEASON.search(title)
    row = ImportRow(
        file=file.name,
        line=record.line,
        shelf=ListName.SEEN,
        name=read_name(title[: season.start()] if season else title),
        media_type=MediaType.TV if season else None,
        at=at,
        seen_at=at,
    )
    if record["Supplemental Video Type"]:  # a trailer, a teaser, a recap
        return row.ended(RowStatus.SKIPPED, Reason.NO_TITLE)
    return row


def _day_parser(texts: Sequence[str]) -> Callable[[str], date | None]:
    """Return the parser of a file's days: its largest numbers show which is the month."""
    found = [match for text in texts if (match := _DAY.fullmatch(text))]
    is_day_first = any(int(match[1]) > _MONTHS for match in found if len(match[1]) < _YEAR_DIGITS)
    has_dots = any("." in match[0] for match in found)

    def parse(text: str) -> date | None:
        match = _DAY.fullmatch(text)
        if match is None:
            return None
        first, second, third = (int(part) for part in match.groups())
        if len(match[1]) == _YEAR_DIGITS:
            year, month, day = first, second, third
        elif is_day_first or has_dots:
            day, month, year = first, second, third
        else:
            month, day, year = first, second, third
        try:
            return date(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 - two digits
        except ValueError:
            return None

    return parse
