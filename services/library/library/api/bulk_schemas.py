"""Many titles at once: bulk changes, export and import. Each item has a result of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from library.api.field_types import Moment
from library.api.preference_schemas import PreferencesChange
from library.api.schemas import Json, Listed, NewEntry
from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName, MediaType, TitleKey, in_ticks
from library.use_cases.add_entries import Added
from library.use_cases.import_export import Imported
from matinee.clock import iso
from matinee.errors import InvalidInput, MatineeError
from matinee.validation import validate

MOST_CHANGES = 100
MOST_IMPORTED = 1000
LONGEST_IMPORT = 3_000_000
"""Characters: Lambda takes 6 MB, in which every quotation mark of a body is two."""

MOST_REASONS = 100
"""Titles of an import of which it is told why they are not valid: Lambda answers 6 MB at most."""

CLOCKS_DIFFER_BY = timedelta(minutes=5)

Action = Literal["add", "remove"]
Status = Literal["added", "already", "removed", "absent", "invalid", "busy"]
type Problems = Mapping[ListName, Mapping[int, InvalidInput]]
"""By list and index, why a title is not taken."""

RawItems = Annotated[
    list[dict[str, Any]],
    Field(description="Each as in a request of its own; one that is not valid has a result too."),
]


class BulkChange(BaseModel):
    """Up to a hundred titles to be put on a list, or to be taken off it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    add: RawItems = Field(default=[], max_length=MOST_CHANGES)
    remove: RawItems = Field(default=[], max_length=MOST_CHANGES)

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if not 1 <= len(self.add) + len(self.remove) <= MOST_CHANGES:
            message = f"one to {MOST_CHANGES} titles, additions and removals together"
            raise ValueError(message)
        return self


class BulkResult(BaseModel):
    """What became of one title. `index` is its place in `add` or `remove`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    action: Action
    index: int
    status: Status
    media_id: str | None = None
    media_type: MediaType | None = None
    added_at: str | None = None
    code: str | None = Field(default=None, description="Of `invalid` and `busy`.")
    error: str | None = None
    fields: dict[str, str] | None = None

    def shown(self) -> Json:
        """Return it as JSON values."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class BulkAnswer(BaseModel):
    """What became of each title, additions first, in the order of the request."""

    results: list[BulkResult]


class ImportedEntry(NewEntry):
    """A title with the moment since when it has been on the list."""

    added_at: Moment | None = Field(
        default=None, description="Kept, unless the title has been taken off since. Default: now."
    )

    def as_entry(self, now: datetime) -> Entry:
        """Return the entry; raises InvalidInput when it lies in the future."""
        at = self.added_at or now
        if at > now + CLOCKS_DIFFER_BY:
            reason = "lies in the future"
            raise InvalidInput(f"addedAt: {reason}", fields={"addedAt": reason})
        return Entry.at(self.as_title(), in_ticks(min(at, now)))


class Import(BaseModel):
    """A part of an export, or anything of its form."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    preferences: PreferencesChange | None = None
    favourites: RawItems = Field(default=[], max_length=MOST_IMPORTED)
    watchlist: RawItems = Field(default=[], max_length=MOST_IMPORTED)
    format: Any = Field(default=None, description="As exported; not looked at.")
    exportedAt: Any = Field(default=None, description="As exported; not looked at.")  # noqa: N815 - its name
    cursor: Any = Field(default=None, description="As exported; not looked at.")

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if len(self.favourites) + len(self.watchlist) > MOST_IMPORTED:
            message = f"at most {MOST_IMPORTED} titles, both lists together"
            raise ValueError(message)
        return self


class ImportCount(BaseModel):
    """What became of the titles of one list."""

    added: int
    already: int = Field(description="On the list before, and left as they are.")
    invalid: int
    busy: int = Field(description="Not stored: changed elsewhere meanwhile. Send them again.")


class ImportProblem(BaseModel):
    """A title that was not taken. Of the first hundred it is told why."""

    list: Literal["favourites", "watchlist"]
    index: int
    code: str
    error: str
    fields: dict[str, str] | None = None


class ImportAnswer(BaseModel):
    """What became of an import."""

    message: str
    favourites: ImportCount
    watchlist: ImportCount
    problems: list[ImportProblem]


class Export(BaseModel):
    """A part of everything that is stored of a user. Each part can be imported by itself."""

    format: Literal[1]
    exported_at: str = Field(alias="exportedAt")
    preferences: dict[str, Any] | None = Field(
        default=None, description="The answers that were given; in the first part alone."
    )
    favourites: list[ImportedEntry]
    watchlist: list[ImportedEntry]
    cursor: str | None = Field(default=None, description="For the next part; absent in the last.")


class ExportQuery(BaseModel):
    """Which part is wanted."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    cursor: str | None = Field(
        default=None, description="The `cursor` of the part before; absent for the first one."
    )


