"""Parts of a library as JSON: how an export writes them and an import reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from library.api.bulk_schemas import (
    Import,
    ImportedEntry,
    Problems,
    count_of,
    exported,
    problems_of,
    read_each,
)
from library.api.cursors import seal_bookmark
from library.api.schemas import Json
from library.domain.titles import Entry, ListName
from library.use_cases.import_export import Imported, Part
from matinee.clock import iso
from matinee.errors import InvalidInput

FORMAT = 1


def exported_part(user_id: str, part: Part, now: datetime) -> Json:
    """Return a part of an export as JSON values."""
    written: Json = {"format": FORMAT, "exportedAt": iso(now)}
    if part.preferences is not None:
        written["preferences"] = dict(part.preferences.answers)
    for name in ListName:
        written[name.value] = [exported(entry) for entry in part.lists.get(name, ())]
    cursor = seal_bookmark(user_id, part.next)
    return written | ({"cursor": cursor} if cursor else {})


def read_entries(
    given: Import, now: datetime
) -> tuple[Mapping[ListName, Sequence[Entry]], Problems]:
    """Return the entries of an import that are valid, and what is wrong with the others."""
    entries: dict[ListName, Sequence[Entry]] = {}
    problems: dict[ListName, dict[int, InvalidInput]] = {}
    for name, raw in {
        ListName.FAVOURITES: given.favourites,
        ListName.WATCHLIST: given.watchlist,
    }.items():
        good, bad = read_each(ImportedEntry, raw)
        read: list[Entry] = []
        for index, entry in good.items():
            try:
                read.append(entry.as_entry(now))
            except InvalidInput as error:
                bad[index] = error
        entries[name], problems[name] = read, bad
    return entries, problems


def taken_in(imported: Mapping[ListName, Imported], problems: Problems) -> Json:
    """Return what became of an import as JSON values."""
    return {
        "message": "Imported",
        **{
            name.value: count_of(outcome, len(problems[name])) for name, outcome in imported.items()
        },
        "problems": problems_of(problems),
    }
