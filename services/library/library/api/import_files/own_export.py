"""The export of this product: a part as GET /user/export answers it.

Its titles have TMDB's keys and all details, so that nothing needs to be looked up. Preferences are
not titles: POST /user/import takes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from library.api.bulk_schemas import imported
from library.api.import_files.reading import SourceFile, read_name
from library.domain.imports import ImportRow, Reason, RowStatus
from library.domain.titles import ListName
from matinee.errors import InvalidInput
from matinee.validation import validate

FORMAT = 1

MAX_OVERVIEW_CHARACTERS = 1000
"""As long as TMDB's own are; longer ones are cut, so that a part of rows fits into an item."""


def read_json(file: SourceFile, value: object, now: datetime) -> Sequence[ImportRow] | None:
    """Return the rows of a part of an export, None if it is none."""
    names = [name.value for name in ListName]
    if not isinstance(value, Mapping) or value.get("format") != FORMAT:
        return None
    if not all(isinstance(value.get(name, []), list) for name in names):
        return None
    return [
        _row(file, ListName(name), line, item, now)
        for name in names
        for line, item in enumerate(value.get(name, []), start=1)
    ]


def _row(file: SourceFile, shelf: ListName, line: int, item: object, now: datetime) -> ImportRow:
    try:
        entry = validate(imported(shelf), item).to_entry(now)
    except InvalidInput:
        row = ImportRow(file=file.name, line=line, shelf=shelf)
        return row.ended(RowStatus.SKIPPED, Reason.UNREADABLE)
    title = entry.title
    if title.overview:
        title = replace(title, overview=title.overview[:MAX_OVERVIEW_CHARACTERS])
    return ImportRow(
        file=file.name,
        line=line,
        shelf=shelf,
        name=read_name(title.title),
        media_type=title.key.media_type,
        key=title.key,
        at=entry.added_at,
        seen_at=entry.viewing.seen_at,
        rating=entry.viewing.rating,
        opinion=entry.viewing.opinion,
        title=title,
    )
