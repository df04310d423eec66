"""The JSON form of an export's part and of an import's result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from pydantic import BaseModel

from library.api.bulk_schemas import (
    MAX_REPORTED_PROBLEMS,
    Import,
    ImportProblem,
    ImportResult,
    Problems,
    imported,
    validate_each,
)
from library.api.cursors import encode_export
from library.api.import_schemas import ImportReport
from library.api.notice_schemas import NoticeResponse
from library.api.schemas import EntryResponse, Json
from library.domain.errors import LibraryBusy, NothingImported
from library.domain.titles import Entry, ListName
from library.use_cases.import_export import ExportPart, ImportCounts
from matinee.clock import iso
from matinee.errors import InvalidInput

FORMAT = 1


def export_response(user_id: str, part: ExportPart) -> Json:
    """Return a part of an export as JSON values."""
    body: Json = {"format": FORMAT, "exportedAt": iso(part.exported_at)}
    if part.preferences is not None:
        body["preferences"] = dict(part.preferences.answers)
    if part.imports is not None:
        body["imports"] = _shown(map(ImportReport.of, part.imports))
    if part.notices is not None:
        body["notices"] = _shown(map(NoticeResponse.of, part.notices))
    for name in ListName:
        body[name.value] = [_exported(entry) for entry in part.lists.get(name, ())]
    body |= part.elsewhere
    cursor = encode_export(user_id, part.next)
    return body | ({"nextCursor": cursor} if cursor else {})


def _shown(responses: Iterable[BaseModel]) -> list[Json]:
    return [it.model_dump(mode="json", by_alias=True, exclude_none=True) for it in responses]


def read_import(
    given: Import, now: datetime
) -> tuple[Mapping[ListName, Sequence[Entry]], Problems]:
    """Return the valid entries of an import, and the errors of the others."""
    entries: dict[ListName, Sequence[Entry]] = {}
    problems: dict[ListName, dict[int, InvalidInput]] = {}
    for name, items in given.lists.items():
        valid, invalid = validate_each(imported(name), items)
        read: list[Entry] = []
        for index, entry in valid.items():
            try:
                read.append(entry.to_entry(now))
            except InvalidInput as error:
                invalid[index] = error
        entries[name], problems[name] = read, invalid
    return entries, problems


def import_response(
    imported: Mapping[ListName, ImportCounts], problems: Problems, *, has_answers: bool = False
) -> Json:
    """Return the result of an import as JSON values.

    Raises NothingImported, or LibraryBusy, when it had titles and none of them is on a list now.
    """
    added = sum(counts.added for counts in imported.values())
    already = sum(counts.already for counts in imported.values())
    busy = sum(counts.busy for counts in imported.values())
    invalid = sum(map(len, problems.values()))
    if invalid + busy and not (added or already or has_answers):
        if busy:
            raise LibraryBusy
        message = f"Nothing was imported: {_titles(invalid)} invalid"
        raise NothingImported(message, problems=list(_problems(problems)))
    return {
        "message": _message(added, already, invalid, busy),
        **{
            name.value: ImportResult(
                added=counts.added,
                already=counts.already,
                invalid=len(problems[name]),
                busy=counts.busy,
            ).model_dump()
            for name, counts in imported.items()
        },
        "problems": list(_problems(problems)),
    }


def _message(added: int, already: int, invalid: int, busy: int) -> str:
    """Return what happened, for people."""
    if not (added or already or invalid or busy):
        return "There were no titles to import"
    parts = [f"{_titles(added)} imported"]
    if already:
        parts.append(f"{_titles(already)} on your lists before")
    if invalid:
        parts.append(f"{_titles(invalid)} invalid")
    if busy:
        parts.append(f"{_titles(busy)} not stored: send them again")
    return ", ".join(parts)


def _titles(number: int) -> str:
    return "1 title" if number == 1 else f"{number} titles"


def _exported(entry: Entry) -> Json:
    """Return an entry as JSON values, in one spelling."""
    return EntryResponse.of(entry).model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"movie_id", "id"}
    )


def _problems(problems: Problems) -> Iterator[Json]:
    """Yield the invalid titles, list by list; the first ones with their fields."""
    found = [
        (name, index, error)
        for name, invalid in problems.items()
        for index, error in sorted(invalid.items())
    ]
    for place, (name, index, error) in enumerate(found):
        reported = error if place < MAX_REPORTED_PROBLEMS else InvalidInput()
        problem = ImportProblem(
            list=name.value,
            index=index,
            code=reported.code,
            error=reported.message,
            fields=cast("dict[str, str] | None", reported.info.get("fields")) or None,
        )
        yield problem.model_dump(exclude_none=True)
