"""Requests with many titles: bulk changes and imports. Each item has a result of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from library.api.field_types import Time
from library.api.notice_schemas import NoticeResponse
from library.api.schemas import CAMEL, QUERY, Json, NewEntry, NewSeenTitle, not_future
from library.domain.errors import LibraryBusy
from library.domain.titles import Entry, ListName, Removal
from library.use_cases.add_entries import AddOutcome
from library.use_cases.changes import Added
from library.use_cases.remove_entry import RemoveOutcome
from matinee.clock import iso
from matinee.errors import InvalidInput, MatineeError
from matinee.media import MediaType, TitleKey
from matinee.questionnaire_input import PreferencesChange
from matinee.validation import validate

MAX_BULK_CHANGES = 100
MAX_BULK_CHARACTERS = 1_000_000
"""Of a body: a hundred titles with the longest texts."""

MAX_IMPORTED_TITLES = 1000
MAX_IMPORT_CHARACTERS = 3_000_000
"""Of a body: Lambda accepts 6 MB, in which each quotation mark of the body is two characters."""

MAX_REPORTED_PROBLEMS = 100
"""Invalid titles of an import whose fields are reported: a Lambda response has at most 6 MB."""

Action = Literal["add", "remove"]
Status = Literal["added", "already", "removed", "absent", "invalid", "busy"]
type Outcome = AddOutcome | RemoveOutcome | InvalidInput
type Problems = Mapping[ListName, Mapping[int, InvalidInput]]
"""By list and index, why a title is invalid."""

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

RawItems = Annotated[
    list[dict[str, Any]],
    Field(description="Each as in a request of its own; an invalid one has a result, too."),
]


class BulkChange(BaseModel):
    """Up to a hundred titles to be added to a list, or removed from it."""

    model_config = _STRICT

    add: RawItems = Field(default=[], max_length=MAX_BULK_CHANGES)
    remove: RawItems = Field(default=[], max_length=MAX_BULK_CHANGES)

    @model_validator(mode="after")
    def _check_total(self) -> Self:
        if not 1 <= len(self.add) + len(self.remove) <= MAX_BULK_CHANGES:
            message = f"one to {MAX_BULK_CHANGES} titles, additions and removals together"
            raise ValueError(message)
        return self


class BulkResult(BaseModel):
    """The result of one title. `index` is its place in `add` or `remove`."""

    model_config = CAMEL

    action: Action
    index: int
    status: Status
    media_id: str | None = None
    media_type: MediaType | None = None
    added_at: str | None = None
    code: str | None = Field(default=None, description="Of `invalid` and `busy`.")
    error: str | None = None
    fields: dict[str, str] | None = None


class BulkResponse(BaseModel):
    """The result of each title, additions first, in the order of the request."""

    results: list[BulkResult]


class ImportedEntry(NewEntry):
    """A title with the time since when it has been on the list."""

    added_at: Time | None = Field(
        default=None, description="Kept, unless the title has been removed since. Default: now."
    )

    def to_entry(self, now: datetime) -> Entry:
        """Return the entry; raise InvalidInput when it lies in the future."""
        return super().to_entry(not_future("addedAt", self.added_at, now) or now)


class ImportedSeenTitle(ImportedEntry, NewSeenTitle):
    """A seen title with the time since when it has been on the list."""


def imported(name: ListName) -> type[ImportedEntry]:
    """Return what a title of a list is in an import."""
    return ImportedSeenTitle if name is ListName.SEEN else ImportedEntry


class Import(BaseModel):
    """A part of an export, or anything of its form."""

    model_config = _STRICT

    preferences: PreferencesChange | None = None
    favourites: RawItems = Field(default=[], max_length=MAX_IMPORTED_TITLES)
    watchlist: RawItems = Field(default=[], max_length=MAX_IMPORTED_TITLES)
    seen: RawItems = Field(default=[], max_length=MAX_IMPORTED_TITLES)
    dismissed: RawItems = Field(default=[], max_length=MAX_IMPORTED_TITLES)
    format: Literal[1] | None = Field(default=None, description="As exported: 1.")
    exportedAt: Any = Field(default=None, description="As exported; ignored.")  # noqa: N815 - its name
    nextCursor: Any = Field(default=None, description="As exported; ignored.")  # noqa: N815
    imports: Any = Field(default=None, description="As exported; ignored.")
    notices: Any = Field(default=None, description="As exported; ignored.")
    account: Any = Field(default=None, description="As exported; ignored.")
    rooms: Any = Field(default=None, description="As exported; ignored.")
    matches: Any = Field(default=None, description="As exported; ignored.")
    decisions: Any = Field(default=None, description="As exported; ignored.")
    devices: Any = Field(default=None, description="As exported; ignored.")
    crews: Any = Field(default=None, description="As exported; ignored.")
    invitations: Any = Field(default=None, description="As exported; ignored.")

    @model_validator(mode="after")
    def _check_total(self) -> Self:
        if sum(map(len, self.lists.values())) > MAX_IMPORTED_TITLES:
            message = f"at most {MAX_IMPORTED_TITLES} titles, all lists together"
            raise ValueError(message)
        return self

    @property
    def lists(self) -> Mapping[ListName, RawItems]:
        """The items of each list."""
        return {name: getattr(self, name) for name in ListName}


class ImportResult(BaseModel):
    """How many titles of a list had which result."""

    added: int
    already: int = Field(description="On the list before, and left as they are.")
    invalid: int
    busy: int = Field(description="Not stored because of concurrent changes. Send them again.")


class ImportProblem(BaseModel):
    """A title that was not stored. The first hundred have their invalid fields."""

    list: ListName
    index: int
    code: str
    error: str
    fields: dict[str, str] | None = None


class ImportResponse(BaseModel):
    """The result of an import."""

    message: str
    favourites: ImportResult
    watchlist: ImportResult
    seen: ImportResult
    dismissed: ImportResult
    problems: list[ImportProblem]


class Export(BaseModel):
    """A part of what is stored of a user. Lists and preferences come first, and can be imported.

    Then follow the account, rooms with votes, matches, and decisions.
    """

    model_config = CAMEL

    format: Literal[1]
    exported_at: str
    preferences: dict[str, Any] | None = Field(
        default=None, description="The answers that were given; in the first part only."
    )
    imports: list[dict[str, Any]] | None = Field(
        default=None,
        description="The imports of the last ninety days, as GET /user/imports lists them; in the "
        "first part only. GET /user/imports/{importId} shows their rows.",
    )
    notices: list[NoticeResponse] | None = Field(
        default=None, description="As GET /user/notices lists them; in the first part only."
    )
    favourites: list[ImportedEntry]
    watchlist: list[ImportedEntry]
    seen: list[ImportedSeenTitle]
    dismissed: list[ImportedEntry]
    account: dict[str, Any] | None = Field(
        default=None, description="userId, email, username and times of the account."
    )
    rooms: list[dict[str, Any]] | None = Field(
        default=None,
        description="Rooms that the user is or was in, as the GraphQL API's Room, with `votes`, the"
        " user's own, and `proposal`, the id of the title that they propose.",
    )
    matches: list[dict[str, Any]] | None = Field(
        default=None, description="The user's matches, as the GraphQL API's Match."
    )
    decisions: list[dict[str, Any]] | None = Field(
        default=None,
        description="What rooms of the user have decided, as the GraphQL API's Decision.",
    )
    devices: list[dict[str, Any]] | None = Field(
        default=None,
        description="The user's devices, as GET /user/devices lists them, and the keys of their "
        "subscriptions; with the first rooms.",
    )
    crews: list[dict[str, Any]] | None = Field(
        default=None,
        description="The crews that the user is in, as the GraphQL API's Crew; with the first "
        "rooms.",
    )
    invitations: list[dict[str, Any]] | None = Field(
        default=None,
        description="The user's invitations to rooms of crews, as the GraphQL API's Invitation; "
        "with the first rooms.",
    )
    next_cursor: str | None = Field(
        default=None, description="For the next part; absent in the last."
    )


class ExportQuery(BaseModel):
    """Identifies a part of an export."""

    model_config = QUERY

    cursor: str | None = Field(
        default=None, description="The `nextCursor` of the previous part; absent for the first."
    )
    letterboxd: Literal["favourites", "watchlist", "seen"] | None = Field(
        default=None,
        description="Instead of a part: the films of a list as CSV that Letterboxd imports, "
        "up to 5,000; `Link` with rel=next leads to more.",
    )


def validate_each[M: BaseModel](
    model: type[M], items: Sequence[object]
) -> tuple[dict[int, M], dict[int, InvalidInput]]:
    """Validate items one by one; return the valid ones, and the errors of the others."""
    valid: dict[int, M] = {}
    invalid: dict[int, InvalidInput] = {}
    for index, item in enumerate(items):
        try:
            valid[index] = validate(model, item)
        except InvalidInput as error:
            invalid[index] = error
    return valid, invalid


def bulk_result(action: Action, index: int, outcome: Outcome, key: TitleKey | None = None) -> Json:
    """Return the result of one title as JSON values; an invalid one has no key."""
    status, error = _status(outcome)
    result = BulkResult(
        action=action,
        index=index,
        status=status,
        media_id=str(key.id) if key else None,
        media_type=key.media_type if key else None,
        added_at=iso(outcome.entry.added_at) if isinstance(outcome, Added) else None,
        code=error.code if error else None,
        error=error.message if error else None,
        fields=cast("dict[str, str] | None", error.info.get("fields")) if error else None,
    )
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


def _status(outcome: Outcome) -> tuple[Status, MatineeError | None]:
    match outcome:
        case Added(new=new):
            return ("added" if new else "already"), None
        case Removal():
            return "removed", None
        case LibraryBusy():
            return "busy", outcome
        case InvalidInput():
            return "invalid", outcome
        case _:
            return "absent", None
