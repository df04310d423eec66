"""Files of other sites, as the sites give them: which one it is, and its rows."""

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import chain

from library.api.import_files import imdb, letterboxd, netflix, own_export, tmdb, trakt
from library.api.import_files.reading import SourceFile, Table, read_table, settled
from library.domain.errors import (
    ImportFileEmpty,
    ImportFileUnknown,
    ImportFileUnreadable,
    ImportListUnknown,
    ImportTooLarge,
)
from library.domain.imports import MAX_ROWS, ImportRow, ParsedFile, Site
from library.domain.titles import ListName

__all__ = ["MAX_UNPACKED_BYTES", "SourceFile", "parse_file"]

MAX_UNPACKED_BYTES = 32_000_000
"""Of all files of an archive together: eight times the largest archive."""

MAX_ARCHIVE_FILES = 2_000
MAX_NAMED_FILES = 20
"""Of the files that were not read."""

type Rows = Sequence[ImportRow] | None
type TableReader = Callable[[SourceFile, Table, datetime], Rows]
type JsonReader = Callable[[SourceFile, object, datetime], Rows]

_TABLES: Mapping[Site, TableReader] = {
    Site.LETTERBOXD: letterboxd.read,
    Site.IMDB: imdb.read,
    Site.TMDB: tmdb.read,
    Site.NETFLIX: netflix.read,
}
_JSON: Mapping[Site, JsonReader] = {
    Site.MATINEE: own_export.read_json,
    Site.TRAKT: trakt.read_json,
    Site.TMDB: tmdb.read_json,
}

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = 0x1

_NOT_READ = frozenset({"reviews.csv", "comments.csv", "profile.csv"})
"""Of Letterboxd: what they say of films is in the other files, too."""

_FOLDERS_NOT_READ = frozenset({"deleted", "orphaned", "lists", "__macosx"})
_ORDER = (ListName.FAVOURITES, ListName.WATCHLIST, ListName.SEEN)


def parse_file(file: SourceFile, now: datetime) -> ParsedFile:
    """Parse a file: CSV, JSON, or an archive of them.

    Raises ImportFileUnknown, ImportFileUnreadable, ImportFileEmpty, ImportListUnknown and
    ImportTooLarge.
    """
    if file.content.startswith((_ZIP, _EMPTY_ZIP)):
        parsed = _parse_archive(file, now)
    else:
        parsed = _parse_single(file, now)
    if not parsed.rows:
        raise ImportFileEmpty
    if len(parsed.rows) > MAX_ROWS:
        message = f"This file has {len(parsed.rows)} rows: at most {MAX_ROWS} can be imported"
        raise ImportTooLarge(message)
    return replace(parsed, rows=[settled(row) if row.is_waiting else row for row in parsed.rows])


def _parse_single(file: SourceFile, now: datetime) -> ParsedFile:
    text = file.text
    if text.lstrip()[:1] in {"{", "["}:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            message = "This file looks like JSON and cannot be read as such"
            raise ImportFileUnreadable(message) from error
        found = ((site, read(file, value, now)) for site, read in _JSON.items())
    else:
        table = read_table(text)
        if table is None:
            raise ImportFileEmpty
        found = ((site, read(file, table, now)) for site, read in _TABLES.items())
    for site, rows in found:
        if rows is not None:
            return ParsedFile(site, rows)
    raise ImportFileUnknown


def _parse_archive(file: SourceFile, now: datetime) -> ParsedFile:
    """Parse the files of an archive that are known; the others are named.

    Favourites come first, then the watchlist: what a person waits for is there first.
    """
    found: list[ParsedFile] = []
    ignored: list[str] = []
    unclear: ImportListUnknown | None = None
    for one in _unpacked(file, ignored):
        try:
            found.append(_parse_single(one, now))
        except ImportListUnknown as error:
            unclear = error
            ignored.append(one.name)
        except (ImportFileUnknown, ImportFileUnreadable, ImportFileEmpty):
            ignored.append(one.name)
    if not found:
        raise unclear or ImportFileUnknown
    if len({part.site for part in found}) > 1:
        message = "The files of this archive are of several sites: send them one by one"
        raise ImportFileUnknown(message)
    rows = list(chain.from_iterable(part.rows for part in found))
    rows.sort(key=lambda row: _ORDER.index(row.shelf))
    return ParsedFile(found[0].site, rows, tuple(sorted(ignored)[:MAX_NAMED_FILES]))


def _unpacked(file: SourceFile, ignored: list[str]) -> Iterator[SourceFile]:
    """Yield the files that may be known; what an archive claims of their sizes is not believed."""
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(BytesIO(file.content)) as archive:
            if len(archive.infolist()) > MAX_ARCHIVE_FILES:
                message = f"This archive has more than {MAX_ARCHIVE_FILES} files"
                raise ImportTooLarge(message)
            for info in archive.infolist():
                if info.is_dir():
                    continue
                if not _is_read(info.filename):
                    ignored.append(info.filename)
                    continue
                if info.flag_bits & _ENCRYPTED:
                    message = "This archive is encrypted"
                    raise ImportFileUnreadable(message)
                with archive.open(info) as packed:
                    content = packed.read(left + 1)
                left -= len(content)
                if left < 0:
                    message = f"This archive holds more than {MAX_UNPACKED_BYTES} bytes"
                    raise ImportTooLarge(message)
                yield SourceFile(info.filename, content, file.shelf)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        message = "This archive is damaged"
        raise ImportFileUnreadable(message) from error


def _is_read(name: str) -> bool:
    *folders, base = name.casefold().replace("\\", "/").split("/")
    return (
        base.endswith((".csv", ".json"))
        and base not in _NOT_READ
        and not base.startswith(".")
        and not _FOLDERS_NOT_READ & set(folders)
    )