def read_each[M: BaseModel](
    model: type[M], items: Sequence[object]
) -> tuple[dict[int, M], dict[int, InvalidInput]]:
    """Read items one by one; return those that are valid, and the errors of the others."""
    good: dict[int, M] = {}
    bad: dict[int, InvalidInput] = {}
    for index, item in enumerate(items):
        try:
            good[index] = validate(model, item)
        except InvalidInput as error:
            bad[index] = error
    return good, bad


def exported(entry: Entry) -> Json:
    """Return an entry as JSON values, in one spelling."""
    values = Listed.of(entry).model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"movie_id", "id"}
    )
    return dict(values)


def count_of(imported: Imported, invalid: int) -> Json:
    """Return the counts of a list as JSON values."""
    return ImportCount(
        added=imported.added, already=imported.already, invalid=invalid, busy=imported.busy
    ).model_dump()


def addition_result(index: int, entry: Entry, outcome: Added | LibraryBusy) -> Json:
    """Return what became of an addition."""
    if isinstance(outcome, LibraryBusy):
        return _result("add", index, "busy", entry.title.key, error=outcome)
    status: Status = "added" if outcome.new else "already"
    return _result("add", index, status, entry.title.key, added_at=outcome.entry.added_at)


def removal_result(index: int, key: TitleKey, outcome: bool | LibraryBusy) -> Json:  # noqa: FBT001 - as it was found
    """Return what became of a removal."""
    if isinstance(outcome, LibraryBusy):
        return _result("remove", index, "busy", key, error=outcome)
    return _result("remove", index, "removed" if outcome else "absent", key)


def refusal_result(action: Action, index: int, error: InvalidInput) -> Json:
    """Return that an item is not valid."""
    return _result(action, index, "invalid", error=error)


def problems_of(problems: Problems) -> list[Json]:
    """Return which titles of an import are not valid, list by list; of the first ones, why."""
    found = [
        (name, index, error)
        for name, bad in problems.items()
        for index, error in sorted(bad.items())
    ]
    return [
        _problem(name, index, error if place < MOST_REASONS else InvalidInput())
        for place, (name, index, error) in enumerate(found)
    ]


def _problem(name: ListName, index: int, error: InvalidInput) -> Json:
    fields = dict(cast("dict[str, str]", error.info.get("fields", {})))
    problem = ImportProblem(
        list=name.value, index=index, code=error.code, error=error.message, fields=fields or None
    )
    return problem.model_dump(exclude_none=True)


def _result(
    action: Action,
    index: int,
    status: Status,
    key: TitleKey | None = None,
    *,
    added_at: datetime | None = None,
    error: MatineeError | None = None,
) -> Json:
    return BulkResult(
        action=action,
        index=index,
        status=status,
        media_id=str(key.media_id) if key else None,
        media_type=key.media_type if key else None,
        added_at=iso(added_at) if added_at else None,
        code=error.code if error else None,
        error=error.message if error else None,
        fields=cast("dict[str, str] | None", error.info.get("fields")) if error else None,
    ).shown()
