"""Imports: files of other sites, row by row, and what becomes of each row.

A row is `waiting` until it is known which title it means and that title is on its list. Rows are
processed in parts of ROWS_PER_PART, one after the other; a part is stored as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from library.domain.titles import Entry, ListName, Opinion, Title, Viewing
from matinee.media import MediaType, TitleKey

ROWS_PER_PART = 100
MAX_ROWS = 20_000
"""Of one file: five times what somebody has who sees a film every second day for ten years."""

IMPORT_TTL = timedelta(days=90)
"""How long an import and its rows are kept, and the same file is recognized."""

LOOKUP_PATIENCE = timedelta(days=1)
"""How long TMDB is asked again for rows that it could not be asked for."""

FAVOURITE_RATING = 8.0
"""Of ten: a title that is rated so high becomes a favourite."""

MIN_RATING = 1.0


class Site(StrEnum):
    """Where a file comes from."""

    LETTERBOXD = "letterboxd"
    IMDB = "imdb"
    TRAKT = "trakt"
    NETFLIX = "netflix"
    TMDB = "tmdb"
    MATINEE = "matinee"


class RowStatus(StrEnum):
    """What has become of a row. `kept` is one of before there was a list of seen titles."""

    WAITING = "waiting"
    ADDED = "added"
    ALREADY = "already"
    KEPT = "kept"
    UNRESOLVED = "unresolved"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why a row is kept, unresolved or skipped."""

    SEEN = "Seen"
    RATED = "RatedBelowFavourites"
    NOT_FOUND = "TitleNotFound"
    AMBIGUOUS = "SeveralTitlesFit"
    UNREACHABLE = "CatalogueUnavailable"
    NOT_STORED = "ListBusy"
    EPISODE = "EpisodeOrSeason"
    NO_TITLE = "NoFilmOrSeries"
    UNREADABLE = "RowUnreadable"
    REMOVED = "RemovedMeanwhile"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title that an unresolved row may mean."""

    key: TitleKey
    title: str
    release_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A row of a file. `line` is its line in `file`, or its place in a list.

    `key` is TMDB's key, given by the file or found; `at` the time that the file gives it, `seen_at`
    that of a viewing; `rating` is from 0 to 10. With `title` it needs no lookup. `intended`: the
    title is known and is being added; `was_there` is whether it was on the list before.
    """

    number: int = 0
    file: str
    line: int
    shelf: ListName
    name: str | None = None
    year: int | None = None
    media_type: MediaType | None = None
    imdb_id: str | None = None
    key: TitleKey | None = None
    at: datetime | None = None
    seen_at: datetime | None = None
    rating: float | None = None
    opinion: Opinion | None = None
    title: Title | None = None
    status: RowStatus = RowStatus.WAITING
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()
    intended: bool = False
    was_there: bool = False

    def ended(self, status: RowStatus, reason: Reason | None = None) -> Self:
        """Return the row with its outcome. Details that were only needed to add it are dropped."""
        return replace(self, status=status, reason=reason, title=None, intended=False)

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be processed."""
        return self.status is RowStatus.WAITING

    @property
    def can_be_completed(self) -> bool:
        """Whether a person may say which title it means."""
        return self.status is RowStatus.UNRESOLVED

    @property
    def lists(self) -> tuple[ListName, ...]:
        """Its list; and that of seen titles, for a favourite that was rated or dated."""
        if self.shelf is ListName.FAVOURITES and self.viewing != Viewing():
            return ListName.FAVOURITES, ListName.SEEN
        return (self.shelf,)

    @property
    def viewing(self) -> Viewing:
        """What the file says of when it was seen, and of how it was. Ratings begin at 1."""
        rating = None if self.rating is None else max(MIN_RATING, self.rating)
        return Viewing(self.seen_at, self.opinion, rating)

    def entry(self, title: Title, name: ListName, default: datetime) -> Entry:
        """Return the entry of one of its lists; `default` is the time of a row without one."""
        viewing = self.viewing if name is ListName.SEEN else Viewing()
        return Entry.at(title, self.at or default, viewing)


@dataclass(frozen=True, slots=True)
class ImportPart:
    """Up to ROWS_PER_PART rows that follow each other. `version` grows with each change."""

    number: int
    rows: tuple[ImportRow, ...]
    version: int = 0

    @property
    def is_done(self) -> bool:
        """Whether no row waits."""
        return not any(row.is_waiting for row in self.rows)

    def with_rows(self, rows: Iterable[ImportRow]) -> "ImportPart":
        """Return the next version, with some rows replaced."""
        changed = {row.number: row for row in rows}
        return ImportPart(
            self.number,
            tuple(changed.get(row.number, row) for row in self.rows),
            self.version + 1,
        )


type Counts = Mapping[RowStatus, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import without its rows. `counts` has the rows of each status.

    `to_do` are the numbers of the parts that had waiting rows at the beginning; `ignored` the files
    of an archive that were not read. `version` grows with each change.
    """

    id: str
    user_id: str
    site: Site
    file: str
    created_at: datetime
    correlation_id: str
    counts: Counts
    to_do: tuple[int, ...]
    ignored: tuple[str, ...] = ()
    completed_at: datetime | None = None
    version: int = 0

    @property
    def total(self) -> int:
        """The number of rows."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """The number of rows that are still to be processed."""
        return self.counts.get(RowStatus.WAITING, 0)

    def after(self, part: int) -> int | None:
        """Return the part to be processed after a part, None after the last."""
        return next((number for number in self.to_do if number > part), None)

    def with_changes(
        self, before: Iterable[ImportRow], after: Iterable[ImportRow], now: datetime
    ) -> "Import":
        """Return the import after some of its rows have changed; complete if none waits."""
        counts = Counter(self.counts)
        counts.subtract(Counter(row.status for row in before))
        counts.update(Counter(row.status for row in after))
        is_done = counts[RowStatus.WAITING] == 0
        return replace(
            self,
            counts={status: counts[status] for status in RowStatus if counts[status]},
            completed_at=self.completed_at or (now if is_done else None),
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What a file says. `ignored` are the files of an archive that were not read."""

    site: Site
    rows: Sequence[ImportRow]
    ignored: tuple[str, ...] = field(default=())


def numbered(rows: Sequence[ImportRow]) -> Sequence[ImportPart]:
    """Return rows in parts, numbered from 1."""
    named = [replace(row, number=number) for number, row in enumerate(rows, start=1)]
    return [
        ImportPart(start // ROWS_PER_PART, tuple(named[start : start + ROWS_PER_PART]))
        for start in range(0, len(named), ROWS_PER_PART)
    ]


def part_of(number: int) -> int:
    """Return the part that has a row."""
    return (number - 1) // ROWS_PER_PART
