"""The use case: a refresh begins, with one message for each list."""

from dataclasses import dataclass, replace

from catalog.domain import PageOfRun, Run, Scope, begin
from catalog.domain.errors import RefreshNotFound, RefreshRunning
from catalog.ports import RefreshRecord, WorkQueue
from matinee.clock import Clock
from matinee.events.envelope import Trace


@dataclass(frozen=True, slots=True)
class Planner:
    """Begins refreshes. `pages` is how many of each list's pages a run reads unless told."""

    record: RefreshRecord
    queue: WorkQueue
    pages: int
    now: Clock

    def begin(self, run_id: str, scope: Scope, trace: Trace, pages: int | None = None) -> Run:
        """Begin a run, or go on beginning it when it is known: all its lists are in the queue then.

        A repeated message does nothing where its page is done.
        """
        run = begin(run_id, scope, pages or self.pages, self.now())
        self.record.begin(run)
        run = self.record.run(run_id) or run
        places = [
            PageOfRun(run.id, progress.key, 1, run.pages, run.started_at) for progress in run.lists
        ]
        self.queue.send(places, trace)
        return run

    def begin_unless_running(
        self, run_id: str, scope: Scope, trace: Trace, pages: int | None = None
    ) -> Run:
        """Begin a run for somebody who asks; raises RefreshRunning while another one goes on."""
        latest = self.record.latest()
        if latest and latest.is_running(self.now()):
            raise RefreshRunning(runId=latest.id)
        return self.begin(run_id, scope, trace, pages)

    def look_up(self, run_id: str) -> Run:
        """Return a run; raises RefreshNotFound."""
        run = self.record.run(run_id)
        if run is None:
            raise RefreshNotFound
        return replace(run, lists=tuple(sorted(run.lists, key=lambda progress: progress.key.name)))
