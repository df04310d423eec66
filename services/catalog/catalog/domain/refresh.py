"""A refresh: which lists it reads, how far it has come, and what becomes of a list in the end.

A page is done or failed. A failed page does not stop its list; a list of which too much is missing
is not shown, and the edition before it stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain.lists import ListKey, ListType
from catalog.domain.page_sampler import LAST_PAGE, TITLES_PER_PAGE
from catalog.domain.titles import MediaType

MISSED_AT_MOST = 5
"""One page of so many may fail, and the list is shown all the same."""

SILENT_FOR = timedelta(minutes=30)
"""A run that has done nothing for so long is not waited for any more."""

BEGUN_WITHIN = timedelta(minutes=3)
"""A run that has not done anything by then was never begun: its planner failed on the way."""


class Scope(StrEnum):
    """What a run reads: TMDB's own lists, or those and one of each genre."""

    LISTS = "lists"
    EVERYTHING = "everything"

    @property
    def keys(self) -> Sequence[ListKey]:
        """The lists: 6, or these and 35 genres."""
        own = [
            ListKey(list_type, media_type)
            for media_type in MediaType
            for list_type in (ListType.TRENDING, ListType.POPULAR, ListType.TOP_RATED)
        ]
        if self is Scope.LISTS:
            return own
        genres = [
            ListKey(ListType.GENRE, media_type, genre_id)
            for media_type in MediaType
            for genre_id in media_type.genres
        ]
        return [*own, *genres]


class PageState(StrEnum):
    """What is known of a page. A failed one may still be done later."""

    DONE = "done"
    FAILED = "failed"


class ListState(StrEnum):
    """What has become of a list in a run."""

    RUNNING = "running"
    PUBLISHED = "published"
    KEPT = "kept"
    """Too much of it failed, it was empty, or another run was later: what was shown stays."""


@dataclass(frozen=True, slots=True)
class PageOfRun:
    """One page of one list in one run: what a message asks for.

    `pages` is how many pages the run reads of this list, if there are as many. `started_at` is the
    run's: the later of two runs decides what a list shows.
    """

    run_id: str
    key: ListKey
    page: int
    pages: int
    started_at: datetime

    @property
    def first_rank(self) -> int:
        """The rank of its first title."""
        return (self.page - 1) * TITLES_PER_PAGE + 1

    @property
    def holder(self) -> str:
        """Its name among those who may ask for a title's details."""
        return f"{self.run_id}/{self.key.name}/{self.page}"


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far a run has come with one list.

    `pages` is how many there are to read: as many as were asked for, until TMDB has said that there
    are fewer. `titles` have a row; `missed` are titles whose details could not be had. `shown` is
    how many pages were done when the list was shown: a page that comes back from the dead-letter
    queue makes them more.
    """

    key: ListKey
    state: ListState
    pages: int
    done: int = 0
    failed: int = 0
    titles: int = 0
    missed: int = 0
    requests: int = 0
    shown: int = 0
    touched_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether every page is done or failed, or so many failed that the rest cannot help."""
        return self.done + self.failed >= self.pages or not self.is_worth_showing

    @property
    def is_worth_showing(self) -> bool:
        """Whether few enough pages failed."""
        return self.failed * MISSED_AT_MOST <= self.pages

    @property
    def is_to_be_shown(self) -> bool:
        """Whether few enough pages failed, and there is anything. TMDB's lists are never empty."""
        return self.is_worth_showing and self.titles > 0

    @property
    def is_to_be_ended(self) -> bool:
        """Whether what was done last has yet to be shown, or the list to be given up."""
        match self.state:
            case ListState.RUNNING:
                return self.is_over
            case ListState.PUBLISHED:
                return self.is_over and self.done > self.shown
            case ListState.KEPT:
                return self.is_over and self.is_to_be_shown

    def goes_on_after(self, page: int) -> bool:
        """Return whether there is a page after this one to be read."""
        return page < min(self.pages, LAST_PAGE) and self.is_worth_showing


@dataclass(frozen=True, slots=True)
class Run:
    """A refresh. `completed_at` is None while a list is running."""

    id: str
    scope: Scope
    pages: int
    started_at: datetime
    lists: tuple[ListProgress, ...]
    completed_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether no list is running any more."""
        return all(progress.state is not ListState.RUNNING for progress in self.lists)

    @property
    def kept(self) -> int:
        """How many lists still show what they showed before."""
        return sum(progress.state is ListState.KEPT for progress in self.lists)

    @property
    def active_at(self) -> datetime:
        """When something was last done."""
        moments = [progress.touched_at for progress in self.lists if progress.touched_at]
        return max([self.started_at, *moments])

    def is_running(self, now: datetime) -> bool:
        """Return whether it goes on; one that has been silent for long is given up."""
        patience = SILENT_FOR if self.active_at > self.started_at else BEGUN_WITHIN
        return self.completed_at is None and now < self.active_at + patience


def begin(run_id: str, scope: Scope, pages: int, now: datetime) -> Run:
    """Return a new run."""
    lists = tuple(ListProgress(key, ListState.RUNNING, pages) for key in scope.keys)
    return Run(run_id, scope, pages, now, lists)
