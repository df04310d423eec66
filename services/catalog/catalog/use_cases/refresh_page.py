"""Refresh one page of a list: fetch, enrich, store and count it, then request the next page.

Every step may be repeated after a crash: a page that is done is not read again, a title whose
details are stored is not requested again, rows are written at the same ranks, and the next page's
message has the same id however often it is sent.

    crash before the titles are stored    this page's requests are repeated, no others
    crash before the page is counted      its list is requested again, its details are fresh
    crash before the next is requested    only that message is sent again
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from catalog.domain import (
    LAST_PAGE,
    TITLES_PER_PAGE,
    CachedTitle,
    Enrichment,
    ListProgress,
    PageState,
    PageTask,
    Title,
    TitlePage,
)
from catalog.ports import (
    LeaseRepository,
    ListProgressRepository,
    ListVersionRepository,
    PageResult,
    PageStateRepository,
    RefreshRunRepository,
    SyncTmdb,
    TitleRepository,
    WorkQueue,
)
from matinee.clock import Clock
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.observability import count, logger

LEASE_TTL = timedelta(hours=1)
"""Longer than a page's message is retried."""


class UnknownRun(Exception):
    """A page of a run without a record."""


@dataclass(frozen=True, slots=True)
class PageRefresher:
    """Refreshes pages, one at a time."""

    tmdb: SyncTmdb
    titles: TitleRepository
    versions: ListVersionRepository
    runs: RefreshRunRepository
    lists: ListProgressRepository
    pages: PageStateRepository
    leases: LeaseRepository
    queue: WorkQueue
    now: Clock

    def refresh(self, task: PageTask, trace: Trace) -> None:
        """Refresh a page unless it is done, and continue with its list.

        A page that was counted as failed is read leniently: titles whose details cannot be fetched
        are shown with what the list contains. Raises UnknownRun, or what the TMDB port raises.
        """
        progress = self._progress(task)
        before = self.pages.get_page_state(task)
        if before is not PageState.DONE:
            sent = self.tmdb.requests
            try:
                result = self._read(task, progress, trace, lenient=before is PageState.FAILED)
            except Exception:
                self.lists.add_requests(task, self.tmdb.requests - sent)
                count("PageAttemptsFailed")
                raise
            result = replace(result, requests=self.tmdb.requests - sent)
            self.pages.mark_done(task, before, result)
            count("PagesRefreshed")
        self._continue(task, trace)

    def give_up(self, task: PageTask, trace: Trace) -> None:
        """Count a page as failed and continue with its list: before the last attempt to read it."""
        if self.lists.get_progress(task) is None:
            return
        self.pages.mark_failed(task)
        logger.warning("page_given_up", extra={"list": task.key.name, "page": task.page})
        count("PagesFailed")
        self._continue(task, trace)

    def _read(
        self, task: PageTask, progress: ListProgress, trace: Trace, *, lenient: bool
    ) -> PageResult:
        page = self.tmdb.page(task)
        titles = _without_repetitions(page, self.lists.get_title_ids(task))
        enrichment, missed = self._enrich(task, titles, trace)
        if enrichment.fault and not lenient:
            raise enrichment.fault
        shown = [title if title and title.key not in enrichment.gone else None for title in titles]
        self.versions.put_page(task, shown)
        return PageResult(
            pages=_pages(page, task, progress),
            ids=frozenset(title.id for title in shown if title),
            missed=len(enrichment.gone) + missed,
            requests=0,
        )

    def _enrich(
        self, task: PageTask, titles: Sequence[Title | None], trace: Trace
    ) -> tuple[Enrichment, int]:
        """Fetch and store details that are missing or stale, unless another page does.

        Returns them and how many of the requested titles are neither found nor gone.
        """
        keys = [title.key for title in titles if title]
        cached = self.titles.get_many(keys)
        wanted = [key for key in keys if not _is_fresh(cached, key, self.now)]
        leased = self.leases.acquire(wanted, task.id, self.now() + LEASE_TTL)
        if not leased:
            return Enrichment({}), 0
        enrichment = _without_adult_titles(self.tmdb.details(leased))
        now = self.now()
        self.titles.store(
            [CachedTitle.fetched(each, now) for each in enrichment.found.values()], trace
        )
        return enrichment, len(leased) - len(enrichment.found) - len(enrichment.gone)

    def _continue(self, task: PageTask, trace: Trace) -> None:
        """Request the next page, or close the list, again if it was published without a page."""
        progress = self._progress(task)
        if progress.continues_after(task.page):
            self.queue.send([replace(task, page=task.page + 1)], trace)
        if not progress.is_finished:
            return
        if progress.is_to_be_closed:
            self._close(task, progress, trace)
        if run := self.runs.complete(task.run_id):
            logger.info("refresh_completed", extra={"run_id": run.id, "kept": run.lists_kept})
            count("RefreshCompleted" if run.lists_kept < len(run.lists) else "RefreshFailed")

    def _close(self, task: PageTask, progress: ListProgress, trace: Trace) -> None:
        if progress.is_publishable and self.versions.publish(task, progress, trace):
            count("ListsRefreshed")
        else:
            self.lists.mark_kept(task)
            logger.warning("list_kept", extra={"list": task.key.name, "failed": progress.failed})
            count("ListsKept")

    def _progress(self, task: PageTask) -> ListProgress:
        progress = self.lists.get_progress(task)
        if progress is None:
            raise UnknownRun
        return progress


def _pages(page: TitlePage, task: PageTask, progress: ListProgress) -> int:
    """Return how many pages there are to read, as TMDB now reports.

    A page with titles that reports fewer pages than its own number is ignored: believed once, it
    would end the list.
    """
    if page.titles and page.total_pages < task.page:
        return progress.pages
    return min(max(page.total_pages, task.page - 1), task.pages, LAST_PAGE)


def _without_repetitions(page: TitlePage, known: frozenset[int]) -> Sequence[Title | None]:
    """Return a page's titles by rank; None where there is none, or one of an earlier page.

    TMDB's lists change while they are read: a title of page 3 may come again on page 4.
    """
    seen = set(known)
    ranks: list[Title | None] = []
    for title in page.titles[:TITLES_PER_PAGE]:
        if title.adult or title.id in seen:
            ranks.append(None)
        else:
            seen.add(title.id)
            ranks.append(title)
    return ranks + [None] * (TITLES_PER_PAGE - len(ranks))


def _without_adult_titles(enrichment: Enrichment) -> Enrichment:
    """Count titles for adults as gone: their details may say so before the list does."""
    adult = {key for key, details in enrichment.found.items() if details.title.adult}
    found = {key: details for key, details in enrichment.found.items() if key not in adult}
    return replace(enrichment, found=found, gone=enrichment.gone | adult)


def _is_fresh(cached: Mapping[TitleKey, CachedTitle], key: TitleKey, now: Clock) -> bool:
    return key in cached and cached[key].is_fresh(now())
