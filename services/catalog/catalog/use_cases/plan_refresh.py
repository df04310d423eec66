"""Start a refresh, with one message for each list, and report its progress."""

from dataclasses import dataclass, replace

from catalog.domain import PageTask, Run, Scope, start_run
from catalog.domain.errors import RefreshNotFound, RefreshRunning
from catalog.ports import RefreshRunRepository, WorkQueue
from matinee.clock import Clock
from matinee.events.envelope import Trace


@dataclass(frozen=True, slots=True)
class RefreshPlanner:
    """Starts runs. `pages` is the default for how many pages of each list a run reads."""

    runs: RefreshRunRepository
    queue: WorkQueue
    pages: int
    now: Clock

    def start(self, run_id: str, scope: Scope, trace: Trace, pages: int | None = None) -> Run:
        """Start a run, or finish starting it when it exists: all its lists are then in the queue.

        A repeated message does nothing if its page is done.
        """
        run = start_run(run_id, scope, pages or self.pages, self.now())
        self.runs.create(run)
        run = self.runs.get_run(run_id) or run
        tasks = [
            PageTask(run.id, progress.key, 1, run.pages, run.started_at) for progress in run.lists
        ]
        self.queue.send(tasks, trace)
        return run

    def start_unless_running(
        self, run_id: str, scope: Scope, trace: Trace, pages: int | None = None
    ) -> Run:
        """Start a run on request; raise RefreshRunning while another one is running."""
        latest = self.runs.get_latest()
        if latest and latest.is_running(self.now()):
            raise RefreshRunning(runId=latest.id)
        return self.start(run_id, scope, trace, pages)

    def get(self, run_id: str) -> Run:
        """Return a run with its lists by name; raise RefreshNotFound."""
        run = self.runs.get_run(run_id)
        if run is None:
            raise RefreshNotFound
        return replace(run, lists=tuple(sorted(run.lists, key=lambda progress: progress.key.name)))
