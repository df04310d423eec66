"""Requests and responses about imports of other sites' files."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from library.api.schemas import CAMEL, QUERY, NewEntry
from library.domain.imports import Import, ImportRow, Reason, RowStatus, Site
from library.domain.titles import ListName
from matinee.field_types import UtcTime
from matinee.media import MediaType

MAX_FILE_BYTES = 4_000_000
"""Of a request: Lambda takes 6 MB, in base64 three quarters of it."""

DEFAULT_ROWS, MAX_ROWS_SHOWN = 100, 1000

REASONS = {
    Reason.SEEN: "You have seen it. There was no list of seen titles then: it is kept here",
    Reason.RATED: "You have rated it below 8 of 10. There was no list of seen titles then: it is "
    "kept here",
    Reason.NOT_FOUND: "No film or series of this name and year is known: choose one yourself",
    Reason.AMBIGUOUS: "Several films or series fit: choose one yourself",
    Reason.UNREACHABLE: "It could not be looked up for too long: choose the title yourself",
    Reason.NOT_STORED: "Your list was being changed all the time: choose the title yourself",
    Reason.EPISODE: "It is an episode or a season, not a whole series",
    Reason.NO_TITLE: "It is no film and no series",
    Reason.UNREADABLE: "The row has neither a title nor an id that can be read",
    Reason.REMOVED: "You have removed it from your list since the file was sent",
}


class UploadQuery(BaseModel):
    """What a file is, if it does not say so itself."""

    model_config = QUERY

    list: ListName | None = Field(
        default=None,
        description="What the titles of the file are, for files that do not say it. Default: by "
        "the file's name (watchlist.csv, likes/films.csv), a watchlist for lists of IMDb and TMDB.",
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The file's name, of a raw body. A form has it already."
    )


class ImportId(BaseModel):
    """An import."""

    model_config = QUERY

    import_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] = Field(
        description="The `importId` of POST /user/imports."
    )


class RowNumber(ImportId):
    """A row of an import."""

    number: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="The row's `number`.")


class RowsQuery(BaseModel):
    """Which rows of an import to show."""

    model_config = QUERY

    status: RowStatus | None = Field(default=None, description="Only rows of this status.")
    limit: Annotated[int, Field(ge=0, le=MAX_ROWS_SHOWN)] = Field(
        default=DEFAULT_ROWS, description="How many rows; 0: the progress alone."
    )
    cursor: str | None = Field(
        default=None, description="The `nextCursor` of the previous part; absent for the first."
    )


class ChosenTitle(NewEntry):
    """The title that a row means, as for POST /user/favourites; its details are optional."""


class RowCounts(BaseModel):
    """How many rows have which status."""

    waiting: int = Field(description="Still to be looked up.")
    added: int
    already: int = Field(description="On the list before, and left as they are.")
    kept: int = Field(description="Seen, of before there was a list of them.")
    unresolved: int = Field(description="To be completed by hand.")
    skipped: int = Field(description="No films or series, or not readable.")


class ImportReport(BaseModel):
    """The progress of an import."""

    model_config = CAMEL

    import_id: str = Field(description="The same for the same file of the same user.")
    site: Site
    file: str
    state: str = Field(description="`running`, or `completed` when no row waits.")
    created_at: UtcTime
    completed_at: UtcTime | None = Field(default=None, description="Absent while it is running.")
    rows: int
    counts: RowCounts
    ignored_files: list[str] = Field(description="Of an archive: files that were not read.")

    @classmethod
    def of(cls, found: Import) -> Self:
        """Return the report of an import."""
        counts = {status.value: found.counts.get(status, 0) for status in RowStatus}
        return cls(
            import_id=found.id,
            site=found.site,
            file=found.file,
            state="completed" if found.completed_at else "running",
            created_at=found.created_at,
            completed_at=found.completed_at,
            rows=found.total,
            counts=RowCounts(**counts),
            ignored_files=list(found.ignored),
        )


class SuggestedTitle(BaseModel):
    """A title that a row may mean."""

    model_config = CAMEL

    media_id: str
    media_type: MediaType
    title: str
    release_date: str | None = None


class RowReport(BaseModel):
    """What has become of a row."""

    model_config = CAMEL

    number: int = Field(description="From 1, in the order of processing.")
    file: str
    line: int = Field(description="In the file; of JSON the place in its list.")
    title: str | None = Field(default=None, description="As the file has it.")
    year: int | None = None
    shelf: ListName = Field(serialization_alias="list", description="Where it belongs.")
    rating: float | None = Field(default=None, description="From 0 to 10, if the file has one.")
    status: RowStatus
    reason: str | None = Field(default=None, description="Why, for programs.")
    message: str | None = Field(default=None, description="Why, for people.")
    media_id: str | None = Field(default=None, description="Of the title that it means.")
    media_type: MediaType | None = None
    added_at: UtcTime | None = Field(default=None, description="The time that the file has.")
    suggestions: list[SuggestedTitle] | None = Field(
        default=None, description="Titles that an unresolved row may mean."
    )

    @classmethod
    def of(cls, row: ImportRow) -> Self:
        """Return the report of a row."""
        return cls(
            number=row.number,
            file=row.file,
            line=row.line,
            title=row.name,
            year=row.year,
            shelf=row.shelf,
            rating=row.rating,
            status=row.status,
            reason=row.reason,
            message=REASONS[row.reason] if row.reason else None,
            media_id=str(row.key.id) if row.key else None,
            media_type=row.key.media_type if row.key else row.media_type,
            added_at=row.at,
            suggestions=[
                SuggestedTitle(
                    media_id=str(it.key.id),
                    media_type=it.key.media_type,
                    title=it.title,
                    release_date=it.release_date,
                )
                for it in row.suggestions
            ]
            or None,
        )


class ImportDetails(ImportReport):
    """The progress of an import, and some of its rows."""

    results: list[RowReport]
    next_cursor: str | None = Field(
        default=None, description="For the next part; absent in the last."
    )


class ImportList(BaseModel):
    """The caller's imports of the last ninety days, newest first."""

    items: list[ImportReport]


class CompletedRow(BaseModel):
    """A row that has been completed by hand."""

    message: str
    row: RowReport
