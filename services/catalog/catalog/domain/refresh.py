"""A refresh: which lists a run reads, its progress, and when a list is published.

A page is done or failed. A failed page does not stop its list; a list of which too many pages
failed is not published, and its previous version stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain.lists import ListKey, ListType
from catalog.domain.page_sampler import LAST_PAGE, TITLES_PER_PAGE
from matinee.media import MediaType

MIN_PAGES_PER_FAILURE = 5
"""A list is published if at most one of so many of its pages failed."""

STALLED_AFTER = timedelta(minutes=30)
"""A run without any progress for so long no longer counts as running."""

START_TIMEOUT = timedelta(minutes=3)
"""A run without any progress by then was never started: its planner failed on the way."""


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
    """The state of a page that has been tried. A failed one may still be done later."""

    DONE = "done"
    FAILED = "failed"


class ListState(StrEnum):
    """The state of a list in a run."""

    RUNNING = "running"
    PUBLISHED = "published"
    KEPT = "kept"
    """Too many pages failed, it was empty, or another run was later: the previous version stays."""


@dataclass(frozen=True, slots=True)
class PageTask:
    """One page of one list in one run: the content of a message.

    `pages` is how many pages the run reads of this list, if it has as many. `started_at` is the
    run's: of two runs, the list of the later one is shown.
    """

    run_id: str
    key: ListKey
    page: int
    pages: int
    started_at: datetime

    @property
    def id(self) -> str:
        """The page within all runs; also the owner of its leases."""
        return f"{self.run_id}/{self.key.name}/{self.page}"

    @property
    def first_rank(self) -> int:
        """The rank of its first title."""
        return (self.page - 1) * TITLES_PER_PAGE + 1


@dataclass(frozen=True, slots=True)
class ListProgress:
    """A run's progress with one list.

    `pages` is how many there are to read: as many as were requested, until TMDB reports fewer.
    `titles` counts the titles that have a row, `missed` those whose details could not be fetched.
    `published_pages` is how many pages were done when the list was published: a page that comes
    back from the dead-letter queue makes `done` exceed it.
    """

    key: ListKey
    state: ListState
    pages: int
    done: int = 0
    failed: int = 0
    titles: int = 0
    missed: int = 0
    requests: int = 0
    published_pages: int = 0
    updated_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether every page is done or failed, or too many failed."""
        return self.done + self.failed >= self.pages or not self.has_few_failures

    @property
    def has_few_failures(self) -> bool:
        """Whether few enough pages failed for the list to be published."""
        return self.failed * MIN_PAGES_PER_FAILURE <= self.pages

    @property
    def is_publishable(self) -> bool:
        """Whether few enough pages failed and there is a title. TMDB's lists are never empty."""
        return self.has_few_failures and self.titles > 0

    @property
    def is_to_be_closed(self) -> bool:
        """Whether the list must now be published, or kept as it was."""
        match self.state:
            case ListState.RUNNING:
                return self.is_finished
            case ListState.PUBLISHED:
                return self.is_finished and self.done > self.published_pages
            case ListState.KEPT:
                return self.is_finished and self.is_publishable

    def continues_after(self, page: int) -> bool:
        """Return whether another page is to be read after this one."""
        return page < min(self.pages, LAST_PAGE) and self.has_few_failures


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
    def is_finished(self) -> bool:
        """Whether no list is running any more."""
        return all(progress.state is not ListState.RUNNING for progress in self.lists)

    @property
    def lists_kept(self) -> int:
        """How many lists were not published."""
        return sum(progress.state is ListState.KEPT for progress in self.lists)

    @property
    def last_activity_at(self) -> datetime:
        """When there was progress last."""
        moments = [progress.updated_at for progress in self.lists if progress.updated_at]
        return max([self.started_at, *moments])

    def is_running(self, now: datetime) -> bool:
        """Return whether it is running: neither completed nor without progress for too long."""
        has_started = self.last_activity_at > self.started_at
        limit = STALLED_AFTER if has_started else START_TIMEOUT
        return self.completed_at is None and now < self.last_activity_at + limit


def start_run(run_id: str, scope: Scope, pages: int, now: datetime) -> Run:
    """Return a new run."""
    lists = tuple(ListProgress(key, ListState.RUNNING, pages) for key in scope.keys)
    return Run(run_id, scope, pages, now, lists)
