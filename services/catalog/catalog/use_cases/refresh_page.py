"""The use case: one page of a list is read, enriched, stored, counted; the next is asked for.

What a crash leaves, the message finds again: a page that is done is not read again, a title whose
details are stored is not asked for again, rows are put where they were, and the next page's message
has the same id however often it is sent.

    before the titles are stored     this page's requests are repeated, no others
    before the page is counted       its list request is repeated, its details are fresh
    before the next is asked for     nothing is repeated but the asking
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
    Page,
    PageOfRun,
    PageState,
    Title,
    TitleId,
)
from catalog.ports import (
    Claims,
    Lists,
    MediaCache,
    PageResult,
    RefreshRecord,
    TitleStore,
    Tmdb,
    WorkQueue,
)
from matinee.clock import Clock
from matinee.events.envelope import Trace
from matinee.observability import count, logger

CLAIMED_FOR = timedelta(hours=1)
"""Longer than a page's message is tried again."""


class RunForgotten(Exception):
    """A page of a run that nobody remembers."""


@dataclass(frozen=True, slots=True)
class PageWorker:
    """Reads pages. It works on one at a time."""

    tmdb: Tmdb
    cache: MediaCache
    store: TitleStore
    lists: Lists
    record: RefreshRecord
    claims: Claims
    queue: WorkQueue
    now: Clock

    def read(self, place: PageOfRun, trace: Trace) -> None:
        """Read a page unless that is done, and go on.

        Raises RunForgotten, or what TMDB's port raises.

        A page that has been given up is read leniently: titles whose details cannot be had are
        shown with what the list says of them.
        """
        progress = self._progress(place)
        before = self.record.page(place)
        if before is not PageState.DONE:
            sent = self.tmdb.requests
            try:
                result = self._refresh(place, progress, trace, lenient=before is PageState.FAILED)
            except Exception:
                self.record.count_requests(place, self.tmdb.requests - sent)
                count("PageAttemptsFailed")
                raise
            result = replace(result, requests=self.tmdb.requests - sent)
            self.record.finish_page(place, before, result)
            count("PagesRefreshed")
        self._go_on(place, trace)

    def give_up(self, place: PageOfRun, trace: Trace) -> None:
        """Count a page as failed and let its list go on: before the last attempt to read it."""
        if self.record.progress(place) is None:
            return
        self.record.fail_page(place)
        logger.warning("page_given_up", extra={"list": place.key.name, "page": place.page})
        count("PagesFailed")
        self._go_on(place, trace)

    def _refresh(
        self, place: PageOfRun, progress: ListProgress, trace: Trace, *, lenient: bool
    ) -> PageResult:
        page = self.tmdb.page(place)
        titles = _new(page, self.record.seen(place))
        enrichment = self._enrich(place, titles, trace)
        if enrichment.fault and not lenient:
            raise enrichment.fault
        shown = [title if title and _id(title) not in enrichment.gone else None for title in titles]
        self.lists.put_page(place, shown)
        return PageResult(
            pages=_pages(page, place, progress),
            ids=frozenset(title.id for title in shown if title),
            missed=len(enrichment.gone) + enrichment.missed,
            requests=0,
        )

    def _enrich(
        self, place: PageOfRun, titles: Sequence[Title | None], trace: Trace
    ) -> "_Enriched":
        """Fetch and store the details that are missing or stale, unless another page does."""
        ids = [_id(title) for title in titles if title]
        cached = self.cache.titles(ids)
        wanted = [id_ for id_ in ids if not _is_fresh(cached, id_, self.now)]
        mine = self.claims.claim(wanted, place.holder, self.now() + CLAIMED_FOR)
        if not mine:
            return _Enriched(Enrichment({}), 0)
        enrichment = self.tmdb.details(mine)
        enrichment = _for_everybody(enrichment)
        now = self.now()
        self.store.store([CachedTitle.of(each, now) for each in enrichment.found.values()], trace)
        missed = len(mine) - len(enrichment.found) - len(enrichment.gone)
        return _Enriched(enrichment, missed)

    def _go_on(self, place: PageOfRun, trace: Trace) -> None:
        """Ask for the next page, or end the list; again when it has been shown without a page."""
        progress = self._progress(place)
        if progress.goes_on_after(place.page):
            self.queue.send([replace(place, page=place.page + 1)], trace)
        if not progress.is_over:
            return
        if progress.is_to_be_ended:
            self._end(place, progress, trace)
        if run := self.record.complete(place.run_id):
            logger.info("refresh_completed", extra={"run_id": run.id, "kept": run.kept})
            if run.kept < len(run.lists):
                count("RefreshCompleted")
            else:
                count("RefreshFailed")

    def _end(self, place: PageOfRun, progress: ListProgress, trace: Trace) -> None:
        if progress.is_to_be_shown and self.lists.publish(place, progress, trace):
            count("ListsRefreshed")
        else:
            self.record.keep(place)
            logger.warning("list_kept", extra={"list": place.key.name, "failed": progress.failed})
            count("ListsKept")

    def _progress(self, place: PageOfRun) -> ListProgress:
        progress = self.record.progress(place)
        if progress is None:
            raise RunForgotten
        return progress


@dataclass(frozen=True, slots=True)
class _Enriched:
    """An enrichment, and how many titles it should have found and has not."""

    enrichment: Enrichment
    missed: int

    @property
    def gone(self) -> frozenset[TitleId]:
        return self.enrichment.gone

    @property
    def fault(self) -> Exception | None:
        return self.enrichment.fault


def _pages(page: Page, place: PageOfRun, progress: ListProgress) -> int:
    """Return how many pages there are to read, as a page says.

    Not even its own, says one that has titles: it is not believed, once said would end the list.
    """
    if page.titles and page.total_pages < place.page:
        return progress.pages
    return min(max(page.total_pages, place.page - 1), place.pages, LAST_PAGE)


def _new(page: Page, shown: frozenset[int]) -> Sequence[Title | None]:
    """Return a page's titles by rank; None where there is none, or one that an earlier page has.

    TMDB's lists move while they are read: what was on page 3 may come again on page 4.
    """
    seen = set(shown)
    ranks: list[Title | None] = []
    for title in page.titles[:TITLES_PER_PAGE]:
        if title.adult or title.id in seen:
            ranks.append(None)
        else:
            seen.add(title.id)
            ranks.append(title)
    return ranks + [None] * (TITLES_PER_PAGE - len(ranks))


def _for_everybody(enrichment: Enrichment) -> Enrichment:
    """Count titles that are for adults as gone: their details may know it before the list does."""
    adult = {id_ for id_, details in enrichment.found.items() if details.title.adult}
    found = {id_: details for id_, details in enrichment.found.items() if id_ not in adult}
    return replace(enrichment, found=found, gone=enrichment.gone | adult)


def _is_fresh(cached: Mapping[TitleId, CachedTitle], id_: TitleId, now: Clock) -> bool:
    return id_ in cached and cached[id_].is_fresh(now())


def _id(title: Title) -> TitleId:
    return TitleId(title.media_type, title.id)
